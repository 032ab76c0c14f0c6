#include "server/served_models/class_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Layer DenseOf(Source source, std::int64_t units) {
  Layer layer;
  layer.inputs = source.width;
  layer.units = units;
  layer.dense().weights.resize(static_cast<std::size_t>(layer.inputs * units));
  layer.dense().bias.resize(static_cast<std::size_t>(units));
  layer.sources = {source};
  return layer;
}

NetworkOutput Output(const char* name, std::int64_t layer, OutputKind kind, Datatype datatype) {
  NetworkOutput output;
  output.tensor = {name, {3}, datatype};
  output.layer = layer;
  output.kind = kind;
  if (kind == OutputKind::kLabel) output.tensor.shape = {};
  return output;
}

// Two layers of three units, each with scores and labels.
Network TwoHeads(std::vector<std::int64_t> first, std::vector<std::string> second) {
  std::vector<NetworkOutput> outputs = {
      Output("first_label", 0, OutputKind::kLabel, Datatype::kInt64),
      Output("first_scores", 0, OutputKind::kValues, Datatype::kFp32),
      Output("second_scores", 1, OutputKind::kValues, Datatype::kFp32),
      Output("second_label", 1, OutputKind::kLabel, Datatype::kBytes),
      Output("decisions", 1, OutputKind::kDecisions, Datatype::kInt64)};
  outputs[0].integer_labels = std::move(first);
  outputs[3].string_labels = std::move(second);
  auto network = Network::Create(
      std::vector<TensorSpec>{{"x", {2}}},
      {DenseOf(Source::OfInput(0, 2), 3), DenseOf(Source::OfInput(0, 2), 3)}, std::move(outputs));
  EXPECT_TRUE(network.ok()) << network.status();
  return std::move(network).value();
}

std::vector<std::string> NamesOf(const Network& network, const ModelSettings& settings,
                                 std::size_t output) {
  const ClassNames names = ClassNamesOf(network, settings, output);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < names.size(); ++i) all.push_back(names.NameOf(i));
  return all;
}

TEST(ClassNamesTest, AreThoseOfTheLabelsOfTheSameLayer) {
  const Network network = TwoHeads({-1, 0, 7}, {"ant", "bee", "cicada"});
  EXPECT_THAT(NamesOf(network, {}, 0), ElementsAre("-1", "0", "7"));
  EXPECT_THAT(NamesOf(network, {}, 1), ElementsAre("-1", "0", "7"));
  EXPECT_THAT(NamesOf(network, {}, 2), ElementsAre("ant", "bee", "cicada"));
  EXPECT_THAT(NamesOf(network, {}, 3), ElementsAre("ant", "bee", "cicada"));
  EXPECT_THAT(NamesOf(network, {}, 4), IsEmpty());
  EXPECT_EQ(ClassNamesOf(network, {}, 1).LongestBytes(), 2U);
  EXPECT_EQ(ClassNamesOf(network, {}, 2).LongestBytes(), 6U);
}

// As skl2onnx writes a binary classifier: [1 - p, p] is computed once for each output.
TEST(ClassNamesTest, AreThoseOfTheLabelsOfTheSameUnits) {
  const auto join = [](Source first, Source second) {
    Layer layer;
    layer.inputs = layer.units = 3;
    layer.operation = Concatenation();
    layer.sources = {first, second};
    return layer;
  };
  const Source whole = Source::OfLayer(0, Tap::kActivation, 2);
  const Source part = Source::OfLayer(0, Tap::kActivation, 1);
  std::vector<NetworkOutput> outputs = {Output("label", 1, OutputKind::kLabel, Datatype::kBytes),
                                        Output("same", 2, OutputKind::kValues, Datatype::kFp32),
                                        Output("turned", 3, OutputKind::kValues, Datatype::kFp32)};
  outputs[0].string_labels = {"ant", "bee", "cicada"};
  const auto network = Network::Create(
      std::vector<TensorSpec>{{"x", {2}}},
      {DenseOf(Source::OfInput(0, 2), 2), join(whole, part), join(whole, part), join(part, whole)},
      std::move(outputs));
  ASSERT_TRUE(network.ok()) << network.status();
  EXPECT_THAT(NamesOf(*network, {}, 1), ElementsAre("ant", "bee", "cicada"));
  EXPECT_THAT(NamesOf(*network, {}, 2), IsEmpty());
}

TEST(ClassNamesTest, AreNotTheIndices) {
  const Network network = TwoHeads({0, 1, 2}, {"ant", "bee", "cicada"});
  EXPECT_THAT(NamesOf(network, {}, 0), IsEmpty());
  EXPECT_THAT(NamesOf(network, {}, 1), IsEmpty());
}

TEST(ClassNamesTest, AreThoseOfTheLabelFileIfThereIsOne) {
  const Network network = TwoHeads({3, 4, 5}, {"ant", "bee", "cicada"});
  ModelSettings settings;
  settings.labels = {{}, {}, {"one", "two", "three"}, {}, {}};
  EXPECT_THAT(NamesOf(network, settings, 1), ElementsAre("3", "4", "5"));
  EXPECT_THAT(NamesOf(network, settings, 2), ElementsAre("one", "two", "three"));
  EXPECT_THAT(NamesOf(network, settings, 3), ElementsAre("ant", "bee", "cicada"));
}

}  // namespace
}  // namespace mlp
