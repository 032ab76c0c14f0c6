#include "model/formats/onnx/values/read_constant.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ConstantLimits limits{std::int64_t{1} << 20, nullptr};

onnx::TensorProto Tensor(const std::string& text) {
  onnx::TensorProto tensor;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &tensor)) << text;
  return tensor;
}

TEST(ReadFloatsTest, ReadsRawAndTypedData) {
  for (const char* text : {R"(data_type: 1 dims: 2 float_data: [1.5, -2])",
                           R"(data_type: 1 dims: 2 raw_data: '\x00\x00\xc0\x3f\x00\x00\x00\xc0')",
                           R"(data_type: 1 dims: 2 float_data: [1.5, -2] raw_data: '')"}) {
    const onnx::TensorProto tensor = Tensor(text);
    const auto read = ReadFloats({&tensor}, limits);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_THAT(read->dimensions, ElementsAre(2));
    EXPECT_THAT(read->values, ElementsAre(1.5F, -2.0F));
  }
}

TEST(ReadFloatsTest, ReadsOneValueWithoutDimensionsAndNoneIfOneIsZero) {
  const onnx::TensorProto one = Tensor("data_type: 1 float_data: 3");
  EXPECT_THAT(ReadFloats({&one}, limits)->values, ElementsAre(3.0F));
  const onnx::TensorProto none = Tensor("data_type: 1 dims: [4, 0]");
  EXPECT_THAT(ReadFloats({&none}, limits)->values, IsEmpty());
}

TEST(ReadFloatsTest, ReadsEveryFloatingPointType) {
  for (const char* text : {R"(data_type: 10 dims: 2 raw_data: '\x00\x3e\x00\xc0')",
                           R"(data_type: 10 dims: 2 int32_data: [15872, 49152])",
                           R"(data_type: 16 dims: 2 raw_data: '\xc0\x3f\x00\xc0')",
                           R"(data_type: 16 dims: 2 int32_data: [16320, 49152])",
                           R"(data_type: 11 dims: 2 double_data: [1.5, -2])"}) {
    const onnx::TensorProto tensor = Tensor(text);
    const auto read = ReadFloats({&tensor}, limits);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_THAT(read->values, ElementsAre(1.5F, -2.0F)) << text;
  }
}

TEST(ReadNumbersTest, ReadsIntegersExactly) {
  for (const char* text : {R"(data_type: 3 dims: 2 int32_data: [-7, 100])",
                           R"(data_type: 3 dims: 2 raw_data: '\xf9d')",
                           R"(data_type: 7 dims: 2 int64_data: [-7, 100])",
                           R"(data_type: 6 dims: 2 int32_data: [-7, 100])"}) {
    const onnx::TensorProto tensor = Tensor(text);
    const auto read = ReadNumbers({&tensor}, limits);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_THAT(read->values, ElementsAre(-7.0, 100.0)) << text;
  }
}

TEST(ReadFloatsTest, StopsAtTheLimit) {
  const onnx::TensorProto tensor = Tensor("data_type: 1 dims: 2 float_data: [1, 2]");
  ConstantLimits little{15, nullptr};
  EXPECT_TRUE(ReadFloats({&tensor}, little).ok());
  EXPECT_EQ(ReadFloats({&tensor}, little).status().code(), kUnimplemented);
}

TEST(ReadFloatsTest, TransposesAMatrix) {
  const onnx::TensorProto tensor =
      Tensor("data_type: 1 dims: [2, 3] float_data: [11, 12, 13, 21, 22, 23]");
  const auto read = ReadFloats({&tensor, /*transposed=*/true}, limits);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->dimensions, ElementsAre(3, 2));
  EXPECT_THAT(read->values, ElementsAre(11, 21, 12, 22, 13, 23));
}

TEST(ReadIntegersTest, ReadsAListOrOneNumber) {
  const onnx::TensorProto list = Tensor("data_type: 7 dims: 2 int64_data: [-1, 9]");
  EXPECT_THAT(*ReadIntegers({&list}, limits), ElementsAre(-1, 9));
  const onnx::TensorProto number = Tensor("data_type: 7 int64_data: 9");
  EXPECT_THAT(*ReadIntegers({&number}, limits), ElementsAre(9));
}

struct TensorCase {
  const char* name;
  const char* text;
  absl::StatusCode code;
  const char* message;
};

void PrintTo(const TensorCase& value, std::ostream* stream) { *stream << value.name; }

