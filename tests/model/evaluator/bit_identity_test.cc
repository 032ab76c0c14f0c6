// A row's answer never depends on the rows it is batched with. It has the same bits alone, in any
// batch, at any position, on any number of threads, and whatever else is requested with it.

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "model/evaluator/evaluator.h"
#include "tests/model/evaluator/set_and_storage.h"

namespace mlp {
namespace {

constexpr ActivationKind kKinds[] = {
    ActivationKind::kRelu,      ActivationKind::kTanh, ActivationKind::kSigmoid,
    ActivationKind::kGelu,      ActivationKind::kElu,  ActivationKind::kPrelu,
    ActivationKind::kLeakyRelu, ActivationKind::kSilu, ActivationKind::kIdentity};

// Up to four layers of `narrowest` to `widest` units, seldom a multiple of any packet's width.
std::shared_ptr<const Network> AnyNetwork(std::mt19937& random, std::int64_t narrowest,
                                          std::int64_t widest) {
  std::uniform_int_distribution<std::int64_t> width(narrowest, widest);
  std::uniform_int_distribution<std::size_t> kind(0, std::size(kKinds) - 1);
  std::normal_distribution<float> normal;
  const std::int64_t inputs = width(random);
  std::vector<Layer> layers(1 + random() % 4);
  std::int64_t read = inputs;
  for (Layer& layer : layers) {
    layer.inputs = read;
    layer.units = width(random);
    layer.dense().weights.resize(static_cast<std::size_t>(layer.inputs * layer.units));
    layer.dense().bias.resize(static_cast<std::size_t>(layer.units));
    for (float& weight : layer.dense().weights) weight = 0.2F * normal(random);
    for (float& bias : layer.dense().bias) bias = normal(random);
    const bool last = &layer == &layers.back();
    layer.activation = DefaultActivation(last ? ActivationKind::kSoftmax : kKinds[kind(random)]);
    if (layer.activation.kind == ActivationKind::kPrelu) {
      layer.activation.unit_alpha.resize(static_cast<std::size_t>(layer.units));
      for (float& alpha : layer.activation.unit_alpha) alpha = normal(random);
    }
    read = layer.units;
  }
  const auto last = static_cast<std::int64_t>(layers.size()) - 1;
  auto network = Network::Create({"x", {inputs}}, std::move(layers),
                                 {{{"logits", {read}}, last, Tap::kPreActivation},
                                  {{"probabilities", {read}}, last, Tap::kActivation}});
  return std::make_shared<const Network>(std::move(network).value());
}

// Logits and probabilities of the rows, [2, rows, units].
std::vector<std::vector<float>> AnswersTo(const Evaluator& evaluator, const float* rows,
                                          std::int64_t count, NetworkActivity& activity) {
  Evaluator::Workspace workspace = evaluator.MakeWorkspace();
  std::vector<std::vector<float>> outputs;
  std::vector<float*> pointers;
  for (const NetworkOutput& output : evaluator.network().outputs()) {
    outputs.emplace_back(static_cast<std::size_t>(count * evaluator.network().WidthOf(output)));
  }
  pointers.reserve(outputs.size());
  for (std::vector<float>& output : outputs) pointers.push_back(output.data());
  evaluator.Evaluate(count, rows, pointers, workspace, activity);
  SettleNetworkActivity(activity);
  return outputs;
}

std::vector<float> RandomValues(std::mt19937& random, std::int64_t count) {
  std::normal_distribution<float> normal(0.0F, 3.0F);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(random);
  return values;
}

// `tolerance` is the relative one of the sums.
void ExpectSameCounts(const NetworkActivity& actual, const NetworkActivity& expected,
                      double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t layer = 0; layer < expected.size(); ++layer) {
    EXPECT_EQ(actual[layer].rows, expected[layer].rows);
    EXPECT_EQ(actual[layer].unit_lower_tail, expected[layer].unit_lower_tail);
    EXPECT_EQ(actual[layer].unit_upper_tail, expected[layer].unit_upper_tail);
    EXPECT_EQ(actual[layer].unit_negative, expected[layer].unit_negative);
    EXPECT_NEAR(actual[layer].sum_of_squares, expected[layer].sum_of_squares,
                tolerance * expected[layer].sum_of_squares);
  }
}

class BitIdentityTest : public ::testing::TestWithParam<SetAndStorage> {};

TEST_P(BitIdentityTest, HoldsForAnyShapeBatchPositionAndNumberOfThreads) {
  const auto [set, storage] = GetParam();
  std::mt19937 random(11);
  for (int round = 0; round < 30; ++round) {
    const auto network = AnyNetwork(random, 1, 200);
    const std::int64_t inputs = network->inputs().front().width();
    const auto rows = static_cast<std::int64_t>(1 + random() % 300);
    const std::vector<float> batch = RandomValues(random, rows * inputs);

    tbb::task_arena alone(1);
    const Evaluator reference(*network, 0.01, alone, set, storage);
    NetworkActivity counted = MakeNetworkActivity(*network);
    const auto expected = AnswersTo(reference, batch.data(), rows, counted);

    for (int part = 0; part < 12; ++part) {
      tbb::task_arena arena(1 + static_cast<int>(random() % 4));
      const Evaluator evaluator(*network, 0.3, arena, set, storage);
      const std::int64_t first = static_cast<std::int64_t>(random()) % rows;
      const std::int64_t most = part < 4 ? std::min<std::int64_t>(4, rows - first) : rows - first;
      const std::int64_t count = 1 + static_cast<std::int64_t>(random()) % most;
      NetworkActivity activity = MakeNetworkActivity(*network);
      const auto actual = AnswersTo(evaluator, batch.data() + first * inputs, count, activity);
      for (std::size_t output = 0; output < actual.size(); ++output) {
        const std::int64_t units = network->WidthOf(network->outputs()[output]);
        ASSERT_EQ(std::memcmp(actual[output].data(), expected[output].data() + first * units,
                              static_cast<std::size_t>(count * units) * sizeof(float)),
                  0)
            << "round " << round << ": rows " << first << " to " << first + count << " of " << rows;
      }
    }

    // The counts are the same too. The sums may differ by rounding.
    NetworkActivity one_by_one = MakeNetworkActivity(*network);
    for (std::int64_t row = 0; row < rows; ++row) {
      AnswersTo(reference, batch.data() + row * inputs, 1, one_by_one);
    }
    ExpectSameCounts(one_by_one, counted, 1e-5);
  }
}

// Layers of a million multiply-adds or more are split by their units if a batch has few rows. Some
// of these widths are multiples of 512, which maps their rows to the same cache sets.
TEST_P(BitIdentityTest, HoldsForWideLayersWhoseUnitsAreSplit) {
  const auto [set, storage] = GetParam();
  std::mt19937 random(12);
  for (int round = 0; round < 4; ++round) {
    const std::int64_t narrowest = round % 2 == 0 ? 512 : 600;
    const auto network = AnyNetwork(random, narrowest, round % 2 == 0 ? 512 : 1300);
    const std::int64_t inputs = network->inputs().front().width();
    const auto rows = static_cast<std::int64_t>(2 + random() % 70);
    const std::vector<float> batch = RandomValues(random, rows * inputs);

    tbb::task_arena alone(1);
    const Evaluator reference(*network, 0.01, alone, set, storage);
    NetworkActivity expected_counts = MakeNetworkActivity(*network);
    const auto expected = AnswersTo(reference, batch.data(), rows, expected_counts);
    for (int threads = 2; threads <= 4; ++threads) {
      tbb::task_arena arena(threads);
      const Evaluator evaluator(*network, 0.01, arena, set, storage);
      NetworkActivity counts = MakeNetworkActivity(*network);
      EXPECT_EQ(AnswersTo(evaluator, batch.data(), rows, counts), expected);
      ExpectSameCounts(counts, expected_counts, 1e-9);
      const std::int64_t units = network->WidthOf(network->outputs().front());
      const float* last_row = batch.data() + (rows - 1) * inputs;
      const auto alone_row = AnswersTo(evaluator, last_row, 1, counts);
      EXPECT_EQ(std::memcmp(alone_row.front().data(), expected.front().data() + (rows - 1) * units,
                            static_cast<std::size_t>(units) * sizeof(float)),
                0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, BitIdentityTest, SetsAndStorages(), NameOfSetAndStorage);

}  // namespace
}  // namespace mlp
