// Walks over any bytes as a ModelInferRequest, and holds what the walk says against protobuf. The
// first byte says how long the slices are that the others come in.

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

// Those that the walk counts, without the unknown fields.
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

// Whether the walk found this name: all of it, or the beginning of one too long for any model.
bool IsName(const std::string& found, const std::string& name) {
  return found == name.substr(0, mlp::kMostRequestNameBytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const google::protobuf::LogSilencer silencer;  // of texts that are no UTF-8
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  grpc::ByteBuffer buffer = Buffer(bytes, std::size_t{data[0]} + 1);
  mlp::RequestWire wire;
  const absl::Status walked = mlp::ReadRequestWire(buffer, wire);
  Require(walked.ok() || absl::IsInvalidArgument(walked));

  // In the server, what the walk refuses is not decoded.
  inference::ModelInferRequest request;
  if (!request.ParseFromString(bytes)) return 0;
  if (!walked.ok()) {
    // Each object takes two bytes at the least.
    Require(bytes.size() > 2 * static_cast<std::size_t>(mlp::kMostRequestObjects));
    return 0;
  }
  Require(ObjectsOf(request) <= mlp::kMostRequestObjects);
  Require(IsName(wire.model_name, request.model_name()));
  Require(IsName(wire.model_version, request.model_version()));
  // What grows by doubling has room for twice as much as it holds.
  constexpr std::int64_t kEmptyRequest = 1'024;
  Require(static_cast<std::int64_t>(request.SpaceUsedLong()) <=
          2 * wire.decoded_bytes + kEmptyRequest);
  return 0;
}
