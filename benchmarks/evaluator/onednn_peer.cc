#include "benchmarks/evaluator/peers.h"

#ifdef MLP_WITH_ONEDNN

#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

// Declared here because clang-tidy does not find OpenMP's header.
// NOLINTNEXTLINE(readability-identifier-naming): the name is OpenMP's.
extern "C" void omp_set_num_threads(int threads);

namespace mlp {
namespace {

// oneDNN's algorithm for an activation, with its alpha.
std::optional<std::pair<dnnl::algorithm, float>> AlgorithmOf(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kRelu:
      return {{dnnl::algorithm::eltwise_relu, 0.0F}};
    case ActivationKind::kTanh:
      return {{dnnl::algorithm::eltwise_tanh, 0.0F}};
    case ActivationKind::kSigmoid:
      return {{dnnl::algorithm::eltwise_logistic, 0.0F}};
    case ActivationKind::kGelu:
      return {{dnnl::algorithm::eltwise_gelu_erf, 0.0F}};
    case ActivationKind::kIdentity:
      return {{dnnl::algorithm::eltwise_linear, 1.0F}};
    default:
      return std::nullopt;
  }
}

class OneDnn final : public Peer {
 public:
  OneDnn(const Network& network, std::int64_t rows)
      : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    using dnnl::memory;
    constexpr auto kFloat = memory::data_type::f32;
    for (const Layer& layer : network.layers()) {
      const memory::desc source({rows, layer.inputs}, kFloat, memory::format_tag::nc);
      const memory::desc any_weights({layer.units, layer.inputs}, kFloat, memory::format_tag::any);
      const memory::desc bias({layer.units}, kFloat, memory::format_tag::x);
      const memory::desc result({rows, layer.units}, kFloat, memory::format_tag::nc);
      dnnl::primitive_attr attributes;
      const auto algorithm = AlgorithmOf(layer.activation.kind);
      if (layer.activation.kind != ActivationKind::kIdentity) {
        dnnl::post_ops operations;
        operations.append_eltwise(1.0F, algorithm->first, algorithm->second, 0.0F);
        attributes.set_post_ops(operations);
      }
      const dnnl::inner_product_forward::primitive_desc description(
          {dnnl::prop_kind::forward_inference, source, any_weights, bias, result}, attributes,
          engine_);
      memory plain({{layer.units, layer.inputs}, kFloat, memory::format_tag::io}, engine_,
                   const_cast<float*>(layer.dense().weights.data()));
      memory packed(description.weights_desc(), engine_);
      dnnl::reorder(plain, packed).execute(stream_, plain, packed);
      memory bias_memory(bias, engine_, const_cast<float*>(layer.dense().bias.data()));
      memory result_memory(result, engine_);
      memory source_memory = steps_.empty() ? memory(source, engine_, nullptr)
                                            : steps_.back().arguments.at(DNNL_ARG_DST);
      steps_.push_back({dnnl::inner_product_forward(description),
                        {{DNNL_ARG_SRC, source_memory},
                         {DNNL_ARG_WEIGHTS, packed},
                         {DNNL_ARG_BIAS, bias_memory},
                         {DNNL_ARG_DST, result_memory}}});
    }
    stream_.wait();
  }

  const float* Evaluate(const float* x) override {
    steps_.front().arguments.at(DNNL_ARG_SRC).set_data_handle(const_cast<float*>(x));
    for (Step& step : steps_) step.layer.execute(stream_, step.arguments);
    stream_.wait();
    return static_cast<const float*>(steps_.back().arguments.at(DNNL_ARG_DST).get_data_handle());
  }

 private:
  struct Step {
    dnnl::inner_product_forward layer;
    std::unordered_map<int, dnnl::memory> arguments;
  };

  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<Step> steps_;
};

}  // namespace

std::unique_ptr<Peer> MakeOneDnn(const std::shared_ptr<const Network>& network, std::int64_t rows) {
  omp_set_num_threads(1);
  for (const Layer& layer : network->layers()) {
    if (!AlgorithmOf(layer.activation.kind).has_value()) return nullptr;
  }
  try {
    return std::make_unique<OneDnn>(*network, rows);
  } catch (const dnnl::error&) {
    return nullptr;
  }
}

}  // namespace mlp

#else

namespace mlp {

std::unique_ptr<Peer> MakeOneDnn(const std::shared_ptr<const Network>& /*network*/,
                                 std::int64_t /*rows*/) {
  return nullptr;
}

}  // namespace mlp

#endif
