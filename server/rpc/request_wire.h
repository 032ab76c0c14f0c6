// Examines the bytes of a ModelInferRequest before they are decoded.
//
// Protobuf makes an object of each string and message, however short it is on the wire: two bytes
// become an input of a hundred. So the fields are counted first, and a request that would take much
// more memory than its bytes is refused without being decoded.

#ifndef MLP_SERVER_RPC_REQUEST_WIRE_H_
#define MLP_SERVER_RPC_REQUEST_WIRE_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace mlp {

// The most objects of a request: inputs, outputs, parameters, raw contents, byte strings and
// unknown fields, all together.
inline constexpr std::int64_t kMaxRequestObjects = 4'096;

// How much of a name is kept, in bytes. No model has a name this long (docs/use/repository.md).
inline constexpr int kMaxRequestNameBytes = 1'024;

// What is known of a request once its fields are counted.
struct RequestWire {
  // As the request names them; empty if the fields are missing. Names are cut to
  // kMaxRequestNameBytes.
  std::string model_name;
  std::string model_version;

  // The memory that the decoded request takes: an estimate, rather too high than too low.
  std::int64_t decoded_bytes = 0;
};

// Walks over all fields of `bytes` and fills `wire`. The time is proportional to `bytes`, the
// memory is not. INVALID_ARGUMENT if `bytes` are not a protobuf message, or have more than
// kMaxRequestObjects objects. What is OK may still fail to decode. `bytes` stay as they are.
absl::Status ReadRequestWire(grpc::ByteBuffer& bytes, RequestWire& wire);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_REQUEST_WIRE_H_
