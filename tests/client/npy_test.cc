#include "client/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/npy_header.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using std::literals::string_literals::operator""s;

// A file of `version` with `dictionary` as its header, padded as NumPy does it, followed by
// `elements`.
std::string NpyFile(const std::string& dictionary, const std::string& elements, int version = 1) {
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::string header = dictionary;
  header.append(63 - (8 + length_bytes + header.size()) % 64, ' ');
  header += '\n';
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  for (std::size_t byte = 0; byte < length_bytes; ++byte) {
    file += static_cast<char>(header.size() >> (8 * byte) & 0xff);
  }
  return file + header + elements;
}

std::string Dictionary(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
}

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

TEST(NpyTest, ReadsFloatsOfBothSizesInEveryVersion) {
  for (const int version : {1, 2, 3}) {
    const auto singles = ReadNpyFloats(
        NpyFile(Dictionary("<f4", "(2, 3)"), Bytes<float>({1, 2, 3, 4, 5, 6}), version));
    ASSERT_TRUE(singles.ok()) << singles.status();
    EXPECT_THAT(singles->shape, ElementsAre(2, 3));
    EXPECT_THAT(singles->values, ElementsAre(1, 2, 3, 4, 5, 6));
    const auto doubles =
        ReadNpyFloats(NpyFile(Dictionary("<f8", "(2,)"), Bytes<double>({0.1, -2}), version));
    ASSERT_TRUE(doubles.ok()) << doubles.status();
    EXPECT_THAT(doubles->values, ElementsAre(0.1f, -2.0f));
  }
}

TEST(NpyTest, ReadsIntegersOfEverySize) {
  const auto read = [](const std::string& descr, const std::string& elements) {
    return ReadNpyIntegers(NpyFile(Dictionary(descr, "(2,)"), elements)).value().values;
  };
  EXPECT_THAT(read("|i1", Bytes<std::int8_t>({-1, 2})), ElementsAre(-1, 2));
  EXPECT_THAT(read("|u1", Bytes<std::uint8_t>({255, 2})), ElementsAre(255, 2));
  EXPECT_THAT(read("|b1", Bytes<std::uint8_t>({1, 0})), ElementsAre(1, 0));
  EXPECT_THAT(read("<i2", Bytes<std::int16_t>({-300, 2})), ElementsAre(-300, 2));
  EXPECT_THAT(read("<u2", Bytes<std::uint16_t>({65535, 2})), ElementsAre(65535, 2));
  EXPECT_THAT(read("<i4", Bytes<std::int32_t>({-70000, 2})), ElementsAre(-70000, 2));
  EXPECT_THAT(read("<u4", Bytes<std::uint32_t>({4294967295, 2})), ElementsAre(4294967295, 2));
  EXPECT_THAT(read("<i8", Bytes<std::int64_t>({INT64_MIN, 2})), ElementsAre(INT64_MIN, 2));
  EXPECT_THAT(read("<u8", Bytes<std::uint64_t>({INT64_MAX, 2})), ElementsAre(INT64_MAX, 2));
  EXPECT_THAT(read("<f4", Bytes<float>({-3, 2})), ElementsAre(-3, 2));
  EXPECT_THAT(read("<f8", Bytes<double>({-0x1p63, 2})), ElementsAre(INT64_MIN, 2));
}

