// Compares the registry with the references, which are written separately.

#include "model/activations/activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/model/activations/references.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kEpsilon = 0.01;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

class ActivationInfoTest : public ::testing::TestWithParam<Reference> {
 protected:
  double ReferenceSlope(double z) const {
    return reference_.slope.on_double(z, reference_.parameters.data());
  }

  const Reference& reference_ = GetParam();
  const ActivationInfo& info_ = *FindActivation(GetParam().name).value();
};

TEST_P(ActivationInfoTest, GivesTheValuesAndSlopesOfTheDefinition) {
  EXPECT_EQ(info_.kind, reference_.kind);
  ASSERT_TRUE(info_.elementwise);
  for (int i = -2200; i <= 2200; ++i) {
    const double z = i * 0.0137;
    const double value = reference_.value.on_double(z, reference_.parameters.data());
    EXPECT_NEAR(info_.value(z, reference_.parameters), value, 1e-12 * (1 + std::fabs(value))) << z;
    EXPECT_NEAR(info_.slope(z, reference_.parameters), ReferenceSlope(z),
                1e-12 * (1 + std::fabs(ReferenceSlope(z))))
        << z;
  }
  for (const float z : reference_.kinks) {
    EXPECT_NEAR(info_.slope(z, reference_.parameters), ReferenceSlope(z), 1e-12) << z;
  }
}

TEST_P(ActivationInfoTest, KnowsItsSteepestSlope) {
  if (reference_.kind == ActivationKind::kExponential) {
    EXPECT_TRUE(std::isinf(info_.steepest({})));
    return;
  }
  double steepest = 0;
  for (int i = -400'000; i <= 400'000; ++i) {
    steepest = std::max(steepest, std::fabs(ReferenceSlope(i * 0.001)));
  }
  EXPECT_NEAR(info_.steepest(reference_.parameters), steepest, 1e-3 * steepest);
  EXPECT_GE(info_.steepest(reference_.parameters), steepest * (1 - 1e-9));
}

// By brute force: steps over a grid from far outside inwards.
TEST_P(ActivationInfoTest, HasTailsInWhichTheSlopeStaysBelowEpsilon) {
  if (reference_.kind == ActivationKind::kExponential) return;  // no steepest slope
  for (const double epsilon : {0.001, 0.01, 0.1, 0.3}) {
    const double least = epsilon * info_.steepest(reference_.parameters);
    const Tails tails = info_.tails(reference_.parameters, epsilon);
    for (const double side : {-1.0, 1.0}) {
      constexpr double kFar = 1000;
      constexpr double kStep = 1e-3;
      // A slope that returns beyond kFar, as a wave's does, has no tail.
      bool returns = false;
      for (double beyond = kFar; beyond < 2 * kFar; beyond += 0.1) {
        returns = returns || std::fabs(ReferenceSlope(side * beyond)) >= least;
      }
      double distance = kFar;
      while (!returns && distance > -kFar && std::fabs(ReferenceSlope(side * distance)) < least) {
        distance -= kStep;
      }
      const double bound = side < 0 ? tails.lower : tails.upper;
      if (distance == kFar) {
        EXPECT_TRUE(std::isnan(bound)) << bound << " on side " << side << ", " << epsilon;
      } else {
        EXPECT_NEAR(bound, side * distance, 2 * kStep) << "on side " << side << ", " << epsilon;
      }
    }
  }
}

