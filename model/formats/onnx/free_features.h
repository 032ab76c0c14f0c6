// Finds the number of features of an input if the file leaves it open.

#ifndef MLP_MODEL_FORMATS_ONNX_FREE_FEATURES_H_
#define MLP_MODEL_FORMATS_ONNX_FREE_FEATURES_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace mlp {

// The number of features of the input [batch, features] called `input`, taken from the weights of
// the first layer that reads it, directly or through operators that keep the shape. Nothing if no
// layer determines it.
std::optional<std::int64_t> FeaturesOfWeights(const onnx::GraphProto& graph,
                                              absl::string_view input);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_FREE_FEATURES_H_
