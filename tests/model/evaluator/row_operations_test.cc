// Compares each operation with values worked out by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "model/evaluator/evaluator.h"
#include "tests/model/every_operation.h"
#include "tests/model/print_parameters.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::NanSensitiveFloatEq;
using ::testing::Pointwise;

constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinitelyMuch = std::numeric_limits<float>::infinity();

// The operation's values for one row of each of `inputs`. The network also has a dense layer,
// because every network needs one.
std::vector<float> Operated(RowOperationDetail operation,
                            const std::vector<std::vector<float>>& inputs, std::int64_t units) {
  std::vector<TensorSpec> tensors;
  std::vector<Source> sources;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto width = static_cast<std::int64_t>(inputs[i].size());
    tensors.push_back({"x" + std::to_string(i), {width}});
    sources.push_back(Source::OfInput(static_cast<std::int64_t>(i), width));
  }
  Layer layer = OperationLayer(std::move(operation), std::move(sources));
  layer.units = units;
  Layer dense;
  dense.inputs = dense.units = 1;
  dense.dense().weights = {1.0F};
  dense.dense().bias = {0.0F};
  dense.sources = {Source::OfInput(0, 1)};
  NetworkOutput output;
  output.tensor = {"y", {units}};
  const auto network = Network::Create(std::move(tensors), {std::move(layer), dense}, {output});
  EXPECT_TRUE(network.ok()) << network.status();
  if (!network.ok()) return {};
  tbb::task_arena arena(1);
  const Evaluator evaluator(*network, 0.01, arena);
  Evaluator::Workspace workspace = evaluator.MakeWorkspace();
  NetworkActivity activity = MakeNetworkActivity(*network);
  std::vector<const float*> data;
  data.reserve(inputs.size());
  for (const std::vector<float>& input : inputs) data.push_back(input.data());
  std::vector<float> y(static_cast<std::size_t>(units));
  float* const outputs[] = {y.data()};
  evaluator.Evaluate(1, data, outputs, workspace, activity);
  return y;
}

TEST(RowOperationsTest, AppliesAFunctionUnitByUnit) {
  EXPECT_THAT(Operated(FunctionNamed("Sub"), {{5, 1}, {2, 4}}, 2), ElementsAre(3, -3));
  EXPECT_THAT(Operated(FunctionNamed("Where"), {{1, 0, -2}, {5, 6, 7}, {8, 9, 10}}, 3),
              ElementsAre(5, 9, 7));
  EXPECT_THAT(Operated(FunctionNamed("Shrink", {0.5, 1.0}), {{2, 0.5F, -3}}, 3),
              ElementsAre(1.5F, 0, -2.5F));
  EXPECT_THAT(Operated(FunctionNamed("Sqrt"), {{4, -1, kInfinitelyMuch, kNotANumber}}, 4),
              Pointwise(NanSensitiveFloatEq(),
                        std::vector<float>{2, kNotANumber, kInfinitelyMuch, kNotANumber}));
}

// A loop over many values gives the bits of the formula for one.
TEST(RowOperationsTest, AppliesEachFunctionAsItsFormulaSays) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0.0F, 3.0F);
  constexpr std::size_t kValues = 203;
  for (const ElementwiseFunction& function : AllElementwiseFunctions()) {
    std::vector<double> parameters;
    for (const ElementwiseParameter& parameter : function.parameters) {
      parameters.push_back(static_cast<double>(parameter.default_value));
    }
    const int most = std::min(function.most_operands, 5);
    for (int count = function.fewest_operands; count <= most; ++count) {
      std::vector<std::vector<float>> values(static_cast<std::size_t>(count));
      std::vector<const float*> operands;
      for (std::vector<float>& of_one : values) {
        for (std::size_t i = 0; i < kValues; ++i) of_one.push_back(normal(random));
        for (const float special :
             {0.0F, -0.0F, kNotANumber, kInfinitelyMuch, -kInfinitelyMuch, 1e-42F, 3e38F, 2.0F}) {
          of_one[random() % kValues] = special;
        }
        operands.push_back(of_one.data());
      }
      std::vector<float> together(kValues);
      function.value.ForEach(operands, parameters, kValues, together.data());
      for (std::size_t i = 0; i < kValues; ++i) {
        std::vector<double> of_unit;
        for (const float* operand : operands) of_unit.push_back(static_cast<double>(operand[i]));
        const auto alone = static_cast<float>(function.value(of_unit, parameters));
        if (std::isnan(alone) && std::isnan(together[i])) continue;
        EXPECT_EQ(std::memcmp(&alone, &together[i], sizeof(float)), 0)
            << function.name << " of " << count << " operands, the first " << operands[0][i];
      }
    }
  }
}

