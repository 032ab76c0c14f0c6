// Estimates the memory of a protobuf message before it is parsed.
//
// Protobuf makes an object for every submessage, however short it is on the wire: two bytes become
// a node of two hundred bytes. A file of 16 MB can thus take more than a gigabyte.

#ifndef MLP_MODEL_FORMATS_ONNX_PARSED_SIZE_H_
#define MLP_MODEL_FORMATS_ONNX_PARSED_SIZE_H_

#include <google/protobuf/descriptor.h>

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// The bytes of memory that a message of type `type` takes while it is parsed from `wire`; an
// estimate that is rather too high than too low. Visits all fields, in time proportional to the
// size of `wire` and without allocating memory. Stops once the count exceeds `most`; the result is
// then just above `most`. INVALID_ARGUMENT if `wire` is not a protobuf message. Even if the result
// is OK, parsing may still fail. Thread-safe.
absl::StatusOr<std::int64_t> ParsedBytes(const google::protobuf::Descriptor& type,
                                         absl::string_view wire, std::int64_t most);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_PARSED_SIZE_H_
