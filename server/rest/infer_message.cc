#include "server/rest/infer_message.h"

#include <algorithm>
#include <new>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "proto/open_inference.pb.h"
#include "server/memory_room.h"
#include "server/rest/infer_answer.h"
#include "server/rpc/message_bytes.h"

namespace mlp {
namespace {

// `reason`: unless there was too little memory.
InferRefusal InferRefusalOf(absl::Status status, RejectionReason reason) {
  return {absl::IsResourceExhausted(status) ? RejectionReason::kMemory : reason, std::move(status)};
}

}  // namespace

std::optional<InferRefusal> ReadInferMessage(const RestPath& path, RestBody& body,
                                             std::optional<std::size_t> json_bytes,
                                             std::int64_t most_message_bytes, AnswerForm& form,
                                             grpc::ByteBuffer& message) {
  const auto bytes = static_cast<std::int64_t>(body.bytes().size());
  const std::int64_t json =
      json_bytes ? std::min(bytes, static_cast<std::int64_t>(*json_bytes)) : bytes;
  // The parser's memory, and twice the binary values.
  if (!HasMemoryRoom(kReadingBytesPerByte * json + 2 * (bytes - json))) {
    return InferRefusal(RejectionReason::kMemory);
  }
  inference::ModelInferRequest request;
  request.set_model_name(path.model);
  request.set_model_version(path.version);
  if (absl::Status status = ReadInferBody(body.bytes(), json_bytes, request, form); !status.ok()) {
    return InferRefusalOf(std::move(status), RejectionReason::kInvalid);
  }
  body.Drop();
  const auto encoded_bytes = static_cast<std::int64_t>(request.ByteSizeLong());
  if (encoded_bytes > most_message_bytes) {
    return InferRefusal(
        RejectionReason::kInvalid,
        absl::ResourceExhaustedError(absl::StrCat(
            "the request takes ", encoded_bytes, " bytes as a message; expected at most ",
            most_message_bytes, ": the server's --max-message-bytes is the limit")),
        kContentTooLarge);
  }
  if (!HasMemoryRoom(encoded_bytes)) throw std::bad_alloc();
  if (!EncodeMessage(request, message).ok()) {
    return InferRefusal(RejectionReason::kFailed,
                        absl::InternalError("the request could not be encoded"));
  }
  return std::nullopt;
}

std::optional<InferRefusal> WriteInferReply(grpc::ByteBuffer& message, const AnswerForm& form,
                                            RestReply& reply) {
  const auto bytes = static_cast<std::int64_t>(message.Length());
  if (!HasMemoryRoom(2 * bytes + MostAnswerBytes(bytes))) throw std::bad_alloc();
  inference::ModelInferResponse response;
  if (absl::Status status = DecodeMessage(message, response); !status.ok()) {
    return InferRefusalOf(std::move(status), RejectionReason::kFailed);
  }
  absl::StatusOr<InferAnswer> answer = WriteInferAnswer(response, form);
  if (!answer.ok()) return InferRefusalOf(answer.status(), RejectionReason::kFailed);
  reply = {200, std::move(answer->body), answer->json_bytes};
  return std::nullopt;
}

}  // namespace mlp