struct ReductionCase {
  ReductionKind kind;
  float of_first;   // of 3, -1, 2
  float of_second;  // of -4, 0.5, 0.5
};

void PrintTo(const ReductionCase& reduction_case, std::ostream* out) {
  *out << NameOf(reduction_case.kind);
}

class ReductionTest : public ::testing::TestWithParam<ReductionCase> {};

TEST_P(ReductionTest, RunsOverTheMiddleOfThreeDimensions) {
  const auto [kind, first, second] = GetParam();
  // [outer 2, count 3, inner 2]: both columns, then both in reversed order.
  const std::vector<float> x = {3, -4, -1, 0.5F, 2, 0.5F, -4, 3, 0.5F, -1, 0.5F, 2};
  EXPECT_THAT(Operated(Reduction{kind, 2, 3, 2}, {x}, 4),
              Pointwise(NanSensitiveFloatEq(), std::vector<float>{first, second, second, first}));
}

INSTANTIATE_TEST_SUITE_P(
    All, ReductionTest,
    ::testing::Values(ReductionCase{ReductionKind::kSum, 4, -3},
                      ReductionCase{ReductionKind::kMean, 4.0F / 3, -1},
                      ReductionCase{ReductionKind::kProduct, -6, -1},
                      ReductionCase{ReductionKind::kMaximum, 3, 0.5F},
                      ReductionCase{ReductionKind::kMinimum, -1, -4},
                      ReductionCase{ReductionKind::kL1, 6, 5},
                      ReductionCase{ReductionKind::kL2, 3.7416574F, 4.0620193F},
                      ReductionCase{ReductionKind::kSumOfSquares, 14, 16.5F},
                      ReductionCase{ReductionKind::kLogSum, 1.3862944F, kNotANumber},
                      ReductionCase{ReductionKind::kLogSumExp, 3.3265626F, 1.1986863F},
                      ReductionCase{ReductionKind::kArgMax, 0, 1},
                      ReductionCase{ReductionKind::kArgMin, 1, 0}),
    [](const auto& test) { return std::string(NameOf(test.param.kind)); });

TEST(RowOperationsTest, ReducesValuesThatAreNotFinite) {
  const auto reduced = [](ReductionKind kind, std::vector<float> x) {
    const auto count = static_cast<std::int64_t>(x.size());
    return Operated(Reduction{kind, 1, count, 1}, {std::move(x)}, 1)[0];
  };
  for (const ReductionKind kind :
       {ReductionKind::kSum, ReductionKind::kMean, ReductionKind::kProduct, ReductionKind::kMaximum,
        ReductionKind::kMinimum, ReductionKind::kL1, ReductionKind::kL2,
        ReductionKind::kSumOfSquares, ReductionKind::kLogSum, ReductionKind::kLogSumExp}) {
    EXPECT_TRUE(std::isnan(reduced(kind, {kNotANumber, 1, 2}))) << NameOf(kind);
    EXPECT_TRUE(std::isnan(reduced(kind, {1, kNotANumber, 2}))) << NameOf(kind);
    EXPECT_TRUE(std::isnan(reduced(kind, {1, 2, kNotANumber}))) << NameOf(kind);
    if (kind == ReductionKind::kMinimum) continue;
    EXPECT_EQ(reduced(kind, {1, kInfinitelyMuch, 2}), kInfinitelyMuch) << NameOf(kind);
  }
  // e^x alone would overflow, or underflow to 0.
  EXPECT_EQ(reduced(ReductionKind::kLogSumExp, {1000, 1000}),
            static_cast<float>(1000 + std::log(2.0)));
  EXPECT_EQ(reduced(ReductionKind::kLogSumExp, {-1000, -1000}),
            static_cast<float>(std::log(2.0) - 1000));
  EXPECT_EQ(reduced(ReductionKind::kLogSumExp, {-kInfinitelyMuch, -kInfinitelyMuch}),
            -kInfinitelyMuch);
  // The squares alone would overflow, or underflow to 0.
  EXPECT_EQ(reduced(ReductionKind::kL2, {3e30F, 4e30F}), 5e30F);
  EXPECT_EQ(reduced(ReductionKind::kL2, {3e-30F, 4e-30F}), 5e-30F);
  EXPECT_EQ(reduced(ReductionKind::kL2, {3e38F, 3e38F}), kInfinitelyMuch);
  EXPECT_EQ(reduced(ReductionKind::kSumOfSquares, {1e30F, 1}), kInfinitelyMuch);
  EXPECT_EQ(reduced(ReductionKind::kArgMax, {1, 5, 5}), 1);
  EXPECT_EQ(reduced(ReductionKind::kArgMin, {1, -kInfinitelyMuch, -5}), 1);
}

