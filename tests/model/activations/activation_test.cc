// The registry against formulas written apart, in double, from the papers' definitions.

#include "model/activations/activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace mlp {
namespace {

using ::testing::HasSubstr;

constexpr double kEpsilon = 0.01;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Reference {
  const char* name;
  double alpha;
  double (*value)(double z, double alpha);
  double (*slope)(double z, double alpha);
};

double LeakyValue(double z, double alpha) { return z > 0 ? z : alpha * z; }
double LeakySlope(double z, double alpha) { return z > 0 ? 1 : std::fabs(alpha); }
double EluValue(double z, double alpha) { return z > 0 ? z : alpha * std::expm1(z); }
double EluSlope(double z, double alpha) { return z > 0 ? 1 : alpha * std::exp(z); }
double SigmoidValue(double z, double /*alpha*/) { return 1 / (1 + std::exp(-z)); }

const Reference kReferences[] = {
    {"identity", 0, [](double z, double) { return z; }, [](double, double) { return 1.0; }},
    {"sigmoid", 0, SigmoidValue,
     [](double z, double) { return SigmoidValue(z, 0) * SigmoidValue(-z, 0); }},
    {"tanh", 0, [](double z, double) { return std::tanh(z); },
     [](double z, double) { return 1 / std::pow(std::cosh(z), 2); }},
    {"relu", 0, [](double z, double) { return z > 0 ? z : 0.0; },
     [](double z, double) { return z > 0 ? 1.0 : 0.0; }},
    {"leaky_relu", 0.01, LeakyValue, LeakySlope},
    {"leaky_relu", 0.3, LeakyValue, LeakySlope},
    {"prelu", -0.25, LeakyValue, LeakySlope},
    {"prelu", 1.5, LeakyValue, LeakySlope},
    {"elu", 1.0, EluValue, EluSlope},
    {"elu", 0.5, EluValue, EluSlope},
    {"elu", 2.0, EluValue, EluSlope},
};

class ActivationTest : public ::testing::TestWithParam<Reference> {
 protected:
  float Value(float z) const {
    const auto alpha = static_cast<float>(GetParam().alpha);
    float a = 0;
    info_.values(&z, &alpha, 1, &a);
    return a;
  }

  const ActivationInfo& info_ = *FindActivation(GetParam().name).value();
};

std::vector<float> Sample() {
  std::vector<float> sample = {0.0F,   -0.0F, 1e-30F, -1e-30F, 1e-6F,
                               -1e-6F, 88.0F, -88.0F, 1e4F,    -1e4F};
  for (int i = -2000; i <= 2000; ++i) sample.push_back(static_cast<float>(i) / 137.0F);
  return sample;
}

TEST_P(ActivationTest, FollowsItsFormula) {
  const Reference& reference = GetParam();
  for (const float z : Sample()) {
    const double expected = reference.value(z, static_cast<float>(reference.alpha));
    EXPECT_NEAR(Value(z), expected, 1e-6 * std::fabs(expected) + 1e-37) << "z = " << z;
  }
}

TEST_P(ActivationTest, GivesTheSlopeOfItsFormula) {
  const Reference& reference = GetParam();
  const auto alpha = static_cast<float>(reference.alpha);
  for (const float z : Sample()) {
    const float a = Value(z);
    float slope = 0;
    info_.slopes(&z, &a, &alpha, 1, &slope);
    // Slopes are made from the activation, so they carry its rounding, relative to 1.
    EXPECT_NEAR(slope, std::fabs(reference.slope(z, alpha)), 1e-6) << "z = " << z;
  }
}

TEST_P(ActivationTest, HasTailsExactlyWhereTheSlopeIsUnderEpsilon) {
  const Reference& reference = GetParam();
  double steepest = 0;
  for (double z = -50; z <= 50; z += 0.01) {
    steepest = std::max(steepest, std::fabs(reference.slope(z, reference.alpha)));
  }
  const Tails tails = info_.tails(reference.alpha, kEpsilon);
  for (double z = -20; z <= 20; z += 0.0137) {
    const bool flat = std::fabs(reference.slope(z, reference.alpha)) < kEpsilon * steepest;
    EXPECT_EQ(z <= tails.lower || z >= tails.upper, flat) << "z = " << z;
  }
}

TEST_P(ActivationTest, PassesNanOn) { EXPECT_TRUE(std::isnan(Value(kNan))); }

TEST_P(ActivationTest, WorksInPlaceAndOnAnyCount) {
  const auto alpha = static_cast<float>(GetParam().alpha);
  for (const int count : {1, 3, 4, 7, 63, 64, 65, 130}) {
    std::vector<float> z;
    for (int i = 0; i < count; ++i) z.push_back(static_cast<float>(i - count / 2) * 0.31F);
    const std::vector<float> alphas(z.size(), alpha);
    std::vector<float> a(z.size());
    info_.values(z.data(), alphas.data(), count, a.data());
    std::vector<float> in_place = z;
    info_.values(in_place.data(), alphas.data(), count, in_place.data());
    EXPECT_EQ(in_place, a) << count;
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double expected = GetParam().value(z[i], alpha);
      EXPECT_NEAR(a[i], expected, 1e-6 * std::fabs(expected) + 1e-37) << "z = " << z[i];
    }
  }
}

