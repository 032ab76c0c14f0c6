#include "model/evaluator/memory_plan.h"

#include <algorithm>

namespace mlp {
namespace {

// Allocates and releases buffers.
class Buffers {
 public:
  explicit Buffers(std::vector<std::int64_t>& widths) : widths_(widths) {}

  std::size_t Take(std::int64_t width) {
    if (free_.empty()) {
      widths_.push_back(width);
      return widths_.size() - 1;
    }
    const std::size_t buffer = free_.back();
    free_.pop_back();
    widths_[buffer] = std::max(widths_[buffer], width);
    return buffer;
  }
  void Return(std::size_t buffer) { free_.push_back(buffer); }

 private:
  std::vector<std::int64_t>& widths_;
  std::vector<std::size_t> free_;
};

// How often layers read a layer's z and a.
struct Readers {
  std::int64_t of_z = 0;
  std::int64_t of_a = 0;
};

bool IsIdentity(const Layer& layer) { return layer.activation.kind == ActivationKind::kIdentity; }

// Whether the sources must be copied side by side: a matrix product takes one array.
bool Gathers(const Layer& layer) {
  return layer.combination() == Combination::kDense && layer.sources.size() > 1;
}

}  // namespace

MemoryPlan PlanMemory(const Network& network) {
  const std::vector<Layer>& layers = network.layers();
  std::vector<Readers> readers(layers.size());
  const auto reader_of = [&](const Source& source) -> std::int64_t& {
    const auto layer = static_cast<std::size_t>(source.layer);
    const bool z = source.tap == Tap::kPreActivation || IsIdentity(layers[layer]);
    return z ? readers[layer].of_z : readers[layer].of_a;
  };
  for (const Layer& layer : layers) {
    for (const Source& source : layer.sources) {
      if (!source.is_input()) ++reader_of(source);
    }
  }

  MemoryPlan plan;
  Buffers buffers(plan.widths);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    LayerBuffers& layer_buffers = plan.layers.emplace_back();
    layer_buffers.gathers = Gathers(layer);
    if (layer_buffers.gathers) layer_buffers.gathered = buffers.Take(layer.inputs);
    layer_buffers.z = buffers.Take(layer.units);
    layer_buffers.a = IsIdentity(layer) ? layer_buffers.z : buffers.Take(layer.outputs());
    // The sources' buffers become free only here: a dense layer activates its first units before it
    // has read its sources for the last ones.
    if (layer_buffers.gathers) buffers.Return(layer_buffers.gathered);
    for (const Source& source : layer.sources) {
      if (source.is_input() || --reader_of(source) > 0) continue;
      const LayerBuffers& source_buffers = plan.layers[static_cast<std::size_t>(source.layer)];
      const bool reads_z = source.tap == Tap::kPreActivation;
      buffers.Return(reads_z ? source_buffers.z : source_buffers.a);
    }
    if (readers[i].of_z == 0) buffers.Return(layer_buffers.z);
    if (!IsIdentity(layer) && readers[i].of_a == 0) buffers.Return(layer_buffers.a);
  }
  return plan;
}

}  // namespace mlp
