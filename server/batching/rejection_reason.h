// Why an inference request was refused.

#ifndef MLP_SERVER_BATCHING_REJECTION_REASON_H_
#define MLP_SERVER_BATCHING_REJECTION_REASON_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Each refused request has one reason.
enum class RejectionReason {
  kInvalid,       // the request itself is wrong
  kUnknownModel,  // no such model or version
  kNotReady,      // the model is not ready
  kStopping,      // the server drains
  kOverload,      // requests wait for too long already (AdmissionControl)
  kQueueRows,     // as many rows wait as may
  kQueueBytes,    // as many bytes wait as may
  kQueueSize,     // as many requests wait as the model's max_queue_size allows
  kDeadline,      // the gRPC deadline passed, or could not be met any more
  kTimeout,       // the request's or the model's timeout passed
  kCancelled,     // the client gave up
  kAnswerBytes,   // too many answers wait until clients take them (AnswerBudget)
  kOpenStreams,   // as many streams are open as may
  kMemory,        // memory for the request or its answer cannot be had
  kDenied,        // the caller may not ask, or not for the model
  kFailed,        // the answer could not be encoded, which is a defect of ours
};
inline constexpr std::size_t kRejectionReasons = 16;

// As the label `reason` of mlp_rejected_total has it.
absl::string_view NameOf(RejectionReason reason);

// The error that a client gets for a reason that is not the request's own content: one of
// kStopping to kFailed, but for kDenied.
absl::Status StatusOf(RejectionReason reason);

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_REJECTION_REASON_H_
