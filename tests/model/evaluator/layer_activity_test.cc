// The counts of rows whose answers are easy to see: values that are not finite, dead units and
// units of one sign.

#include "model/evaluator/layer_activity.h"

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "model/evaluator/evaluator.h"
#include "model/network.h"

namespace mlp {
namespace {

// 2 inputs, 2 ReLU units, 1 output.
std::shared_ptr<const Network> SmallNetwork() {
  Layer hidden{2, 2, Dense{{1, 0, 0, -1}, {0, 0}}, {ActivationKind::kRelu, {}}, ""};
  Layer output{2, 1, Dense{{1, 1}, {0}}, {}, ""};
  auto network = Network::Create({"x", {2}}, {hidden, output}, {{{"y", {1}}, 1, Tap::kActivation}});
  return std::make_shared<const Network>(std::move(network).value());
}

TEST(NonFiniteTest, FollowsIeee754AndIsCountedWithoutChangingTheSums) {
  const auto network = SmallNetwork();
  tbb::task_arena arena(1);
  const Evaluator evaluator(*network, /*saturation_epsilon=*/0.01, arena);
  Evaluator::Workspace workspace = evaluator.MakeWorkspace();
  NetworkActivity activity = MakeNetworkActivity(*network);
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  // The second unit's weight for the first input is 0. By IEEE 754, 0 * inf is NaN.
  const std::vector<float> inputs = {1, 2, nan, 1, infinity, 1, 3, -4};
  std::vector<float> y(4);
  float* const outputs[] = {y.data()};
  evaluator.Evaluate(4, inputs.data(), outputs, workspace, activity);
  SettleNetworkActivity(activity);
  EXPECT_EQ(y[0], 1);
  EXPECT_TRUE(std::isnan(y[1]));
  EXPECT_TRUE(std::isnan(y[2]));
  EXPECT_EQ(y[3], 7);
  EXPECT_EQ(activity[0].non_finite, 4);
  EXPECT_EQ(activity[0].Sum(), 1 + 3 + 4);
  EXPECT_EQ(activity[0].LowerTail(), 1);
  EXPECT_EQ(activity[1].non_finite, 2);
  EXPECT_EQ(activity[1].Sum(), 8);
}

TEST(DeadUnitsTest, AreThoseInOneTailOnEveryRow) {
  const auto network = SmallNetwork();
  tbb::task_arena arena(1);
  const Evaluator evaluator(*network, /*saturation_epsilon=*/0.01, arena);
  Evaluator::Workspace workspace = evaluator.MakeWorkspace();
  NetworkActivity activity = MakeNetworkActivity(*network);
  const std::vector<float> inputs = {1, 2, 3, 4, 0, 0};
  std::vector<float> y(3);
  float* const outputs[] = {y.data()};
  EXPECT_EQ(activity[0].DeadUnits(), 0);
  evaluator.Evaluate(3, inputs.data(), outputs, workspace, activity);
  SettleNetworkActivity(activity);
  EXPECT_EQ(activity[0].DeadUnits(), 1);
  EXPECT_EQ(activity[0].unit_lower_tail, (std::vector<std::int64_t>{1, 3}));
}

// For each activation, two units that see z = x and z = -x, over few rows at a time and over many.
struct SignCase {
  ActivationKind activation;
  std::vector<float> x;
  std::int64_t one_signed;
};

TEST(OneSignedUnitsTest, AreThoseWhoseOutputNeverChangesSign) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<SignCase> cases = {{ActivationKind::kTanh, {1, 2, 3}, 2},
                                       {ActivationKind::kTanh, {1, 2, -3}, 0},
                                       {ActivationKind::kTanh, {0, 0, 0}, 2},
                                       {ActivationKind::kTanh, {0, 1, 2}, 1},
                                       {ActivationKind::kTanh, {nan, -1, -2}, 2},
                                       {ActivationKind::kIdentity, {infinity, 1}, 2},
                                       {ActivationKind::kRelu, {1, -1}, 2},
                                       {ActivationKind::kSigmoid, {3, -3}, 2},
                                       {ActivationKind::kSoftplus, {3, -3}, 2},
                                       {ActivationKind::kLeakyRelu, {3, -3}, 0},
                                       {ActivationKind::kTanh, {}, 0}};
  tbb::task_arena arena(1);
  for (const SignCase& sign_case : cases) {
    Layer layer{1, 2, Dense{{1, -1}, {0, 0}}, DefaultActivation(sign_case.activation), ""};
    const auto network =
        Network::Create({"x", {1}}, {layer}, {{{"y", {2}}, 0, Tap::kActivation}}).value();
    const Evaluator evaluator(network, /*saturation_epsilon=*/0.01, arena);
    Evaluator::Workspace workspace = evaluator.MakeWorkspace();
    for (const std::size_t times : {1, 30}) {
      std::vector<float> x;
      for (std::size_t i = 0; i < times; ++i)
        x.insert(x.end(), sign_case.x.begin(), sign_case.x.end());
      NetworkActivity activity = MakeNetworkActivity(network);
      std::vector<float> y(2 * x.size());
      float* const outputs[] = {y.data()};
      evaluator.Evaluate(static_cast<std::int64_t>(x.size()), x.data(), outputs, workspace,
                         activity);
      SettleNetworkActivity(activity);
      EXPECT_EQ(activity[0].OneSignedUnits(), sign_case.one_signed)
          << InfoOf(sign_case.activation).name << " of " << ::testing::PrintToString(x);
    }
  }
}

}  // namespace
}  // namespace mlp
