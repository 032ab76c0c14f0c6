// Walks over any bytes as a ModelInferRequest and compares the result with protobuf's. The first
// byte gives the length of the slices that hold the others.

#include <google/protobuf/stubs/logging.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "proto/open_inference.pb.h"
#include "server/rpc/request_wire.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

grpc::ByteBuffer Buffer(const std::string& bytes, std::size_t slice) {
  std::vector<grpc::Slice> slices;
  for (std::size_t at = 0; at < bytes.size(); at += slice) {
    slices.emplace_back(bytes.substr(at, slice));
  }
  return {slices.data(), slices.size()};
}

// The objects that the walk counts. Unknown fields are not among them.
int ObjectsOf(const inference::ModelInferRequest& request) {
  int objects = request.inputs_size() + request.outputs_size() + request.raw_input_contents_size() +
                static_cast<int>(request.parameters_size());
  for (const auto& input : request.inputs()) {
    objects += static_cast<int>(input.parameters_size()) + input.contents().bytes_contents_size();
  }
  for (const auto& output : request.outputs()) {
    objects += static_cast<int>(output.parameters_size());
  }
  return objects;
}

// Whether the walk found this name: in full, or truncated if it is longer than any model's name.
bool IsName(const std::string& found, const std::string& name) {
  return found == name.substr(0, mlp::kMaxRequestNameBytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const google::protobuf::LogSilencer silencer;  // about strings that are not UTF-8
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  grpc::ByteBuffer buffer = Buffer(bytes, std::size_t{data[0]} + 1);
  mlp::RequestWire wire;
  const absl::Status walked = mlp::ReadRequestWire(buffer, wire);
  Require(walked.ok() || absl::IsInvalidArgument(walked));

  // As in the server: a request that the walk refuses is not decoded.
  inference::ModelInferRequest request;
  if (!request.ParseFromString(bytes)) return 0;
  if (!walked.ok()) {
    // Each object takes at least two bytes.
    Require(bytes.size() > 2 * static_cast<std::size_t>(mlp::kMaxRequestObjects));
    return 0;
  }
  Require(ObjectsOf(request) <= mlp::kMaxRequestObjects);
  Require(IsName(wire.model_name, request.model_name()));
  Require(IsName(wire.model_version, request.model_version()));
  // A container that grows by doubling may reserve twice what it holds.
  constexpr std::int64_t kEmptyRequest = 1'024;
  Require(static_cast<std::int64_t>(request.SpaceUsedLong()) <=
          2 * wire.decoded_bytes + kEmptyRequest);
  return 0;
}
