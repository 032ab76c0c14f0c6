#include "model/input_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "tests/model/every_operation.h"

namespace mlp {
namespace {

MATCHER_P4(IsRange, input, unit, lowest, highest, "") {
  return arg.input == input && arg.unit == unit && arg.lowest == lowest && arg.highest == highest;
}

Lookup TableOf(std::size_t entries) { return {1, {}, std::vector<float>(entries, 1.0F), {}}; }

std::vector<InputRange> RangesOf(std::vector<TensorSpec> inputs, std::vector<Layer> layers) {
  Layer dense;
  dense.inputs = dense.units = 1;
  dense.dense().weights = {1.0F};
  dense.dense().bias = {0.0F};
  dense.sources = {Source::OfInput(0, 1)};
  layers.push_back(dense);
  NetworkOutput output;
  output.tensor = {"y", {1}};
  output.layer = static_cast<std::int64_t>(layers.size()) - 1;
  const auto network = Network::Create(std::move(inputs), std::move(layers), {output});
  EXPECT_TRUE(network.ok()) << network.status();
  return network.ok() ? InputRanges(*network) : std::vector<InputRange>();
}

Layer With(Layer layer, std::int64_t units) {
  layer.units = units;
  return layer;
}

TEST(InputRangesTest, AreThoseOfTablesReadByPosition) {
  const Network network = NetworkOfEveryOperation();
  EXPECT_THAT(InputRanges(network),
              ::testing::ElementsAre(IsRange(1, 0, -3.0, 2.0), IsRange(1, 1, -3.0, 2.0)));
}

TEST(InputRangesTest, FollowJoinsAndSelections) {
  Layer joined;
  joined.operation = Concatenation();
  joined.inputs = 3;
  joined.sources = {Source::OfInput(1, 2), Source::OfInput(0, 1)};
  Source second = Source::OfLayer(1, Tap::kActivation, 1);
  second.first = 1;
  EXPECT_THAT(
      RangesOf(
          {{"a", {1}}, {"b", {2}}},
          {With(joined, 3),
           With(OperationLayer(Selection{{2, 1}}, {Source::OfLayer(0, Tap::kActivation, 3)}), 2),
           With(OperationLayer(TableOf(4), {second}), 1),
           With(OperationLayer(TableOf(7), {Source::OfLayer(1, Tap::kPreActivation, 2)}), 2)}),
      // Both read the second unit of b.
      ::testing::ElementsAre(IsRange(0, 0, -7.0, 6.0), IsRange(1, 1, -4.0, 3.0)));
}

TEST(InputRangesTest, AreEmptyIfOtherValuesHaveAnAnswerOrAreComputed) {
  Lookup tolerant = TableOf(4);
  tolerant.default_row = {0.0F};
  const Lookup by_key = {1, {3}, {1}, {0}};
  const Source a = Source::OfInput(0, 1);
  EXPECT_THAT(
      RangesOf({{"a", {1}}},
               {With(OperationLayer(tolerant, {a}), 1), With(OperationLayer(by_key, {a}), 1),
                With(OperationLayer(FunctionNamed("Abs"), {a}), 1),
                With(OperationLayer(TableOf(4), {Source::OfLayer(2, Tap::kActivation, 1)}), 1)}),
      ::testing::IsEmpty());
}

}  // namespace
}  // namespace mlp
