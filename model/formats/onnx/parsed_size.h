// Tells what a protobuf message takes in memory before it is parsed.
//
// Protobuf makes an object of every field that has one, however short it is on the wire: two bytes
// become a node of two hundred. So a file of 16 MB can take more than a gigabyte.

#ifndef MLP_MODEL_FORMATS_ONNX_PARSED_SIZE_H_
#define MLP_MODEL_FORMATS_ONNX_PARSED_SIZE_H_

#include <google/protobuf/descriptor.h>

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// The bytes of memory that a message of type `type` takes while it is parsed from `wire`, roughly
// and rather more than less. Walks over all fields, in time in proportion to `wire` and without
// memory, and stops as soon as there are more than `most`: what it gives then is just above that.
// INVALID_ARGUMENT where `wire` is no protobuf message. What is OK may still fail to parse.
// Thread-safe.
absl::StatusOr<std::int64_t> ParsedBytes(const google::protobuf::Descriptor& type,
                                         absl::string_view wire, std::int64_t most);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_PARSED_SIZE_H_
