#include "model/evaluator/memory_plan.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace mlp {
namespace {

// If a dense layer reads two separate parts of the input, they are first copied side by side. The
// layer reads the copy tile by tile, so the results of the first rows must not overwrite it.
TEST(MemoryPlanTest, GatheredInputsKeepTheirBufferUntilTheLayerIsDone) {
  Layer layer;
  layer.sources = {Source::OfInput(0, 1), Source::OfInput(0, 1)};
  layer.sources[1].first = 2;
  layer.inputs = 2;
  layer.units = 3;
  layer.dense().weights.assign(6, 1.0F);
  layer.dense().bias.assign(3, 0.0F);
  layer.activation.kind = ActivationKind::kRelu;
  const auto network = Network::Create(std::vector<TensorSpec>{{"x", {3}}}, {std::move(layer)},
                                       {{{"y", {3}}, 0, Tap::kActivation}});
  ASSERT_TRUE(network.ok()) << network.status();
  const LayerBuffers buffers = PlanMemory(*network).layers.front();
  ASSERT_TRUE(buffers.gathers);
  EXPECT_NE(buffers.gathered, buffers.z);
  EXPECT_NE(buffers.gathered, buffers.a);
}

}  // namespace
}  // namespace mlp
