#include "model/drift/accepted_windows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/model/drift/generated_network.h"

namespace mlp {
namespace {

std::vector<std::vector<float>> GeneratedWindows(std::uint32_t seed, std::int64_t count,
                                                 std::int64_t components) {
  const std::vector<float> values = RowGenerator(seed).Rows(count, components);
  std::vector<std::vector<float>> windows;
  for (std::int64_t i = 0; i < count; ++i) {
    windows.emplace_back(values.begin() + i * components, values.begin() + (i + 1) * components);
  }
  return windows;
}

TargetBaseline TargetOf(std::int64_t components) {
  TargetBaseline target;
  target.name = "hidden_1";
  target.components = components;
  return target;
}

TEST(AcceptedWindowsTest, HaveTheCovarianceAndTheLevelOfTheDefinition) {
  std::ifstream file(MLP_SOURCE_DIR "/tests/fixtures/drift/accepted.json");
  for (const nlohmann::json& definition : nlohmann::json::parse(file)) {
    const auto components = definition["components"].get<std::int64_t>();
    auto windows = GeneratedWindows(definition["seed"].get<std::uint32_t>(),
                                    definition["count"].get<std::int64_t>() + 1, components);
    const std::vector<float> probe = windows.back();
    windows.pop_back();
    const auto accepted = AcceptWindows(TargetOf(components), windows);
    ASSERT_TRUE(accepted.ok()) << accepted.status();
    const auto expect_close = [](double actual, double expected, double tolerance) {
      EXPECT_NEAR(actual, expected, tolerance * expected);
    };
    const AcceptedFigures& figures = (*accepted)->figures();
    expect_close(figures.shrinkage, definition["shrinkage"], 1e-6);
    expect_close(figures.scale, definition["scale"], 1e-6);
    expect_close(figures.level, definition["level"], 1e-4);  // SciPy's fit stops after a few digits
    Eigen::VectorXd d(components);
    for (Eigen::Index i = 0; i < components; ++i) {
      const auto at = static_cast<std::size_t>(i);
      d[i] = probe[at] - figures.mean[at];
    }
    expect_close((*accepted)->DistanceOf(d), definition["distance"], 1e-6);
  }
}

struct RefusedWindows {
  std::vector<std::vector<float>> windows;
  const char* message;
};

TEST(AcceptedWindowsTest, AreRefusedWithTheReason) {
  const auto good = GeneratedWindows(1, 50, 3);
  std::vector<std::vector<float>> few(good.begin(), good.end() - 1);
  auto short_one = good;
  short_one[7].pop_back();
  auto not_finite = good;
  not_finite[49][1] = std::nanf("");
  const std::vector<std::vector<float>> same(50, good.front());
  ASSERT_TRUE(AcceptWindows(TargetOf(3), good).ok());
  ASSERT_TRUE(AcceptWindows(TargetOf(3), GeneratedWindows(1, 200, 3)).ok());
  for (const RefusedWindows& refused :
       {RefusedWindows{few, "49 windows; 50 to 200 can be accepted"},
        RefusedWindows{GeneratedWindows(1, 201, 3), "201 windows; 50 to 200 can be accepted"},
        RefusedWindows{short_one, "a window of hidden_1 has 2 components; expected 3"},
        RefusedWindows{not_finite, "a window of hidden_1 has a value that is not finite"},
        RefusedWindows{same, "the windows of hidden_1 do not differ from one another"}}) {
    const auto accepted = AcceptWindows(TargetOf(3), refused.windows);
    EXPECT_EQ(accepted.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(accepted.status().message(), refused.message);
  }
}

}  // namespace
}  // namespace mlp
