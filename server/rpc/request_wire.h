// Looks at the bytes of a ModelInferRequest before they are decoded.
//
// Protobuf makes an object of every field that has one, however short it is on the wire: two bytes
// become an input of a hundred. So the fields are counted first, and a request that would take much
// more memory than its bytes is refused without being decoded.

#ifndef MLP_SERVER_RPC_REQUEST_WIRE_H_
#define MLP_SERVER_RPC_REQUEST_WIRE_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace mlp {

// The most objects of a request: inputs, outputs, parameters, raw contents, byte strings, and
// fields that the protocol does not know, all together.
inline constexpr std::int64_t kMostRequestObjects = 4'096;

// What is kept of a name, in bytes: no model's is so long (docs/repository.md).
inline constexpr int kMostRequestNameBytes = 1'024;

// What is known of a request whose fields were counted.
struct RequestWire {
  // As the request names them; empty where the fields are not there. Of a longer one, the first
  // kMostRequestNameBytes.
  std::string model_name;
  std::string model_version;

  // The memory that the decoded request takes, roughly and rather more than less.
  std::int64_t decoded_bytes = 0;
};

// Walks over all fields of `bytes`, in time and without memory in proportion to them, and fills
// `wire`. INVALID_ARGUMENT where `bytes` are no protobuf message, or have more than
// kMostRequestObjects. What is OK may still fail to decode. `bytes` stay as they are.
absl::Status ReadRequestWire(grpc::ByteBuffer& bytes, RequestWire& wire);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_REQUEST_WIRE_H_
