#include "server/observe/watch_interval.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/network.h"

namespace mlp {
namespace {

// The interval of a network with `inputs` values, two hidden layers of `units` units each, and
// `classes` classes.
WatchInterval IntervalOf(std::int64_t inputs, std::int64_t units, std::int64_t classes) {
  const std::vector<std::int64_t> widths = {inputs, units, units, classes};
  std::vector<Layer> layers;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    Layer& layer = layers.emplace_back();
    layer.inputs = widths[i];
    layer.units = widths[i + 1];
    layer.dense().weights.resize(static_cast<std::size_t>(layer.inputs * layer.units));
    layer.dense().bias.resize(static_cast<std::size_t>(layer.units));
  }
  layers.back().activation.kind = ActivationKind::kSoftmax;
  const auto network =
      Network::Create({"x", {inputs}}, std::move(layers), {{{"y", {classes}}, 2, Tap::kActivation}})
          .value();
  return {network, OutputFormOf(network)};
}

TEST(WatchIntervalTest, IsOneForALargeEvaluationAndLongerForASmallOne) {
  const WatchInterval large = IntervalOf(784, 512, 10);
  for (const std::int64_t rows : {64, 4'096}) EXPECT_EQ(large.Of(rows), 1) << rows;
  EXPECT_LE(large.Of(1), 5);
  const WatchInterval small = IntervalOf(64, 64, 10);
  EXPECT_GT(small.Of(64), 1);
  EXPECT_EQ(IntervalOf(2, 2, 2).Of(64), 100);
  EXPECT_GE(IntervalOf(64, 16, 10).Of(64), small.Of(64));
  EXPECT_GT(IntervalOf(64, 64, 1'000).Of(64), small.Of(64));
}

}  // namespace
}  // namespace mlp
