// Messages as they go over the wire, without their generated classes.

#ifndef MLP_CLIENT_BENCH_WIRE_H_
#define MLP_CLIENT_BENCH_WIRE_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/open_inference.pb.h"

namespace mlp {

inline constexpr char kInferMethod[] = "/inference.GRPCInferenceService/ModelInfer";
inline constexpr char kStreamInferMethod[] = "/inference.GRPCInferenceService/ModelStreamInfer";

// `request` in one piece, which every send shares.
grpc::ByteBuffer Serialize(const inference::ModelInferRequest& request);

// All of `bytes` in one piece, without a copy where it is one already; empty where it cannot be
// had. Thread-safe.
grpc::Slice Flatten(const grpc::ByteBuffer& bytes);

inline absl::string_view BytesOf(const grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

// What a message ModelStreamInferResponse { error_message = 1, infer_response = 2 } holds.
struct StreamAnswer {
  std::string error_message;         // not empty: the request failed
  absl::string_view infer_response;  // a part of the message's bytes
};

// None where `bytes` are no such message. Reads no further than it must: the response within is
// passed over. Thread-safe.
std::optional<StreamAnswer> ParseStreamAnswer(absl::string_view bytes);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_WIRE_H_