TEST_P(ActivationInfoTest, NeverFallsIfMonotoneAndOtherwiseKeepsItsBounds) {
  const bool is_monotone = info_.is_monotone(reference_.parameters);
  double previous_value = -std::numeric_limits<double>::infinity();
  for (int i = -2200; i <= 2200; ++i) {
    const double z = i * 0.0137;
    const double value = reference_.value.on_double(z, reference_.parameters.data());
    if (is_monotone) {
      EXPECT_GE(value, previous_value - 1e-12 * std::fabs(previous_value)) << z;
    }
    EXPECT_GE(value, info_.bounds.lowest) << z;
    EXPECT_LE(value, info_.bounds.highest) << z;
    previous_value = value;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ActivationInfoTest, ::testing::ValuesIn(ElementwiseReferences()),
                         [](const auto& test) { return test.param.Label(); });

struct TailCase {
  const char* activation;
  std::vector<float> parameters;
  double lower;
  double upper;
};

TEST(TailsTest, HaveTheDocumentedBounds) {
  for (const TailCase& c : {TailCase{"sigmoid", {}, -5.9864, 5.9864},
                            TailCase{"tanh", {}, -2.9932, 2.9932},
                            TailCase{"relu", {}, 0, kNone},
                            TailCase{"leaky_relu", {0.005F}, 0, kNone},
                            TailCase{"leaky_relu", {0.011F}, kNone, kNone},
                            TailCase{"prelu", {-0.005F}, 0, kNone},
                            TailCase{"elu", {1}, -4.6052, kNone},
                            TailCase{"elu", {0.005F}, 0, kNone},
                            TailCase{"selu", {1.67326324F, 1.05070098F}, -4.6052, kNone},
                            TailCase{"celu", {2}, -9.2103, kNone},
                            TailCase{"softplus", {2, 20}, -2.2976, kNone},
                            TailCase{"softsign", {}, -9, 9},
                            TailCase{"relu6", {}, 0, 6},
                            TailCase{"hard_tanh", {-1, 1}, -1, 1},
                            TailCase{"hard_sigmoid", {0.2F, 0.5F}, -2.5, 2.5},
                            TailCase{"hard_swish", {}, -3, kNone},
                            TailCase{"thresholded_relu", {1}, 1, kNone},
                            TailCase{"silu", {}, -6.1429, kNone},
                            TailCase{"gelu", {}, -3.0217, kNone},
                            TailCase{"mish", {}, -6.1587, kNone},
                            TailCase{"sine", {}, kNone, kNone},
                            TailCase{"identity", {}, kNone, kNone}}) {
    const Tails tails = FindActivation(c.activation).value()->tails(c.parameters, kEpsilon);
    const auto same = [](double a, double b) {
      return std::isnan(a) ? std::isnan(b) : std::fabs(a - b) < 5e-5;
    };
    EXPECT_TRUE(same(c.lower, tails.lower)) << c.activation << ": lower tail " << tails.lower;
    EXPECT_TRUE(same(c.upper, tails.upper)) << c.activation << ": upper tail " << tails.upper;
  }
}

TEST(RegistryTest, ListsEveryKindInOrderAndFullyDescribed) {
  ASSERT_EQ(AllActivations().size(), kActivationKindCount);
  for (const ActivationInfo* info : AllActivations()) {
    ASSERT_NE(info, nullptr);
    EXPECT_EQ(&InfoOf(info->kind), info) << info->name;
    EXPECT_EQ(FindActivation(info->name).value(), info);
    EXPECT_FALSE(info->formula.empty()) << info->name;
    EXPECT_FALSE(info->source.empty()) << info->name;
    EXPECT_EQ(info->tails != nullptr, info->elementwise) << info->name;
    EXPECT_TRUE(CheckActivation(DefaultActivation(info->kind), 6).ok()) << info->name;
    for (const ActivationParameter& parameter : info->parameters) {
      EXPECT_LE(parameter.lowest, parameter.default_value) << info->name;
      EXPECT_GE(parameter.highest, parameter.default_value) << info->name;
    }
  }
}

TEST(RegistryTest, HasAReferenceForEveryElementwiseActivation) {
  for (const ActivationInfo* info : AllActivations()) {
    const bool is_there =
        std::any_of(ElementwiseReferences().begin(), ElementwiseReferences().end(),
                    [&](const Reference& reference) { return reference.kind == info->kind; });
    EXPECT_EQ(is_there, info->elementwise) << info->name;
  }
}

TEST(RegistryTest, QuotesANameFromAFile) {
  const std::string name = "a\n" + std::string(1000, 'b');
  const auto found = FindActivation(name);
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("activation 'a\\nbbb"));
  EXPECT_THAT(std::string(found.status().message()), Not(HasSubstr(std::string(65, 'b'))));
}

TEST(RegistryTest, ListsTheKnownNamesForAnUnknownOne) {
  const auto found = FindActivation("swoosh");
  EXPECT_EQ(found.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("'swoosh'"));
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("leaky_relu"));
}

struct BadActivation {
  Activation activation;
  const char* message;
};

TEST(CheckActivationTest, ReportsWhatIsWrong) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const BadActivation& c :
       {BadActivation{{ActivationKind::kElu}, "elu has 0 parameters; expected 1"},
        BadActivation{{ActivationKind::kElu, {nan}}, "elu has alpha nan"},
        BadActivation{{ActivationKind::kCelu, {-1}}, "celu has alpha -1; expected 1e-06 to 1e+06"},
        BadActivation{{ActivationKind::kPrelu}, "prelu has 0 alphas; expected 1 or 5"},
        BadActivation{{ActivationKind::kPrelu, {}, {1, 2}}, "prelu has 2 alphas"},
        BadActivation{{ActivationKind::kPrelu, {}, {nan}}, "prelu has alpha nan at position 0"},
        BadActivation{{ActivationKind::kTanh, {}, {1}}, "tanh has 1 alphas of units"},
        BadActivation{{ActivationKind::kHardTanh, {1, -1}}, "expected min to be at most max"},
        BadActivation{{ActivationKind::kSwiglu}, "swiglu is on 5 units; expected an even"}}) {
    const absl::Status status = CheckActivation(c.activation, 5);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.message;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
  }
}

TEST(ParametersOfUnitTest, AreTheUnitsOwnForPrelu) {
  const Activation own = {ActivationKind::kPrelu, {}, {0.1F, 0.2F}};
  EXPECT_EQ(ParametersOfUnit(own, 1).front(), 0.2F);
  const Activation shared = {ActivationKind::kPrelu, {}, {0.3F}};
  EXPECT_EQ(ParametersOfUnit(shared, 7).front(), 0.3F);
  EXPECT_EQ(ParametersOfUnit(DefaultActivation(ActivationKind::kSoftplus), 7).size(), 2);
}

}  // namespace
}  // namespace mlp
