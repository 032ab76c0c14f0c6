#include "client/bench/element_bytes.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace mlp {
namespace {

struct ElementCase {
  const char* datatype;
  float value;
  std::string bytes;  // little-endian
};

void PrintTo(const ElementCase& element, std::ostream* out) { *out << element.datatype; }

class ElementBytesTest : public ::testing::TestWithParam<ElementCase> {};

TEST_P(ElementBytesTest, EncodesValuesAsTheProtocolDoes) {
  const auto& [name, value, expected] = GetParam();
  std::string bytes = "before";
  const std::vector<float> values = {value};
  ASSERT_TRUE(AppendElements(FindDatatype(name).value(), values, bytes).ok()) << name;
  EXPECT_EQ(bytes, "before" + expected) << name << " " << value;
}

INSTANTIATE_TEST_SUITE_P(
    EveryDatatype, ElementBytesTest,
    ::testing::Values(ElementCase{"BOOL", 1.0F, "\x01"}, ElementCase{"UINT8", 255.0F, "\xFF"},
                      ElementCase{"INT8", -128.0F, "\x80"},
                      ElementCase{"UINT16", 65535.0F, "\xFF\xFF"},
                      ElementCase{"INT16", -2.0F, "\xFE\xFF"},
                      ElementCase{"UINT32", 3.0F, std::string("\x03\0\0\0", 4)},
                      ElementCase{"INT32", -1.0F, "\xFF\xFF\xFF\xFF"},
                      ElementCase{"UINT64", 4.0F, std::string("\x04\0\0\0\0\0\0\0", 8)},
                      ElementCase{"INT64", -1.0F, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"},
                      ElementCase{"FP16", 1.0F, std::string("\x00\x3C", 2)},
                      ElementCase{"BF16", 1.0F, std::string("\x80\x3F", 2)},
                      ElementCase{"FP32", 1.0F, std::string("\0\0\x80\x3F", 4)},
                      ElementCase{"FP64", 1.0F, std::string("\0\0\0\0\0\0\xF0\x3F", 8)}));

TEST(ElementBytesTest, RefusesValuesThatAnIntegerCannotHold) {
  constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();
  const struct {
    const char* datatype;
    std::vector<float> values;
  } cases[] = {{"BOOL", {2.0F, -1.0F, 0.5F}},
               {"UINT8", {256.0F, -1.0F, 0.5F, kNotANumber}},
               {"INT8", {128.0F, -129.0F}},
               {"UINT32", {4294967296.0F, -1.0F}},
               {"INT32", {2147483648.0F}},
               {"UINT64", {18446744073709551616.0F, -1.0F}},
               {"INT64", {9223372036854775808.0F, kNotANumber}}};
  for (const auto& [name, values] : cases) {
    for (const float value : values) {
      std::string bytes;
      const std::vector<float> one = {value};
      EXPECT_TRUE(absl::IsInvalidArgument(AppendElements(FindDatatype(name).value(), one, bytes)))
          << name << " " << value;
    }
  }
}

}  // namespace
}  // namespace mlp
