// Messages of control calls as gRPC brings them: as bytes, whose size is checked before they are
// decoded. Decoding takes additional memory, and its result may be held for long.

#ifndef MLP_SERVER_RPC_MESSAGE_BYTES_H_
#define MLP_SERVER_RPC_MESSAGE_BYTES_H_

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/memory_room.h"

namespace mlp {

// The longest request of a control call, except for model files: a few names, with room to spare.
inline constexpr std::size_t kMaxControlBytes = std::size_t{64} << 10;

// RESOURCE_EXHAUSTED if `bytes` exceeds that. gRPC has the same code for a message that is too
// long.
inline absl::Status CheckControlBytes(std::size_t bytes) {
  if (bytes <= kMaxControlBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the request has ", bytes, " bytes; expected at most ", kMaxControlBytes));
}

// Returns what `work` returns, or RESOURCE_EXHAUSTED if an allocation in it fails, which must not
// end the calls of others.
template <typename Work>
absl::Status RefuseWithoutMemory(const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("there is not enough memory to answer the request");
  }
}

// Decodes `bytes` and empties them. INVALID_ARGUMENT if they are not a `Message`,
// RESOURCE_EXHAUSTED if there is no memory for it.
template <typename Message>
absl::Status DecodeMessage(grpc::ByteBuffer& bytes, Message& message) {
  bool decoded = false;
  absl::Status status = RefuseWithoutMemory([&] {
    decoded = grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok();
    return absl::OkStatus();
  });
  bytes.Clear();
  if (decoded || !status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat("the request cannot be decoded; expected a ",
                                                 std::string(Message::descriptor()->name()),
                                                 " in protobuf's encoding"));
}

// Encodes `message` into `bytes`.
template <typename Message>
grpc::Status EncodeMessage(const Message& message, grpc::ByteBuffer& bytes) {
  bool own = false;
  return grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own);
}

// Like EncodeMessage, for the answer to a control call, whose size nothing else has limited.
// RESOURCE_EXHAUSTED if there is no memory for it: gRPC, which allocates the bytes, would end the
// process.
template <typename Message>
absl::Status EncodeControlAnswer(const Message& message, grpc::ByteBuffer& bytes) {
  return RefuseWithoutMemory([&] {
    if (!HasMemoryRoom(static_cast<std::int64_t>(message.ByteSizeLong()))) throw std::bad_alloc();
    const grpc::Status encoded = EncodeMessage(message, bytes);
    return encoded.ok() ? absl::OkStatus() : absl::InternalError(encoded.error_message());
  });
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_MESSAGE_BYTES_H_