std::string NameOfTensor(const ::testing::TestParamInfo<TensorCase>& tensor) {
  return tensor.param.name;
}

class BrokenFloatsTest : public ::testing::TestWithParam<TensorCase> {};

TEST_P(BrokenFloatsTest, AreRefusedWithTheirReason) {
  const onnx::TensorProto tensor = Tensor(GetParam().text);
  const auto read = ReadFloats({&tensor}, limits);
  EXPECT_EQ(read.status().code(), GetParam().code) << read.status();
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenFloatsTest,
    ::testing::Values(
        TensorCase{"TooFew", "name: 'w' data_type: 1 dims: 3 float_data: [1, 2]", kInvalid,
                   "initializer 'w' has 2 values of data; its dimensions [3] expect 3"},
        TensorCase{"NoData", "name: 'w' data_type: 1 dims: 3", kInvalid,
                   "has 0 values of data; its dimensions [3] expect 3"},
        TensorCase{"CutWithinAValue", "data_type: 1 dims: 1 raw_data: 'abc'", kInvalid,
                   "a constant has 3 bytes of data; its dimensions [1] expect 4"},
        TensorCase{"DataOfAnotherType", "data_type: 1 dims: 1 double_data: 1", kInvalid,
                   "has 0 values of data"},
        TensorCase{"DataBesideNone", "data_type: 1 dims: 0 float_data: 1", kInvalid,
                   "has 1 values of data; its dimensions [0] expect 0"},
        TensorCase{"RawAndTyped", "data_type: 1 dims: 1 float_data: 1 raw_data: 'abcd'", kInvalid,
                   "has both raw and typed data"},
        TensorCase{"ProductOf2To31", "data_type: 1 dims: [65536, 32768]", kUnimplemented,
                   "has dimensions [65536,32768]; supported is a product below 2^31"},
        TensorCase{"NegativeDimensions", "data_type: 1 dims: [-1, -1] float_data: 1", kInvalid,
                   "has dimensions [-1,-1]"},
        // A product of 0 so far does not excuse an invalid dimension behind it.
        TensorCase{"NegativeBehindZero", "data_type: 1 dims: [0, -1]", kInvalid,
                   "has dimensions [0,-1]"},
        TensorCase{"NoType", "dims: 1 float_data: 1", kUnimplemented,
                   "has elements of type UNDEFINED; supported are FLOAT"},
        TensorCase{"Integer", "data_type: 6 dims: 1 int32_data: 1", kUnimplemented,
                   "has elements of type INT32; supported are FLOAT"},
        TensorCase{"HalfTooShort", "data_type: 10 dims: 2 raw_data: 'ab'", kInvalid,
                   "has 2 bytes of data; its dimensions [2] expect 4"},
        TensorCase{"TypeToCome", "data_type: 99", kUnimplemented,
                   "has elements of type 99, which this server does not know; supported are FLOAT"},
        TensorCase{"External", "name: 'w' data_type: 1 dims: 1 data_location: EXTERNAL",
                   kUnimplemented, "initializer 'w' keeps its data in another file"},
        TensorCase{"ExternalBesideData",
                   "data_type: 1 dims: 1 float_data: 1 external_data { key: 'location' }",
                   kUnimplemented, "keeps its data in another file"},
        TensorCase{"Segment", "data_type: 1 dims: 1 float_data: 1 segment { begin: 0 end: 1 }",
                   kUnimplemented, "is stored in segments"}),
    NameOfTensor);

class BrokenIntegersTest : public ::testing::TestWithParam<TensorCase> {};

TEST_P(BrokenIntegersTest, AreRefusedWithTheirReason) {
  const onnx::TensorProto tensor = Tensor(GetParam().text);
  const auto read = ReadIntegers({&tensor}, limits);
  EXPECT_EQ(read.status().code(), GetParam().code) << read.status();
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenIntegersTest,
    ::testing::Values(TensorCase{"Floats", "data_type: 1 dims: 1 float_data: 1", kInvalid,
                                 "has elements of type FLOAT; expected INT64 or INT32, the types "
                                 "of shapes, axes and indices"},
                      TensorCase{"ATable", "data_type: 7 dims: [1, 2] int64_data: [1, 2]",
                                 kUnimplemented, "has dimensions [1,2]; supported is a list"},
                      TensorCase{"TooFew", "data_type: 7 dims: 2 int64_data: 1", kInvalid,
                                 "has 1 values of data; its dimensions [2] expect 2"}),
    NameOfTensor);

}  // namespace
}  // namespace mlp
