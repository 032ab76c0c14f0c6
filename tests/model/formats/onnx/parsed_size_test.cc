// Compares the estimate of a file's size in memory, made before parsing, with what it takes.

#include "model/formats/onnx/parsed_size.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <ostream>
#include <string>

#include "model/formats/io/memory_bound.h"
#include "tests/bytes_of_file.h"
#include "tests/model/formats/onnx/exports.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

absl::StatusOr<std::int64_t> ParsedBytesOfModel(const std::string& wire) {
  return ParsedBytes(*onnx::ModelProto::descriptor(), wire, kAnyMemory);
}

std::string TimesOf(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

// A field with this number and these bytes. Its tag is one byte.
std::string DelimitedField(int number, const std::string& bytes) {
  std::string field(1, static_cast<char>(number << 3 | 2));
  for (std::size_t size = bytes.size();; size >>= 7) {
    const bool is_last = size < 0x80;
    field += static_cast<char>((size & 0x7F) | (is_last ? 0 : 0x80));
    if (is_last) break;
  }
  return field + bytes;
}

constexpr int kGraphField = 7;

// ---- Files that take much memory ----

struct ParsedCase {
  const char* name;
  std::string wire;
};

void PrintTo(const ParsedCase& value, std::ostream* stream) { *stream << value.name; }

class ParsedBytesTest : public ::testing::TestWithParam<ParsedCase> {};

TEST_P(ParsedBytesTest, IsAtLeastTheMemoryOfTheMessage) {
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(GetParam().wire));
  const auto bytes = ParsedBytesOfModel(GetParam().wire);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto taken = static_cast<std::int64_t>(model.SpaceUsedLong());
  EXPECT_GE(*bytes + static_cast<std::int64_t>(sizeof(model)), taken);
  EXPECT_LE(*bytes, 8 * taken);
}

INSTANTIATE_TEST_SUITE_P(
    All, ParsedBytesTest,
    ::testing::Values(
        ParsedCase{"EmptyNodes", DelimitedField(kGraphField, TimesOf({"\x0a\x00", 2}, 10'000))},
        ParsedCase{"EmptyInitializers",
                   DelimitedField(kGraphField, TimesOf({"\x2a\x00", 2}, 10'000))},
        ParsedCase{
            "EmptyNames",
            DelimitedField(kGraphField, DelimitedField(1, TimesOf({"\x0a\x00", 2}, 10'000)))},
        ParsedCase{
            "LongNames",
            DelimitedField(kGraphField,
                           DelimitedField(1, TimesOf(DelimitedField(1, std::string(100, 'a')),
                                                     1'000)))},
        ParsedCase{"PackedIntegers",  // int64_data of an initializer
                   DelimitedField(kGraphField,
                                  DelimitedField(5, DelimitedField(7, std::string(10'000, 'a'))))},
        ParsedCase{"Integers",
                   DelimitedField(kGraphField, DelimitedField(5, TimesOf("\x38\x01", 10'000)))},
        ParsedCase{"PackedFloats",
                   DelimitedField(kGraphField,
                                  DelimitedField(5, DelimitedField(4, std::string(10'000, 'a'))))},
        ParsedCase{"RawData",
                   DelimitedField(kGraphField,
                                  DelimitedField(5, DelimitedField(9, std::string(10'000, 'a'))))},
        ParsedCase{"UnknownFields", TimesOf(DelimitedField(15, "a"), 10'000)},
        ParsedCase{"UnknownNumbers", TimesOf("\x78\x01", 10'000)},
        ParsedCase{"UnknownGroups", TimesOf("\x7b\x7c", 10'000)},
        // An unknown type of an attribute is kept as an unknown field.
        ParsedCase{
            "UnknownTypes",
            DelimitedField(kGraphField,
                           DelimitedField(1, DelimitedField(5, TimesOf("\xa0\x01\x7f", 10'000))))}),
    [](const auto& parsed) { return std::string(parsed.param.name); });

TEST(ParsedBytesTest, IsSlightlyMoreThanTheMemoryOfRealFiles) {
  int files = 0;
  for (const char* folder : {"good", "graphs", "activations"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(ExportsFolder() / folder)) {
      if (entry.path().filename() != "model.onnx") continue;
      SCOPED_TRACE(entry.path().string());
      const std::string wire = BytesOfFile(entry.path());
      onnx::ModelProto model;
      ASSERT_TRUE(model.ParseFromString(wire));
      const auto bytes = ParsedBytesOfModel(wire);
      ASSERT_TRUE(bytes.ok()) << bytes.status();
      const auto taken = static_cast<std::int64_t>(model.SpaceUsedLong());
      EXPECT_GE(*bytes + static_cast<std::int64_t>(sizeof(model)), taken);
      EXPECT_LE(*bytes, 3 * taken);
      ++files;
    }
  }
  EXPECT_GE(files, 80);
}

TEST(ParsedBytesTest, MatchesTheMemoryOfWeights) {
  constexpr int kBytes = 10'000'000;
  for (const int field : {4, 9}) {  // float_data, raw_data
    const auto bytes = ParsedBytesOfModel(DelimitedField(
        kGraphField, DelimitedField(5, DelimitedField(field, std::string(kBytes, 'a')))));
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    EXPECT_GE(*bytes, kBytes);
    EXPECT_LE(*bytes, kBytes + 2'000);
  }
}

TEST(ParsedBytesTest, StopsCountingAtItsLimit) {
  // What follows is not a message.
  const std::string wire = TimesOf({"\x3a\x00", 2}, 1'000) + "\xff";
  EXPECT_FALSE(ParsedBytesOfModel(wire).ok());
  const auto bytes = ParsedBytes(*onnx::ModelProto::descriptor(), wire, 10'000);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_GT(*bytes, 10'000);
  EXPECT_LT(*bytes, 12'000);
}

TEST(ParsedBytesTest, RefusesBytesThatAreNotAMessage) {
  std::string deep;
  for (int i = 0; i < 60; ++i) {  // a graph within an attribute of a node
    deep = DelimitedField(1, DelimitedField(5, DelimitedField(6, deep)));
  }
  for (const std::string& wire :
       {std::string("\x3a"), std::string("\x3a\x05"), std::string("\x3a\x01\x0a"),
        std::string("\x0b"), std::string("\x0c"), std::string("\x0f"), std::string(11, '\xff'),
        TimesOf("\x7b", 200) + TimesOf("\x7c", 200), DelimitedField(kGraphField, deep)}) {
    onnx::ModelProto model;
    EXPECT_FALSE(model.ParseFromString(wire));
    EXPECT_EQ(ParsedBytesOfModel(wire).status().code(), kInvalid);
  }
}

}  // namespace
}  // namespace mlp
