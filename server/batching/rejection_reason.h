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
  kStopping,      // the server is draining
  kOverload,      // the queueing delay is already too long (AdmissionControl)
  kQueueRows,     // the most rows allowed already wait
  kQueueBytes,    // the most bytes allowed already wait
  kQueueSize,     // as many requests wait as the model's max_queue_size allows
  kDeadline,      // the gRPC deadline passed, or can no longer be met
  kTimeout,       // the request's or the model's timeout passed
  kCancelled,     // the client gave up
  kAnswerBytes,   // too many answers wait for clients to take them (AnswerBudget)
  kOpenStreams,   // the most streams allowed are open
  kMemory,        // too little memory for the request or its answer
  kDenied,        // the caller may not make this call, or not for this model
  kFailed,        // the answer could not be encoded, a bug of the server
};
inline constexpr std::size_t kRejectionReasons = 16;

// The value of label `reason` in mlp_rejected_total.
absl::string_view NameOf(RejectionReason reason);

// The error for the client if the content of the request is not the reason. `reason` is one of
// kStopping to kFailed, except kDenied.
absl::Status StatusOf(RejectionReason reason);

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_REJECTION_REASON_H_
