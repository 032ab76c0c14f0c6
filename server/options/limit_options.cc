// How much memory is used, and how much may wait.

#include "server/options/option_table.h"

namespace mlp {
namespace {

constexpr std::int64_t kGibibyte = std::int64_t{1} << 30;
constexpr std::int64_t kTebi = std::int64_t{1} << 40;

}  // namespace

std::vector<Option> LimitRows(ServerOptions& options) {
  AdmissionOptions& admission = options.admission;
  return {
      {"max-memory-bytes", FromMachine(IntegerValue(options.max_memory_bytes, 0, kTebi)),
       "Memory bound of the process: loads and large requests beyond it are refused; 0: no bound"},
      {"max-answer-bytes", FromMachine(IntegerValue(options.max_answer_bytes, 1024, kGibibyte)),
       "Most bytes of one answer; a request that asks for more is refused"},
      {"max-unread-answer-bytes",
       FromMachine(IntegerValue(options.max_unread_answer_bytes, 1024, kTebi)),
       "Most bytes of answers that clients have not read yet; one connection may hold a quarter "
       "of "
       "what the others leave"},
      {"answer-timeout-seconds", IntegerValue(options.answer_timeout_seconds, 1, 86'400),
       "Cancel a call if its client has not taken an answer after this"},
      {"max-queue-rows", IntegerValue(admission.max_queue_rows, 1, kTebi),
       "Most rows that may wait, over all models"},
      {"max-queue-bytes", FromMachine(IntegerValue(admission.max_queue_bytes, 1, kTebi)),
       "Most bytes of requests that may wait, over all models"},
      {"admission", NameValue(admission.adaptive, {{"adaptive", true}, {"fixed", false}}),
       "adaptive: refuse requests that would wait too long; fixed: limit only rows and bytes"},
      {"queue-target-ms", IntegerValue(admission.target_ms, 1, 60'000),
       "Adaptive admission: longest queueing delay accepted while the queue is standing; a few "
       "batches, or a few requests of the same size, are always accepted"},
      {"queue-interval-ms", IntegerValue(admission.interval_ms, 1, 60'000),
       "Adaptive admission: the queue of a model on a thread is standing if it has not been empty "
       "for this long; until then, this is the accepted queueing delay"},
  };
}

}  // namespace mlp
