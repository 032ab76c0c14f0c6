#include "tests/model/formats/refused_exports.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

const std::vector<RefusedExport>& RefusedExports() {
  static const auto* const refused_exports = new std::vector<RefusedExport>{
      {"activations/keras_sparsemax_*", "of type 'Range': the operator is not supported",
       "tf2onnx spells sparsemax with a sort of each row"},
      {"graphs/keras2_layer_norm", "of type 'Reshape': rows of shape [5] cannot be given the shape",
       "tf2onnx spells it with the batch and the units exchanged"},
      {"graphs/torch_rank_3_*",
       "of type 'MatMul': a row has shape [2,3]; supported is one dimension",
       "a layer over the last of several dimensions, so several rows in each"},
      {"graphs/onnxslim_torch_rank_3_*",
       "of type 'MatMul': a row has shape [2,3]; supported is one dimension",
       "a layer over the last of several dimensions, so several rows in each"},
      {"graphs/ort_basic_torch_rank_3_*",
       "of type 'MatMul': a row has shape [2,3]; supported is one dimension",
       "a layer over the last of several dimensions, so several rows in each"},
      {"graphs/ort_extended_torch_rank_3_*",
       "of type 'MatMul': a row has shape [2,3]; supported is one dimension",
       "a layer over the last of several dimensions, so several rows in each"},
      {"graphs/onnxsim_torch_rank_3_*",
       "of type 'Reshape': rows of shape [2,3] cannot be given the shape [-1,3]",
       "a layer over the last of several dimensions, so several rows in each"},
      {"graphs/keras2_dense_of_rank_3",
       "of type 'Reshape': rows of shape [3,2] cannot be given the shape [-1,2]",
       "a layer over the last of several dimensions, so several rows in each"},
      {"graphs/keras_dense_of_rank_3",
       "of type 'Reshape': rows of shape [3,2] cannot be given the shape [-1,2]",
       "a layer over the last of several dimensions, so several rows in each"},
      {"graphs/onnxsim_keras_dense_of_rank_3",
       "of type 'Reshape': rows of shape [3,2] cannot be given the shape [-1,2]",
       "a layer over the last of several dimensions, so several rows in each"},
      {"graphs/onnxslim_keras_dense_of_rank_3",
       "of type 'Reshape': rows of shape [3,2] cannot be given the shape [-1,2]",
       "a layer over the last of several dimensions, so several rows in each"},
      {"graphs/ort_basic_keras_dense_of_rank_3",
       "of type 'Reshape': rows of shape [3,2] cannot be given the shape [-1,2]",
       "a layer over the last of several dimensions, so several rows in each"},
      {"graphs/keras2_merge_dot", "of type 'MatMul': its input 2 is no constant",
       "a product of two rows with each other"},
      {"graphs/keras_merge_dot", "of type 'MatMul': its input 2 is no constant",
       "a product of two rows with each other"},
      {"graphs/keras_normalization_captured", "some inputs have a batch of exactly 1, ",
       "tf2onnx left trained values as inputs, which every request would have to send"},
  };
  return *refused_exports;
}

}  // namespace

const RefusedExport* FindRefusedExport(const std::string& name) {
  const auto found = std::find_if(
      RefusedExports().begin(), RefusedExports().end(), [&](const RefusedExport& refused) {
        const absl::string_view pattern = refused.name;
        return absl::EndsWith(pattern, "*")
                   ? absl::StartsWith(name, pattern.substr(0, pattern.size() - 1))
                   : name == pattern;
      });
  return found == RefusedExports().end() ? nullptr : &*found;
}

}  // namespace mlp
