// Compares operations along axes of a row, and element-wise functions, with ONNX Runtime, on
// fixtures/onnx/axes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "model/formats/onnx/reader.h"
#include "tests/bytes_of_file.h"
#include "tests/model/formats/evaluate.h"
#include "tests/model/formats/onnx/exports.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// JSON has neither NaN nor infinities.
std::vector<float> NumbersOfCase(const nlohmann::json& list) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> numbers;
  for (const auto& value : list) {
    if (value.is_null()) {
      numbers.push_back(std::numeric_limits<float>::quiet_NaN());
    } else if (value.is_string()) {
      numbers.push_back(value == "inf" ? infinity : -infinity);
    } else {
      numbers.push_back(value.get<float>());
    }
  }
  return numbers;
}

std::vector<nlohmann::json> AxesCases() {
  std::vector<nlohmann::json> cases;
  const std::string bytes = BytesOfFile(ExportsFolder() / "axes" / "cases.jsonl");
  for (const auto line : absl::StrSplit(bytes, '\n', absl::SkipEmpty())) {
    cases.push_back(nlohmann::json::parse(line));
  }
  return cases;
}

TEST(AxesTest, AreReadLikeOnnxRuntimeOrRefused) {
  const std::vector<nlohmann::json> cases = AxesCases();
  const std::vector<float> x = NumbersOfCase(cases[0]["x"]);
  int refused = 0;
  for (std::size_t i = 1; i < cases.size(); ++i) {
    const nlohmann::json& axes_case = cases[i];
    SCOPED_TRACE(axes_case["name"].get<std::string>());
    std::string file;
    ASSERT_TRUE(absl::Base64Unescape(axes_case["model"].get<std::string>(), &file));
    const absl::StatusOr<ReadNetwork> read = ReadOnnx(file);
    if (axes_case.contains("refused")) {
      EXPECT_EQ(read.status().code(), kUnimplemented) << read.status();
      EXPECT_THAT(std::string(read.status().message()),
                  HasSubstr(axes_case["refused"].get<std::string>()));
      ++refused;
      continue;
    }
    ASSERT_TRUE(read.ok()) << read.status();
    const NetworkOutput& y = read->network.outputs()[0];
    EXPECT_EQ(nlohmann::json(y.tensor.shape), axes_case["shape"]);
    ExpectClose(EvaluateNetwork(read->network, {x})[0], NumbersOfCase(axes_case["answers"]),
                read->network.WidthOf(y));
  }
  EXPECT_GE(cases.size(), 490U);
  EXPECT_EQ(refused, 27);
}

}  // namespace
}  // namespace mlp
