#include "tests/model/formats/refused_exports.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

const std::vector<RefusedExport>& RefusedExports() {
  static const auto* const refused_exports = new std::vector<RefusedExport>{
      {"activations/onnx_acos_*", "of type 'Acos': the operator is not supported",
       "no framework has it as an activation"},
      {"activations/onnx_acosh_*", "of type 'Acosh': the operator is not supported",
       "no framework has it as an activation"},
      {"activations/onnx_asin_*", "of type 'Asin': the operator is not supported",
       "no framework has it as an activation"},
      {"activations/onnx_asinh_*", "of type 'Asinh': the operator is not supported",
       "no framework has it as an activation"},
      {"activations/onnx_atan_*", "of type 'Atan': the operator is not supported",
       "no framework has it as an activation"},
      {"activations/onnx_atanh_*", "of type 'Atanh': the operator is not supported",
       "no framework has it as an activation"},
      {"activations/onnx_cos_*", "of type 'Cos': the operator is not supported",
       "no framework has it as an activation"},
      {"activations/onnx_cosh_*", "of type 'Cosh': the operator is not supported",
       "no framework has it as an activation"},
      {"activations/onnx_sin_*", "of type 'Sin': the operator is not supported",
       "no framework has it as an activation"},
      {"activations/onnx_sinh_*", "of type 'Sinh': the operator is not supported",
       "no framework has it as an activation"},
      {"activations/onnx_tan_*", "of type 'Tan': the operator is not supported",
       "no framework has it as an activation"},
      {"activations/torch_sine_*", "of type 'Sin': the operator is not supported",
       "a periodic activation, which is in no framework's list"},
      {"activations/torch_snake_*", "of type 'Sin': the operator is not supported",
       "a periodic activation, which is in no framework's list"},
      {"activations/onnx_ceil_*", "of type 'Ceil': the operator is not supported",
       "a step function, which nothing is trained with"},
      {"activations/onnx_floor_*", "of type 'Floor': the operator is not supported",
       "a step function, which nothing is trained with"},
      {"activations/onnx_round_*", "of type 'Round': the operator is not supported",
       "a step function, which nothing is trained with"},
      {"activations/onnx_mod_*", "of type 'Mod': the operator is not supported",
       "a step function, which nothing is trained with"},
      {"activations/onnx_isinf_*", "of type 'IsInf': the operator is not supported",
       "a step function, which nothing is trained with"},
      {"activations/onnx_isnan_*", "of type 'IsNaN': the operator is not supported",
       "a step function, which nothing is trained with"},
      {"activations/onnx_div__constant_first_*",
       "of type 'Div': what it makes of its input is no activation that is supported",
       "no framework has it as an activation"},
      {"activations/onnx_erf_*",
       "of type 'Erf': what it makes of its input is no activation that is supported",
       "no framework has it as an activation"},
      {"activations/onnx_log_opset*",
       "of type 'Log': what it makes of its input is no activation that is supported",
       "no framework has it as an activation"},
      {"activations/onnx_pow__0_5_of_relu_*",
       "of type 'Pow': what it makes of its input is no activation that is supported",
       "no framework has it as an activation"},
      {"activations/onnx_reciprocal_*",
       "of type 'Reciprocal': what it makes of its input is no activation that is supported",
       "no framework has it as an activation"},
      {"activations/onnx_sqrt_*",
       "of type 'Sqrt': what it makes of its input is no activation that is supported",
       "no framework has it as an activation"},
      {"activations/torch_bent_identity_*",
       "of type 'Sqrt': what it makes of its input is no activation that is supported",
       "no framework has it as an activation"},
      {"activations/onnx_greater_*",
       "of type 'Greater': what it makes of its input is no activation that is supported",
       "a step function, which nothing is trained with"},
      {"activations/onnx_not_less_*",
       "of type 'Not': what it makes of its input is no activation that is supported",
       "a step function, which nothing is trained with"},
      {"activations/onnx_sign_*",
       "of type 'Sign': what it makes of its input is no activation that is supported",
       "a step function, which nothing is trained with"},
      {"activations/onnx_shrink__odd_*",
       "of type 'Shrink': what it makes of its input is no activation that is supported",
       "it shrinks by another number than it compares with, as no framework's shrinkage does"},
      {"activations/onnx_max_min_*",
       "of type 'Min': what it makes of its input is no activation that is supported",
       "a bound for each unit; the registry's activations are clipped at one"},
      {"activations/keras_sparsemax_*", "of type 'Range': the operator is not supported",
       "tf2onnx spells sparsemax with a sort of each row"},
      {"activations/torch_maxout_*", "of type 'ReduceMax': the operator is not supported",
       "the greatest of neighbouring units; the greatest of layers is read"},
      {"activations/keras_layer_rms_normalization_*",
       "of type 'ReduceMean': the operator is not supported",
       "a row normalisation in parts; RMSNormalization is read"},
      {"graphs/keras_layer_norm", "of type 'ReduceMean': the operator is not supported",
       "a row normalisation in parts; LayerNormalization is read"},
      {"graphs/ort_basic_keras_layer_norm", "of type 'ReduceMean': the operator is not supported",
       "a row normalisation in parts; LayerNormalization is read"},
      {"graphs/keras2_layer_norm", "of type 'Reshape': rows of shape [5] cannot be given the shape",
       "tf2onnx spells it with the batch and the units exchanged"},
      {"graphs/keras_unit_normalization", "of type 'ReduceSum': the operator is not supported",
       "a row normalisation in parts; LpNormalization is read"},
      {"graphs/keras2_unit_normalization", "of type 'ReduceSum': the operator is not supported",
       "a row normalisation in parts; LpNormalization is read"},
      {"graphs/torch_l2_normalized_*", "of type 'ReduceL2': the operator is not supported",
       "a row normalisation in parts; LpNormalization is read"},
      {"graphs/onnxsim_torch_l2_normalized_*", "of type 'ReduceL2': the operator is not supported",
       "a row normalisation in parts; LpNormalization is read"},
      {"graphs/onnxslim_torch_l2_normalized_*", "of type 'ReduceL2': the operator is not supported",
       "a row normalisation in parts; LpNormalization is read"},
      {"graphs/ort_basic_torch_l2_normalized_*",
       "of type 'ReduceL2': the operator is not supported",
       "a row normalisation in parts; LpNormalization is read"},
      {"graphs/ort_extended_torch_l2_normalized_*",
       "of type 'ReduceL2': the operator is not supported",
       "a row normalisation in parts; LpNormalization is read"},
      {"graphs/dynamic_*", "of type 'DynamicQuantizeLinear': the operator is not supported",
       "its steps depend on the other rows of the batch, so that an answer would"},
      {"graphs/qoperator_torch_*",
       "of type 'QGemm': the operator of domain 'com.microsoft' is not supported",
       "integer operators; the QDQ form of the same is read"},
      {"graphs/qoperator_keras_*", "of type 'QLinearMatMul': the operator is not supported",
       "integer operators; the QDQ form of the same is read"},
      {"graphs/torch_dueling_*", "together they make [-1,3], which repeats the values of",
       "one value a row is spread over another one's units"},
      {"graphs/torch_top_1_*", "of type 'ReduceMax': the operator is not supported",
       "the greatest of a row; ArgMax and the classification extension are read"},
      {"graphs/torch_over_threshold_*", "the output 'y' has elements of type BOOL",
       "a condition as output; the values in front of it are served if they are one"},
      {"graphs/keras_normalization_captured", "some inputs have a batch of exactly 1, ",
       "tf2onnx left trained values as inputs, which every request would have to send"},
      {"graphs/sklearn_regressor_binarizer", "of type 'Cast': a cast to type 1 is not supported",
       "decisions in front of the layers rather than behind them"},
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