TEST(RowOperationsTest, SelectsUnitsInAnyOrder) {
  EXPECT_THAT(Operated(Selection{{2, 0, 0, 1}}, {{7, 8, 9}}, 4), ElementsAre(9, 7, 7, 8));
}

TEST(RowOperationsTest, LooksUpByPosition) {
  const Lookup table = {2, {}, {1, 2, 3, 4, 5, 6}, {}};
  EXPECT_THAT(Operated(table, {{0, 2, -1, -3}}, 8), ElementsAre(1, 2, 5, 6, 5, 6, 1, 2));
  // Rounds towards zero, as a cast before ONNX's Gather does.
  EXPECT_THAT(Operated(table, {{1.9F, -0.9F, 2.9F, -3.9F}}, 8),
              ElementsAre(3, 4, 1, 2, 5, 6, 1, 2));
  for (const float wrong : {3.0F, -4.0F, 1e30F, -1e30F, kInfinitelyMuch, kNotANumber}) {
    const std::vector<float> z = Operated(table, {{wrong}}, 2);
    EXPECT_TRUE(std::isnan(z[0]) && std::isnan(z[1])) << wrong;
    Lookup with_other = table;
    with_other.default_row = {-7, -8};
    EXPECT_THAT(Operated(with_other, {{wrong}}, 2), ElementsAre(-7, -8)) << wrong;
  }
}

TEST(RowOperationsTest, LooksUpByKey) {
  const Lookup table = {1, {-2, 0.5F, 3, kNotANumber}, {10, 20, 30, 40}, {0}};
  EXPECT_THAT(Operated(table, {{3, -2, 0.5F, kNotANumber, 0.25F, 4, kInfinitelyMuch}}, 7),
              ElementsAre(30, 10, 20, 40, 0, 0, 0));
  const Lookup strict = {1, {0}, {5}, {}};
  EXPECT_THAT(Operated(strict, {{0, -0.0F, 1, kNotANumber}}, 4),
              Pointwise(NanSensitiveFloatEq(), std::vector<float>{5, 5, kNotANumber, kNotANumber}));
}

TEST(RowOperationsTest, MultipliesMatrices) {
  // [2, 1, 2] times [2, 2, 3].
  EXPECT_THAT(Operated(MatrixProduct{2, 1, 2, 3},
                       {{1, 2, 3, 4}, {1, 2, 3, 4, 5, 6, 1, 0, -1, 0, 1, kInfinitelyMuch}}, 6),
              ElementsAre(9, 12, 15, 3, 4, kInfinitelyMuch));
}

class OperationBitsTest : public ::testing::TestWithParam<InstructionSet> {};

TEST_P(OperationBitsTest, AreTheSameInAnyBatch) {
  const Network network = NetworkOfEveryOperation();
  constexpr std::int64_t kRows = 300;
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0.0F, 2.0F);
  std::vector<float> x(6 * kRows);
  for (float& value : x) value = normal(random);
  std::vector<float> categories(2 * kRows);
  for (float& value : categories) value = static_cast<float>(random() % 6) - 3.0F;
  x[7] = kNotANumber;
  x[20] = kInfinitelyMuch;
  categories[9] = kNotANumber;
  const auto answer = [&](std::int64_t first, std::int64_t rows, int threads) {
    tbb::task_arena arena(threads);
    const Evaluator evaluator(network, 0.01, arena, GetParam());
    Evaluator::Workspace workspace = evaluator.MakeWorkspace();
    NetworkActivity activity = MakeNetworkActivity(network);
    const float* const inputs[] = {x.data() + 6 * first, categories.data() + 2 * first};
    std::vector<float> y(static_cast<std::size_t>(9 * rows));
    float* const outputs[] = {y.data()};
    evaluator.Evaluate(rows, inputs, outputs, workspace, activity);
    return y;
  };
  const std::vector<float> together = answer(0, kRows, 1);
  const auto same = [&](std::int64_t first, const std::vector<float>& part) {
    return std::memcmp(part.data(), together.data() + 9 * first, part.size() * sizeof(float)) == 0;
  };
  EXPECT_TRUE(same(0, answer(0, kRows, 4)));
  for (std::int64_t row = 0; row < 70; ++row) EXPECT_TRUE(same(row, answer(row, 1, 1))) << row;
  for (const std::int64_t rows : {2, 7, 63, 64, 65}) {
    EXPECT_TRUE(same(11, answer(11, rows, 2))) << rows;
  }
}

INSTANTIATE_TEST_SUITE_P(All, OperationBitsTest, ::testing::ValuesIn(SupportedInstructionSets()),
                         [](const auto& test) { return std::string(NameOf(test.param)); });

}  // namespace
}  // namespace mlp
