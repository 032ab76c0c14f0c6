#include "model/formats/native/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// A file with this header, preceded by its length, and these data.
std::string FileOf(const std::string& header, const std::string& data) {
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size() & 0xFFU);
  file[1] = static_cast<char>(header.size() >> 8U);
  return file + header + data;
}

std::string ErrorOf(const std::string& file) {
  const absl::StatusOr<SafetensorsFile> parsed = ParseSafetensors(file);
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(parsed.status().message());
}

template <typename Element>
std::string RawBytesOf(const std::vector<Element>& elements) {
  std::string bytes(elements.size() * sizeof(Element), '\0');
  std::memcpy(bytes.data(), elements.data(), bytes.size());
  return bytes;
}

// Found by fuzzing: the data of such a tensor may be a null pointer, which memcpy must not get.
TEST(SafetensorsTest, ReadsNoFloatsOfTensorsWithoutElements) {
  for (const char* type : {"BOOL", "U8", "F16", "BF16", "F32", "F64", "I64"}) {
    const absl::StatusOr<SafetensorsFile> parsed =
        ParseSafetensors(FileOf(std::string(R"({"w0":{"dtype":")") + type +
                                    R"(","shape":[2147483648,0],"data_offsets":[0,0]}})",
                                ""));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_THAT(ReadFloats(parsed->tensors[0]), SizeIs(0)) << type;
  }
}

TEST(SafetensorsTest, ReadsTensorsInTheOrderOfTheirData) {
  const std::string file =
      FileOf(R"({"__metadata__":{"by":"hand"},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
             R"("a":{"dtype":"U8","shape":[2,1],"data_offsets":[4,6]},)"
             R"("none":{"dtype":"F64","shape":[0,3],"data_offsets":[6,6]}}  )",
             RawBytesOf<float>({1.5F}) + "\x07\xff");
  const absl::StatusOr<SafetensorsFile> parsed = ParseSafetensors(file);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->metadata.at("by"), "hand");
  ASSERT_THAT(parsed->tensors, SizeIs(3));
  EXPECT_EQ(parsed->tensors[0].name, "b");
  EXPECT_THAT(ReadFloats(parsed->tensors[0]), ElementsAre(1.5F));
  EXPECT_THAT(parsed->tensors[1].shape, ElementsAre(2, 1));
  EXPECT_THAT(ReadFloats(parsed->tensors[1]), ElementsAre(7.0F, 255.0F));
  EXPECT_EQ(parsed->tensors[2].count(), 0);
}

TEST(SafetensorsTest, ReadsAFileWithoutTensors) {
  EXPECT_THAT(ParseSafetensors(FileOf("{}", "")).value().tensors, SizeIs(0));
}

TEST(SafetensorsTest, ReadsWhatItWrites) {
  const std::string data = RawBytesOf<float>({1.0F, -2.0F, 3.0F, 4.0F, 5.0F, 1e-40F});
  const std::vector<SafetensorsTensor> tensors = {
      {"second/\"name\"", SafetensorsType::kF32, {3, 1}, absl::string_view(data).substr(12)},
      {"first", SafetensorsType::kF32, {3}, absl::string_view(data).substr(0, 12)}};
  const std::string file = SerializeSafetensors(tensors, {{"format", "test"}});
  const absl::StatusOr<SafetensorsFile> parsed = ParseSafetensors(file);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  ASSERT_THAT(parsed->tensors, SizeIs(2));
  EXPECT_EQ(parsed->tensors[0].name, tensors[0].name);
  EXPECT_EQ(parsed->tensors[0].data, tensors[0].data);
  EXPECT_EQ(parsed->tensors[1].shape, tensors[1].shape);
  EXPECT_EQ((parsed->tensors[0].data.data() - file.data()) % 8, 0);
}

struct ValuesCase {
  SafetensorsType type;
  std::string data;
  std::vector<float> expected;
};

TEST(SafetensorsTest, ConvertsEveryType) {
  const std::vector<ValuesCase> cases = {
      {SafetensorsType::kBool, std::string("\0\1\2", 3), {0.0F, 1.0F, 1.0F}},
      {SafetensorsType::kU8, "\xff", {255.0F}},
      {SafetensorsType::kI8, "\xff", {-1.0F}},
      {SafetensorsType::kU16, RawBytesOf<std::uint16_t>({65535}), {65535.0F}},
      {SafetensorsType::kI16, RawBytesOf<std::int16_t>({-32768}), {-32768.0F}},
      {SafetensorsType::kU32, RawBytesOf<std::uint32_t>({1U << 31U}), {0x1p31F}},
      {SafetensorsType::kI32, RawBytesOf<std::int32_t>({-7}), {-7.0F}},
      {SafetensorsType::kU64, RawBytesOf<std::uint64_t>({~std::uint64_t{0}}), {0x1p64F}},
      {SafetensorsType::kI64, RawBytesOf<std::int64_t>({-7}), {-7.0F}},
      // 1, the least subnormal and infinity.
      {SafetensorsType::kF16,
       RawBytesOf<std::uint16_t>({0x3C00, 0x0001, 0x7C00}),
       {1.0F, 0x1p-24F, INFINITY}},
      {SafetensorsType::kBf16, RawBytesOf<std::uint16_t>({0x3F80, 0xC000}), {1.0F, -2.0F}},
      {SafetensorsType::kF32, RawBytesOf<float>({0.1F}), {0.1F}},
      {SafetensorsType::kF64, RawBytesOf<double>({0.1, 1e300}), {0.1F, INFINITY}},
  };
  for (const ValuesCase& values_case : cases) {
    const SafetensorsTensor tensor{"t",
                                   values_case.type,
                                   {static_cast<std::int64_t>(values_case.expected.size())},
                                   values_case.data};
    EXPECT_EQ(ReadFloats(tensor), values_case.expected) << NameOf(values_case.type);
    EXPECT_EQ(tensor.count(), static_cast<std::int64_t>(values_case.expected.size()))
        << NameOf(values_case.type);
  }
}

TEST(SafetensorsTest, RefusesTooManyValuesInTheHeader) {
  std::string header = "{";
  for (int i = 0; i < 300'000; ++i) header += "\"" + std::to_string(i) + "\":0,";
  header.back() = '}';
  std::string file = FileOf(header, "");
  for (unsigned i = 0; i < 4; ++i) file[i] = static_cast<char>(header.size() >> (8 * i) & 0xFFU);
  EXPECT_THAT(ErrorOf(file), HasSubstr("more than 262144 values"));
}

TEST(SafetensorsTest, RefusesALongNameAndShortensItInTheMessage) {
  const std::string error = ErrorOf(FileOf(
      "{\"" + std::string(5000, 'n') + R"(":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
      std::string(4, '\0')));
  EXPECT_THAT(error, HasSubstr("has a name of 5000 bytes; expected 1 to 1024"));
  EXPECT_LT(error.size(), 200U);
}

}  // namespace
}  // namespace mlp
