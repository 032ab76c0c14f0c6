#include "server/batching/rejection_reason.h"

#include <new>

namespace mlp {

absl::string_view NameOf(RejectionReason reason) {
  switch (reason) {
    case RejectionReason::kInvalid:
      return "invalid";
    case RejectionReason::kUnknownModel:
      return "unknown_model";
    case RejectionReason::kNotReady:
      return "not_ready";
    case RejectionReason::kStopping:
      return "stopping";
    case RejectionReason::kOverload:
      return "overload";
    case RejectionReason::kQueueRows:
      return "queue_rows";
    case RejectionReason::kQueueBytes:
      return "queue_bytes";
    case RejectionReason::kQueueSize:
      return "queue_size";
    case RejectionReason::kDeadline:
      return "deadline";
    case RejectionReason::kTimeout:
      return "timeout";
    case RejectionReason::kCancelled:
      return "cancelled";
    case RejectionReason::kAnswerBytes:
      return "answer_bytes";
    case RejectionReason::kOpenStreams:
      return "open_streams";
    case RejectionReason::kMemory:
      return "memory";
    case RejectionReason::kDenied:
      return "denied";
    case RejectionReason::kFailed:
      return "failed";
  }
  return "";
}

namespace {

absl::Status FullStatusOf(RejectionReason reason) {
  switch (reason) {
    case RejectionReason::kStopping:
      return absl::UnavailableError("the server is stopping");
    case RejectionReason::kOverload:
      return absl::ResourceExhaustedError(
          "the server is overloaded: requests would wait for longer than "
          "--queue-target-ms and --queue-interval-ms allow");
    case RejectionReason::kQueueRows:
      return absl::ResourceExhaustedError(
          "the queue is full: more rows would wait than --max-queue-rows allows");
    case RejectionReason::kQueueBytes:
      return absl::ResourceExhaustedError(
          "the queue is full: more bytes would wait than --max-queue-bytes allows");
    case RejectionReason::kQueueSize:
      return absl::ResourceExhaustedError(
          "the model's queue is full: its max_queue_size is reached");
    case RejectionReason::kDeadline:
      return absl::DeadlineExceededError(
          "the deadline passed or could no longer be met before the request was evaluated");
    case RejectionReason::kTimeout:
      return absl::DeadlineExceededError("the timeout passed before the request was evaluated");
    case RejectionReason::kCancelled:
      return absl::CancelledError("the call was cancelled before it was evaluated");
    case RejectionReason::kAnswerBytes:
      return absl::ResourceExhaustedError(
          "too many bytes of answers are unread, on this connection or in total; the client must "
          "read its answers");
    case RejectionReason::kOpenStreams:
      return absl::ResourceExhaustedError(
          "too many streams are open, on this connection or in total; close idle streams");
    case RejectionReason::kMemory:
      return absl::ResourceExhaustedError(
          "the server has too little memory for the request or its answer");
    case RejectionReason::kFailed:
      return absl::InternalError("the answer could not be encoded");
    case RejectionReason::kInvalid:
    case RejectionReason::kUnknownModel:
    case RejectionReason::kNotReady:
    case RejectionReason::kDenied:
      break;
  }
  return absl::InternalError("refused for an unknown reason");
}

}  // namespace

absl::Status StatusOf(RejectionReason reason) {
  try {
    return FullStatusOf(reason);
  } catch (const std::bad_alloc&) {
    // A code without a message takes no memory.
    return absl::Status(absl::StatusCode::kResourceExhausted, "");
  }
}

}  // namespace mlp
