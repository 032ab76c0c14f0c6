// Messages of control calls as gRPC brings them: bytes, whose size is looked at before they are
// decoded. Decoding takes memory of its own, and what it makes of a request may be held for long.

#ifndef MLP_SERVER_RPC_MESSAGE_BYTES_H_
#define MLP_SERVER_RPC_MESSAGE_BYTES_H_

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <new>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace mlp {

// The longest request of a control call, but for files of models: a few names, with room to spare.
inline constexpr std::size_t kMostControlBytes = std::size_t{64} << 10;

// RESOURCE_EXHAUSTED, as gRPC has it for too long a message, where `bytes` are more.
inline absl::Status CheckControlBytes(std::size_t bytes) {
  if (bytes <= kMostControlBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the request has ", bytes, " bytes; expected at most ", kMostControlBytes));
}

// Decodes `bytes`, which are empty afterwards. INVALID_ARGUMENT where they are no `Message`,
// RESOURCE_EXHAUSTED where there is no memory for it.
template <typename Message>
absl::Status DecodeMessage(grpc::ByteBuffer& bytes, Message& message) {
  bool decoded = false;
  try {
    decoded = grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok();
  } catch (const std::bad_alloc&) {
    bytes.Clear();
    return absl::ResourceExhaustedError("there is not enough memory to decode the request");
  }
  bytes.Clear();
  if (decoded) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the request cannot be decoded; expected a ",
                                                 std::string(Message::descriptor()->name()),
                                                 " in protobuf's encoding"));
}

// The bytes of `message`, in `bytes`.
template <typename Message>
grpc::Status EncodeMessage(const Message& message, grpc::ByteBuffer& bytes) {
  bool own = false;
  return grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own);
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_MESSAGE_BYTES_H_