TEST(NpyTest, RefusesNumbersOutOfRange) {
  const auto integers = [](const std::string& descr, const std::string& elements) {
    return ReadNpyIntegers(NpyFile(Dictionary(descr, "(1,)"), elements)).status().code();
  };
  EXPECT_EQ(integers("<f4", Bytes<float>({0.5f})), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(integers("<f4", Bytes<float>({NAN})), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(integers("<f8", Bytes<double>({0x1p63})), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(integers("<f8", Bytes<double>({-INFINITY})), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(integers("<u8", Bytes<std::uint64_t>({UINT64_MAX})),
            absl::StatusCode::kInvalidArgument);
  const auto large = ReadNpyFloats(NpyFile(Dictionary("<f8", "(2,)"), Bytes<double>({1, 1e300})));
  EXPECT_THAT(std::string(large.status().message()),
              HasSubstr("element 1 of the .npy file is 1e+300"));
}

TEST(NpyTest, KeepsNanAndInfinities) {
  const auto array =
      ReadNpyFloats(NpyFile(Dictionary("<f8", "(3,)"),
                            Bytes<double>({double{NAN}, double{INFINITY}, -double{INFINITY}})));
  ASSERT_TRUE(array.ok());
  EXPECT_TRUE(std::isnan(array->values[0]));
  EXPECT_EQ(array->values[1], INFINITY);
  EXPECT_EQ(array->values[2], -INFINITY);
}

TEST(NpyTest, ReadsAndWritesTexts) {
  // As numpy.save writes numpy.array(["bee", "é"]) and numpy.array([b"bee", b"e"]).
  const std::u32string wide = U"beeé\0\0"s;
  const std::string bytes(reinterpret_cast<const char*>(wide.data()), wide.size() * 4);
  const std::string file = NpyFile(Dictionary("<U3", "(2,)"), bytes);
  EXPECT_THAT(ReadNpyStrings(file).value().values, ElementsAre("bee", "é"));
  EXPECT_EQ(WriteNpyStrings({2}, {"bee", "é"}).value(), file);
  EXPECT_THAT(ReadNpyStrings(NpyFile(Dictionary("|S3", "(2,)"), "beee\0\0"s)).value().values,
              ElementsAre("bee", "e"));
  EXPECT_TRUE(HoldsStrings(file));
  EXPECT_FALSE(HoldsStrings(WriteNpy({1}, {1})));
  EXPECT_EQ(ReadNpyFloats(file).status().code(), absl::StatusCode::kUnimplemented);
}

TEST(NpyTest, RefusesInvalidTexts) {
  const auto read = [](const char* descr, const char* shape, const std::string& bytes) {
    return ReadNpyStrings(NpyFile(Dictionary(descr, shape), bytes)).status().code();
  };
  for (const char* shape : {"(1,)", "(3,)", "(4611686018427387904,)"}) {
    EXPECT_EQ(read("<U1", shape, std::string(8, 'x')), absl::StatusCode::kInvalidArgument) << shape;
  }
  EXPECT_EQ(read("<U0", "(4611686018427387904,)", ""), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(read("<U9223372036854775807", "(1,)", ""), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(read("<U1", "(1,)", "\0\xd8\0\0"s), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(read("<U-1", "(1,)", ""), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(read("<f4", "(1,)", "1234"), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(ReadNpyFloats(NpyFile(Dictionary("|O", "(1,)"), "")).status().message()),
              HasSubstr("Python objects; expected an array of numbers or of texts: save array.as"));
}

TEST(NpyTest, WritesIntegersOfEverySize) {
  for (const char* descr : {"|i1", "|u1", "|b1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8"}) {
    const auto array = ReadNpyIntegers(WriteNpyIntegers({2}, {1, 0}, descr));
    ASSERT_TRUE(array.ok()) << descr << array.status();
    EXPECT_THAT(array->values, ElementsAre(1, 0)) << descr;
  }
  EXPECT_THAT(ReadNpyIntegers(WriteNpyIntegers({1}, {-3}, "<i2"))->values, ElementsAre(-3));
  EXPECT_THAT(ReadNpyIntegers(WriteNpyIntegers({1}, {65535}, "<u2"))->values, ElementsAre(65535));
  EXPECT_THAT(ReadNpyFloats(WriteNpyDoubles({1}, {0.5f}))->values, ElementsAre(0.5f));
}

struct HeaderCase {
  const char* dictionary;
  std::vector<std::int64_t> shape;
};

TEST(NpyTest, ReadsEverySpellingOfAHeader) {
  for (const HeaderCase& c : std::vector<HeaderCase>{
           {"{'descr': '<f4', 'fortran_order': False, 'shape': (), }", {}},
           {"{'shape':(1,1),'descr':\"<f4\",'fortran_order':False}", {1, 1}},
           {"{ 'descr' : '<f4' , 'fortran_order' : False , 'shape' : ( 1 , ) , }", {1}},
           {"{'descr': '<f4', 'fortran_order': False, 'shape': (1L, 1L), }", {1, 1}},
           {"{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", {1}}}) {
    const auto array = ReadNpyFloats(NpyFile(c.dictionary, Bytes<float>({5})));
    ASSERT_TRUE(array.ok()) << c.dictionary << ": " << array.status();
    EXPECT_EQ(array->shape, c.shape) << c.dictionary;
    EXPECT_THAT(array->values, ElementsAre(5)) << c.dictionary;
  }
}

TEST(NpyTest, ReadsAnEmptyArray) {
  const auto array = ReadNpyFloats(NpyFile(Dictionary("<f4", "(0, 64)"), ""));
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_THAT(array->shape, ElementsAre(0, 64));
  EXPECT_THAT(array->values, IsEmpty());
}

TEST(NpyTest, RefusesBrokenHeaders) {
  for (const char* dictionary : {
           "",
           "{",
           "{}",
           "[]",
           "{'descr': '<f4', 'fortran_order': False}",
           "{'descr': '<f4', 'shape': (1,)}",
           "{'fortran_order': False, 'shape': (1,)}",
           "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
           "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
           "{'descr': <f4, 'fortran_order': False, 'shape': (1,)}",
           "{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}",
           "{'descr': '<\\x664', 'fortran_order': False, 'shape': (1,)}",
           "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (1)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (1,,)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (1.0,)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (1,",
       }) {
    const auto array = ReadNpyFloats(NpyFile(dictionary, Bytes<float>({5})));
    EXPECT_EQ(array.status().code(), absl::StatusCode::kInvalidArgument) << dictionary;
  }
  std::string many = "(";
  for (int i = 0; i < 65; ++i) many += "1,";
  EXPECT_FALSE(ReadNpyFloats(NpyFile(Dictionary("<f4", many + ")"), Bytes<float>({5}))).ok());
}

TEST(NpyTest, RefusesKindsOfFilesThatItDoesNotRead) {
  for (const char* dictionary : {
           "{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}",
           "{'descr': '<f2', 'fortran_order': False, 'shape': (1,)}",
           "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
           "{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}",
           "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
           "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1)}",
       }) {
    const auto array = ReadNpyFloats(NpyFile(dictionary, Bytes<float>({5})));
    EXPECT_EQ(array.status().code(), absl::StatusCode::kUnimplemented) << dictionary;
  }
  EXPECT_EQ(ReadNpyFloats(NpyFile(Dictionary("<f4", "(1,)"), "", 4)).status().code(),
            absl::StatusCode::kUnimplemented);
}

TEST(NpyTest, RefusesEveryTruncation) {
  for (const int version : {1, 2}) {
    const std::string file =
        NpyFile(Dictionary("<f4", "(2, 3)"), Bytes<float>({1, 2, 3, 4, 5, 6}), version);
    for (std::size_t size = 0; size < file.size(); ++size) {
      // A copy of exactly this size, so that sanitizers notice a read past its end.
      const std::vector<char> part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_EQ(ReadNpyFloats({part.data(), part.size()}).status().code(),
                absl::StatusCode::kInvalidArgument)
          << "of " << size << " bytes";
    }
  }
}

TEST(NpyTest, RefusesASizeThatDoesNotMatchTheShape) {
  for (const char* shape : {"(1,)", "(3,)", "(2, 2)", "(0,)", "(2305843009213693952,)",
                            "(4611686018427387904,)", "(9223372036854775807,)"}) {
    const auto array = ReadNpyFloats(NpyFile(Dictionary("<f4", shape), Bytes<float>({1, 2})));
    EXPECT_EQ(array.status().code(), absl::StatusCode::kInvalidArgument) << shape;
  }
  EXPECT_FALSE(ReadNpyFloats(NpyFile(Dictionary("<f4", "(1,)"), "12345")).ok());
}

TEST(NpyTest, RefusesAHeaderLongerThanTheFile) {
  std::string file = NpyFile(Dictionary("<f4", "(1,)"), Bytes<float>({5}), 2);
  file.replace(8, 4, "\xff\xff\xff\xff");
  EXPECT_EQ(ReadNpyFloats(file).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(NpyTest, ReadsBackWhatItWrites) {
  for (const std::vector<std::int64_t>& shape :
       std::vector<std::vector<std::int64_t>>{{6}, {2, 3}, {1, 2, 3}, {6, 1, 1, 1}}) {
    const std::vector<float> values = {0.1f, -2, INFINITY, 1e-45f, 5, 6};
    const std::string file = WriteNpy(shape, values);
    EXPECT_EQ(ReadNpyHeader(file).value().data_offset % 64, 0);
    const auto array = ReadNpyFloats(file);
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_EQ(array->shape, shape);
    EXPECT_EQ(array->values, values);
  }
  EXPECT_TRUE(ReadNpyFloats(WriteNpy({}, {5})).ok());
  EXPECT_TRUE(ReadNpyFloats(WriteNpy({0, 3}, {})).ok());
}

TEST(NpyTest, WritesExactlyTheBytesThatNumpyWrites) {
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
  EXPECT_EQ(WriteNpy({1, 2}, {1, 2}), NpyFile(header, Bytes<float>({1, 2})));
}

}  // namespace
}  // namespace mlp
