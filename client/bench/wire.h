// Messages in their wire format, without generated classes.

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

// `request` as a single slice, shared by every send.
grpc::ByteBuffer Serialize(const inference::ModelInferRequest& request);

// All of `bytes` as a single slice, without copying if it already is one; empty on failure.
// Thread-safe.
grpc::Slice Flatten(const grpc::ByteBuffer& bytes);

inline absl::string_view BytesOf(const grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

// The content of a message ModelStreamInferResponse { error_message = 1, infer_response = 2 }.
struct StreamAnswer {
  std::string error_message;         // if not empty, the request failed
  absl::string_view infer_response;  // a part of the message's bytes
};

// nullopt if `bytes` are not such a message. Does not parse the inner response. Thread-safe.
std::optional<StreamAnswer> ParseStreamAnswer(absl::string_view bytes);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_WIRE_H_
