#include "model/datatype.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace mlp {
namespace {

// Converts the bytes of `elements`, which lie at an odd address.
template <typename Element>
std::vector<float> Converted(Datatype datatype, const std::vector<Element>& elements) {
  std::string bytes(1 + elements.size() * sizeof(Element), '\0');
  std::memcpy(bytes.data() + 1, elements.data(), elements.size() * sizeof(Element));
  std::vector<float> floats(elements.size());
  ConvertToFloats(datatype, bytes.data() + 1, static_cast<std::int64_t>(floats.size()),
                  floats.data());
  return floats;
}

TEST(ConvertToFloatsTest, ReadsEveryDatatypeAtAnyAlignment) {
  EXPECT_EQ(Converted<std::uint8_t>(Datatype::kBool, {0, 1, 2}), (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(Converted<std::uint8_t>(Datatype::kUint8, {0, 255}), (std::vector<float>{0, 255}));
  EXPECT_EQ(Converted<std::int8_t>(Datatype::kInt8, {-128, 127}), (std::vector<float>{-128, 127}));
  EXPECT_EQ(Converted<std::uint16_t>(Datatype::kUint16, {65535}), (std::vector<float>{65535}));
  EXPECT_EQ(Converted<std::int16_t>(Datatype::kInt16, {-32768}), (std::vector<float>{-32768}));
  EXPECT_EQ(Converted<std::uint32_t>(Datatype::kUint32, {1U << 31}),
            (std::vector<float>{2147483648.0F}));
  EXPECT_EQ(Converted<std::int32_t>(Datatype::kInt32, {-7}), (std::vector<float>{-7}));
  EXPECT_EQ(Converted<std::uint64_t>(Datatype::kUint64, {std::uint64_t{1} << 63}),
            (std::vector<float>{9223372036854775808.0F}));
  EXPECT_EQ(Converted<std::int64_t>(Datatype::kInt64, {-9}), (std::vector<float>{-9}));
  EXPECT_EQ(Converted<std::uint16_t>(Datatype::kFp16, {0x3C00, 0xC000, 0x0001}),
            (std::vector<float>{1.0F, -2.0F, 5.9604645e-8F}));
  EXPECT_EQ(Converted<std::uint16_t>(Datatype::kBf16, {0x3F80, 0xC000}),
            (std::vector<float>{1.0F, -2.0F}));
  EXPECT_EQ(Converted<float>(Datatype::kFp32, {0.1F}), (std::vector<float>{0.1F}));
  EXPECT_EQ(Converted<double>(Datatype::kFp64, {0.1, 1e300}),
            (std::vector<float>{0.1F, std::numeric_limits<float>::infinity()}));
}

TEST(ConvertToFloatsTest, RoundsIntegersToTheNearestFloat) {
  EXPECT_EQ(Converted<std::int64_t>(Datatype::kInt64, {(std::int64_t{1} << 24) + 1}),
            (std::vector<float>{16777216.0F}));
  EXPECT_EQ(Converted<std::int32_t>(Datatype::kInt32, {16777219}),
            (std::vector<float>{16777220.0F}));
}

TEST(ConvertFromFloatsTest, RoundsToTheShorterTypesAndWidensToTheLonger) {
  const std::vector<float> floats = {1.0F, -2.0F, 0.1F};
  std::vector<std::uint16_t> halves(3);
  ConvertFromFloats(floats.data(), 3, Datatype::kFp16, halves.data());
  EXPECT_EQ(halves, (std::vector<std::uint16_t>{0x3C00, 0xC000, 0x2E66}));
  ConvertFromFloats(floats.data(), 3, Datatype::kBf16, halves.data());
  EXPECT_EQ(halves, (std::vector<std::uint16_t>{0x3F80, 0xC000, 0x3DCD}));
  std::vector<double> doubles(3);
  ConvertFromFloats(floats.data(), 3, Datatype::kFp64, doubles.data());
  EXPECT_EQ(doubles[2], static_cast<double>(0.1F));
}

TEST(ConvertFromFloatsTest, TruncatesFractionsAndStaysWithinTheType) {
  const float infinite = std::numeric_limits<float>::infinity();
  const std::vector<float> floats = {1.9F, -1.9F, std::nanf(""), infinite, -infinite, 3e9F, 1e30F};
  std::vector<std::int32_t> integers(floats.size());
  ConvertFromFloats(floats.data(), 7, Datatype::kInt32, integers.data());
  constexpr auto kLowest = std::numeric_limits<std::int32_t>::lowest();
  constexpr auto kGreatest = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(integers,
            (std::vector<std::int32_t>{1, -1, kLowest, kGreatest, kLowest, kGreatest, kGreatest}));
  std::vector<std::int64_t> wide(floats.size());
  ConvertFromFloats(floats.data(), 7, Datatype::kInt64, wide.data());
  constexpr auto kLowestWide = std::numeric_limits<std::int64_t>::lowest();
  constexpr auto kGreatestWide = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(wide, (std::vector<std::int64_t>{1, -1, kLowestWide, kGreatestWide, kLowestWide,
                                             3'000'000'000, kGreatestWide}));
  std::vector<std::uint8_t> bytes(floats.size());
  ConvertFromFloats(floats.data(), 7, Datatype::kUint8, bytes.data());
  EXPECT_EQ(bytes, (std::vector<std::uint8_t>{1, 0, 0, 255, 0, 255, 255}));
  const std::vector<float> conditions = {0.0F, -0.0F, 0.5F, std::nanf("")};
  ConvertFromFloats(conditions.data(), 4, Datatype::kBool, bytes.data());
  bytes.resize(conditions.size());
  EXPECT_EQ(bytes, (std::vector<std::uint8_t>{0, 0, 1, 1}));
}

TEST(DatatypeTest, HasANameAndASize) {
  EXPECT_EQ(NameOf(Datatype::kBf16), "BF16");
  EXPECT_EQ(NameOf(Datatype::kUint64), "UINT64");
  EXPECT_EQ(SizeOf(Datatype::kUint64), 8U);
  EXPECT_EQ(SizeOf(Datatype::kBool), 1U);
  EXPECT_EQ(SizeOf(Datatype::kBytes), 0U);
  EXPECT_TRUE(IsFloatingPoint(Datatype::kFp16));
  EXPECT_FALSE(IsFloatingPoint(Datatype::kInt8));
}

TEST(DatatypeTest, RecognisesNoOtherDatatype) {
  EXPECT_TRUE(FindDatatype("BYTES").has_value());
  EXPECT_FALSE(FindDatatype("FP8").has_value());
  EXPECT_FALSE(FindDatatype("").has_value());
}

}  // namespace
}  // namespace mlp
