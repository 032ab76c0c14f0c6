#include "tests/model/formats/onnx/zoo_differences.h"

#include <algorithm>
#include <iterator>

namespace mlp {
namespace {

constexpr char kOverflow[] =
    "sums of the greatest floats overflow in one order and not in another, or stay finite in "
    "double";
constexpr char kLimit[] = "silu has its limit 0 at -infinity, where x * sigmoid(x) is NaN";
constexpr char kNanToSteps[] = "NaN stays NaN; QuantizeLinear makes the lowest integer of it";
constexpr char kNoRange[] =
    "rows with NaN or infinity have no scale; ONNX Runtime makes integers of them";
constexpr char kBeyondHalves[] = "values beyond FLOAT16 stay finite; ONNX Runtime's are infinite";
constexpr char kNanOfMaximum[] =
    "GlobalMaxPool of NaN is NaN; ONNX Runtime makes the lowest float of it";

constexpr ZooDifference kZooDifferences[] = {
    {"fastkan_dynamo18", "greatest", true, kOverflow},
    {"fastkan_dynamo18", "infinity_first", true, kLimit},
    {"fastkan_dynamo18", "minus_infinity_last", true, kLimit},
    {"fastkan_dynamo18", "all_minus_infinity", true, kLimit},
    {"h_argmax_to_strings", "least", false, kOverflow},
    {"h_batch_free_features", "greatest", false, kOverflow},
    {"h_coreml_like", "greatest", true, kOverflow},
    {"h_coreml_like", "least", true, kOverflow},
    {"h_instance_norm", "greatest", true, kOverflow},
    {"h_instance_norm", "least", true, kOverflow},
    {"h_matlab_image", "greatest", false, kOverflow},
    {"h_names_quotes", "greatest", false, kOverflow},
    {"h_names_quotes", "least", false, kOverflow},
    {"keras_concat_three_inputs_export17", "greatest", true, kOverflow},
    {"keras_maxout_tf2onnx17", "nan_first", true, kNanOfMaximum},
    {"keras_maxout_tf2onnx17", "nan_last", true, kNanOfMaximum},
    {"keras_maxout_tf2onnx17", "all_nan", true, kNanOfMaximum},
    {"keras_maxout_tf2onnx17", "all_infinity", true, kNanOfMaximum},
    {"keras_maxout_tf2onnx17", "all_minus_infinity", true, kNanOfMaximum},
    {"keras_maxout_tf2onnx17", "infinities", true, kNanOfMaximum},
    {"keras_qkeras_quantized_relu_tf2onnx17", "greatest", true, kOverflow},
    {"keras_qkeras_quantized_relu_tf2onnx17", "least", true, kOverflow},
    {"linear_on_ntf_script17", "least", true, kOverflow},
    {"nan_to_num_script17", "infinity_first", false, kOverflow},
    {"nan_to_num_script17", "minus_infinity_last", false, kOverflow},
    {"pinn_two_outputs_script17", "greatest", true, kOverflow},
    {"pinn_two_outputs_script17", "least", true, kOverflow},
    {"post_minmax_script17", "least", true, kOverflow},
    {"sk_double_types", "greatest", true, kOverflow},
    {"sk_double_types", "least", true, kOverflow},
    {"t_dyn8_sb3_ppo_heads_script17", "nan_first", true, kNoRange},
    {"t_dyn8_sb3_ppo_heads_script17", "nan_last", true, kNoRange},
    {"t_dyn8_sb3_ppo_heads_script17", "minus_infinity_last", true, kNoRange},
    {"t_dyn8_sb3_ppo_heads_script17", "all_minus_infinity", true, kNoRange},
    {"t_dyn8_sb3_ppo_heads_script17", "infinities", true, kNoRange},
    {"t_f16_geglu_ffn_script17", "times_1e3", true, kBeyondHalves},
    {"t_f16_geglu_ffn_script17", "greatest", true, kBeyondHalves},
    {"t_f16_geglu_ffn_script17", "least", true, kBeyondHalves},
    {"t_qdq16_squeeze_excite_script17", "nan_first", true, kNanToSteps},
    {"t_qdq16_squeeze_excite_script17", "nan_last", true, kNanToSteps},
    {"t_qdq16_squeeze_excite_script17", "all_nan", true, kNanToSteps},
    {"t_qdq8_keras_jet_tagger_tf2onnx17", "nan_first", true, kNanToSteps},
    {"t_qdq8_keras_jet_tagger_tf2onnx17", "nan_last", true, kNanToSteps},
    {"t_qdq8_keras_jet_tagger_tf2onnx17", "all_nan", true, kNanToSteps},
    {"t_qop_sb3_ppo_heads_script17", "nan_first", true, kNanToSteps},
    {"t_qop_sb3_ppo_heads_script17", "nan_last", true, kNanToSteps},
    {"t_qop_sb3_ppo_heads_script17", "all_nan", true, kNanToSteps},
};

}  // namespace

const ZooDifference* FindZooDifference(const std::string& model, const std::string& kind) {
  const auto* const found =
      std::find_if(std::begin(kZooDifferences), std::end(kZooDifferences),
                   [&](const ZooDifference& d) { return model == d.model && kind == d.kind; });
  return found == std::end(kZooDifferences) ? nullptr : found;
}

std::vector<ZooDifference> ZooDifferencesOf(const std::string& model) {
  std::vector<ZooDifference> differences;
  std::copy_if(std::begin(kZooDifferences), std::end(kZooDifferences),
               std::back_inserter(differences),
               [&](const ZooDifference& d) { return model == d.model; });
  return differences;
}

}  // namespace mlp
