#include "server/rpc/answer_size.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

// The longest integer that is sent typed; its length is variable.
constexpr std::int64_t kLongestInteger = 10;

// The length before each string, typed or raw, with its tag.
constexpr std::int64_t kStringOverhead = 8;

// "%f:%d:" with the longest float and index.
constexpr std::int64_t kLongestClass = 64;

// Names, shapes and parameters of an answer, and of each of its outputs.
constexpr std::int64_t kEnvelopeBytes = 1'024;

// Elements of a classified output for each row.
std::int64_t ClassesOf(const RequestedOutput& requested, std::int64_t units) {
  return std::min(requested.best_units, units);
}

// The bytes of one row of an output in the answer.
std::int64_t EncodedRowBytes(const ServedModel& model, const RequestedOutput& requested, bool raw) {
  const NetworkOutput& output = model.network->outputs()[requested.index];
  const std::int64_t units = model.network->WidthOf(output);
  const std::int64_t longest_label = model.longest_label_bytes[requested.index];
  if (requested.best_units > 0) {
    return ClassesOf(requested, units) * (kLongestClass + longest_label + kStringOverhead);
  }
  const std::int64_t count = output.kind == OutputKind::kLabel ? 1 : units;
  if (output.tensor.datatype == Datatype::kBytes) return count * (longest_label + kStringOverhead);
  const auto element = static_cast<std::int64_t>(SizeOf(output.tensor.datatype));
  // A float takes as many bytes typed as raw.
  const bool fixed = raw || IsFloatingPoint(output.tensor.datatype);
  return count * (fixed ? element : kLongestInteger);
}

}  // namespace

std::int64_t AnswerBytes(const ServedModel& model, const InferRequest& request) {
  std::int64_t values = 0;
  std::int64_t encoded = kEnvelopeBytes;
  for (const RequestedOutput& requested : request.outputs) {
    const std::int64_t units = model.network->WidthOf(model.network->outputs()[requested.index]);
    values += request.rows * units * static_cast<std::int64_t>(sizeof(float));
    encoded += kEnvelopeBytes + request.rows * EncodedRowBytes(model, requested, request.raw);
  }
  return std::max(values, encoded);
}

absl::Status CheckAnswerSize(const ServedModel& model, const InferRequest& request) {
  for (const RequestedOutput& requested : request.outputs) {
    if (requested.best_units == 0) continue;
    const NetworkOutput& output = model.network->outputs()[requested.index];
    const std::int64_t elements =
        request.rows * ClassesOf(requested, model.network->WidthOf(output));
    if (elements > kMaxClassifiedElements) {
      return absl::InvalidArgumentError(
          absl::StrCat("output ", Quote(output.tensor.name), " would have ", elements,
                       " classes, over all rows; expected at most ", kMaxClassifiedElements,
                       ": ask for fewer with 'classification', or send fewer rows in a request"));
    }
  }
  const std::int64_t bytes = request.answer_bytes;
  if (bytes > model.max_answer_bytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the answer of model ", Quote(model.name), " to ", request.rows, " rows would take ", bytes,
        " bytes; expected at most ", model.max_answer_bytes,
        ": send fewer rows in a request, or ask for fewer "
        "outputs; the server's --max-answer-bytes is the limit"));
  }
  return absl::OkStatus();
}

}  // namespace mlp
