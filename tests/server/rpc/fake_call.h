// An answer slot of a call that nobody sends.

#ifndef MLP_TESTS_SERVER_RPC_FAKE_CALL_H_
#define MLP_TESTS_SERVER_RPC_FAKE_CALL_H_

#include <cstddef>

#include "absl/status/status.h"
#include "server/rpc/answer_slot.h"
#include "server/rpc/call_coroutine.h"

namespace mlp {

struct FakeCall {
  explicit FakeCall(AnswerSlot::Form form = AnswerSlot::Form::kUnary,
                    std::size_t most_bytes = AnswerSlot::kMaxBytes)
      : slot(form, over, wakeup, most_bytes) {}

  absl::StatusCode code() const { return slot.status().code(); }

  Wakeup wakeup;
  CompletionTag over{wakeup};
  AnswerSlot slot;
};

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_RPC_FAKE_CALL_H_