std::string NameOf(const ::testing::TestParamInfo<Reference>& info) {
  return std::string(info.param.name) + "_" + std::to_string(info.index);
}

INSTANTIATE_TEST_SUITE_P(All, ActivationTest, ::testing::ValuesIn(kReferences), NameOf);

struct TailCase {
  const char* activation;
  double alpha;
  double lower;
  double upper;
};

TEST(TailsTest, HaveTheClosedFormsOfTheDefinition) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (const TailCase& c :
       {TailCase{"sigmoid", 0, -5.9864, 5.9864}, TailCase{"tanh", 0, -2.9932, 2.9932},
        TailCase{"relu", 0, 0, none}, TailCase{"leaky_relu", 0.005, 0, none},
        TailCase{"leaky_relu", 0.01, none, none}, TailCase{"prelu", -0.005, 0, none},
        TailCase{"elu", 1, -4.6052, none}, TailCase{"elu", 0.005, 0, none},
        TailCase{"identity", 0, none, none}}) {
    const Tails tails = FindActivation(c.activation).value()->tails(c.alpha, kEpsilon);
    const auto same = [](double a, double b) {
      return std::isnan(a) ? std::isnan(b) : std::fabs(a - b) < 5e-5;
    };
    EXPECT_TRUE(same(c.lower, tails.lower)) << c.activation << ": lower tail " << tails.lower;
    EXPECT_TRUE(same(c.upper, tails.upper)) << c.activation << ": upper tail " << tails.upper;
  }
}

TEST(InfinityTest, IsAnsweredByTheLimits) {
  const auto value = [](const char* name, float z) {
    const float alpha = 0.5F;
    float a = 0;
    FindActivation(name).value()->values(&z, &alpha, 1, &a);
    return a;
  };
  EXPECT_EQ(value("sigmoid", kInfinity), 1.0F);
  EXPECT_NEAR(value("sigmoid", -kInfinity), 0.0, 1e-37);
  EXPECT_EQ(value("tanh", kInfinity), 1.0F);
  EXPECT_EQ(value("tanh", -kInfinity), -1.0F);
  EXPECT_EQ(value("relu", kInfinity), kInfinity);
  EXPECT_EQ(value("relu", -kInfinity), 0.0F);
  EXPECT_EQ(value("leaky_relu", -kInfinity), -kInfinity);
  EXPECT_EQ(value("elu", kInfinity), kInfinity);
  EXPECT_EQ(value("elu", -kInfinity), -0.5F);
}

TEST(SoftmaxTest, SumsToOneAndDoesNotOverflow) {
  const std::vector<float> logits = {1000.0F, 999.0F, -1000.0F, 1000.0F, 0.0F};
  std::vector<float> probabilities(logits.size());
  InfoOf(ActivationKind::kSoftmax).values(logits.data(), nullptr, 5, probabilities.data());
  const double sum = 2 + std::exp(-1.0);
  EXPECT_NEAR(probabilities[0], 1 / sum, 1e-6);
  EXPECT_NEAR(probabilities[1], std::exp(-1.0) / sum, 1e-6);
  EXPECT_NEAR(probabilities[2], 0.0, 1e-37);
  EXPECT_NEAR(probabilities[3], 1 / sum, 1e-6);
}

TEST(RegistryTest, ListsEveryKindAtItsPlace) {
  for (const ActivationInfo* info : AllActivations()) {
    EXPECT_EQ(&InfoOf(info->kind), info) << info->name;
    EXPECT_EQ(FindActivation(info->name).value(), info);
  }
}

TEST(RegistryTest, NamesWhatIsKnownWhereANameIsNot) {
  const auto found = FindActivation("swoosh");
  EXPECT_EQ(found.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("'swoosh'"));
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("leaky_relu"));
}

}  // namespace
}  // namespace mlp
