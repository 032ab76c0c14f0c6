// Converts an inference between its bodies over HTTP and the messages of gRPC's workers.

#ifndef MLP_SERVER_REST_INFER_MESSAGE_H_
#define MLP_SERVER_REST_INFER_MESSAGE_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "server/batching/rejection_reason.h"
#include "server/rest/http_status.h"
#include "server/rest/infer_body.h"
#include "server/rest/rest_body.h"
#include "server/rest/rest_path.h"
#include "server/rest/rest_reply.h"

namespace mlp {

// Why an inference is refused.
struct InferRefusal {
  InferRefusal(RejectionReason why, absl::Status error)
      : reason(why), status(std::move(error)), code(HttpStatusOf(status.code())) {}
  InferRefusal(RejectionReason why, absl::Status error, int http_code)
      : reason(why), status(std::move(error)), code(http_code) {}
  // With the status of the reason.
  explicit InferRefusal(RejectionReason why) : InferRefusal(why, StatusOf(why)) {}

  RejectionReason reason;
  absl::Status status;
  int code;  // HTTP's
};

// Reads the request at `path` from `body` (ReadInferBody) into `message`, a ModelInferRequest of at
// most `most_message_bytes`, and into `form`. Drops the body before it encodes the message. Returns
// why the request is refused, if it is. Throws bad_alloc.
std::optional<InferRefusal> ReadInferMessage(const RestPath& path, RestBody& body,
                                             std::optional<std::size_t> json_bytes,
                                             std::int64_t most_message_bytes, AnswerForm& form,
                                             grpc::ByteBuffer& message);

// Writes the ModelInferResponse in `message`, which it empties, into `reply`. Returns why that
// fails, if it does. Throws bad_alloc.
std::optional<InferRefusal> WriteInferReply(grpc::ByteBuffer& message, const AnswerForm& form,
                                            RestReply& reply);

}  // namespace mlp

#endif  // MLP_SERVER_REST_INFER_MESSAGE_H_
