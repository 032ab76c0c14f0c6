#include "server/rest/infer_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct ReadBody {
  absl::Status status;
  ModelInferRequest request;
  AnswerForm form;
};

ReadBody Read(std::string body, std::optional<std::size_t> json_bytes = std::nullopt) {
  const std::string before = body;
  ReadBody read;
  read.status = ReadInferBody(body, json_bytes, read.request, read.form);
  EXPECT_EQ(body, before);
  return read;
}

std::string InputBody(const std::string& datatype, const std::string& shape,
                      const std::string& data) {
  return absl::StrCat(R"({"inputs":[{"name":"x","datatype":")", datatype, R"(","shape":)", shape,
                      R"(,"data":)", data, "}]}");
}

template <typename Element>
std::vector<Element> Values(const ModelInferRequest& request, int input = 0) {
  const std::string& raw = request.raw_input_contents(input);
  std::vector<Element> values(raw.size() / sizeof(Element));
  std::memcpy(values.data(), raw.data(), values.size() * sizeof(Element));
  return values;
}

TEST(InferBodyTest, ReadsEveryPartOfARequest) {
  const ReadBody read = Read(R"({
    "id": "\u00e9\n", "parameters": {"priority": 2, "big": 18446744073709551615, "share": 0.5,
                                "text": "t", "flag": false, "binary_data_output": true},
    "inputs": [{"data": [1, 2.5], "name": "x", "shape": [2, 1], "datatype": "FP32",
                "parameters": {"own": -1}, "unknown": {"a": [1, {"b": null}]}}],
    "outputs": [{"name": "y", "parameters": {"classification": 3, "binary_data": false}},
                {"name": "z"}], "more": [[[]]] })");
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.request.id(), "\u00e9\n");
  const auto& parameters = read.request.parameters();
  EXPECT_EQ(parameters.at("priority").int64_param(), 2);
  EXPECT_EQ(parameters.at("big").uint64_param(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parameters.at("share").double_param(), 0.5);
  EXPECT_EQ(parameters.at("text").string_param(), "t");
  EXPECT_EQ(parameters.at("flag").parameter_choice_case(), inference::InferParameter::kBoolParam);
  EXPECT_FALSE(parameters.contains("binary_data_output"));
  EXPECT_EQ(read.request.inputs(0).name(), "x");
  EXPECT_EQ(read.request.inputs(0).parameters().at("own").int64_param(), -1);
  EXPECT_THAT(read.request.inputs(0).shape(), ElementsAre(2, 1));
  EXPECT_THAT(Values<float>(read.request), ElementsAre(1.0F, 2.5F));
  EXPECT_EQ(read.request.outputs(0).parameters().at("classification").int64_param(), 3);
  EXPECT_FALSE(read.form.IsBinary("y"));
  EXPECT_TRUE(read.form.IsBinary("z"));
}

TEST(InferBodyTest, ReadsDataBeforeItsDescription) {
  const ReadBody read = Read(
      R"({"inputs":[{"data":[[1],[2]],"shape":[2,1],"datatype":"INT8","name":"x"},
                   {"data":[3],"shape":[1],"name":"y","datatype":"INT8"}],"id":"i"})");
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_THAT(Values<std::int8_t>(read.request, 0), ElementsAre(1, 2));
  EXPECT_THAT(Values<std::int8_t>(read.request, 1), ElementsAre(3));
  EXPECT_EQ(read.request.id(), "i");
}

// simdjson has room to unescape each string once. Unescaping long keys twice, once while skipping
// the data and again while reading it, used to overrun its buffer.
TEST(InferBodyTest, ReadsDataBeforeLongKeys) {
  for (const std::size_t length :
       {std::size_t{700}, std::size_t{100'000}, std::size_t{3'000'000}}) {
    SCOPED_TRACE(length);
    const std::string key(length, 'k');
    const ReadBody read =
        Read(absl::StrCat(R"({"inputs":[{"data":[7],")", key,
                          R"(":0,"name":"x","datatype":"FP32","shape":[1,1]}],"id":"behind"})"));
    ASSERT_TRUE(read.status.ok()) << read.status;
    EXPECT_THAT(Values<float>(read.request), ElementsAre(7.0F));
    EXPECT_EQ(read.request.id(), "behind");
  }
}

TEST(InferBodyTest, TreatsNullAsMissing) {
  const ReadBody read = Read(
      R"({"id":null,"parameters":null,"outputs":null,"inputs":[{"name":"x","datatype":"FP32",
          "shape":[1],"parameters":null,"data":[1]}]})");
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_THAT(Values<float>(read.request), ElementsAre(1.0F));
}

TEST(InferBodyTest, ReadsEveryDatatype) {
  EXPECT_THAT(Values<std::uint8_t>(Read(InputBody("BOOL", "[4]", "[true,false,1,0]")).request),
              ElementsAre(1, 0, 1, 0));
  EXPECT_THAT(Values<std::int8_t>(Read(InputBody("INT8", "[2]", "[-128,127]")).request),
              ElementsAre(-128, 127));
  EXPECT_THAT(Values<std::uint16_t>(Read(InputBody("UINT16", "[2]", "[0,65535]")).request),
              ElementsAre(0, 65535));
  EXPECT_THAT(
      Values<std::uint64_t>(Read(InputBody("UINT64", "[1]", "[18446744073709551615]")).request),
      ElementsAre(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_THAT(
      Values<std::int64_t>(Read(InputBody("INT64", "[1]", "[-9223372036854775808]")).request),
      ElementsAre(std::numeric_limits<std::int64_t>::min()));
  EXPECT_THAT(Values<double>(Read(InputBody("FP64", "[2]", "[1e308,-0.0]")).request),
              ElementsAre(1e308, 0.0));
  EXPECT_THAT(Values<std::uint16_t>(Read(InputBody("FP16", "[2]", "[1,65504]")).request),
              ElementsAre(0x3c00, 0x7bff));
  EXPECT_THAT(Values<std::uint16_t>(Read(InputBody("BF16", "[1]", "[-2]")).request),
              ElementsAre(0xc000));
  EXPECT_EQ(Read(InputBody("BYTES", "[2]", R"(["ab","\u20ac"])")).request.raw_input_contents(0),
            std::string("\2\0\0\0ab\3\0\0\0\xe2\x82\xac", 13));
  const auto missing = Values<float>(Read(InputBody("FP32", "[1]", "[null]")).request);
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_TRUE(std::isnan(missing[0]));
}

struct RoundedFloat {
  const char* text;
  float nearest;
};

// Each is so close to the midpoint of two floats that the nearest double is the midpoint itself, or
// is below the least normal float.
TEST(InferBodyTest, RoundsToTheNearestFloatOnce) {
  const RoundedFloat cases[] = {{"1.00000005960464477540", 0x1.000002p0F},
                                {"1.00000005960464477539", 0x1p0F},
                                {"16777217", 16777216.0F},
                                {"16777217.0000000001", 16777218.0F},
                                {"1.401298464324817e-45", 0x1p-149F},
                                {"7.006492321624086e-46", 0x1p-149F},
                                {"7.0064923216240853e-46", 0.0F},
                                {"3.4028235677973365e38", 0x1.fffffep127F},
                                {"-0", -0.0F}};
  for (const RoundedFloat& one : cases) {
    const ReadBody read = Read(InputBody("FP32", "[1]", absl::StrCat("[", one.text, "]")));
    ASSERT_TRUE(read.status.ok()) << one.text << ": " << read.status;
    const float value = Values<float>(read.request).at(0);
    EXPECT_EQ(value, one.nearest) << one.text;
    EXPECT_EQ(std::signbit(value), std::signbit(one.nearest)) << one.text;
  }
}

TEST(InferBodyTest, ReadsBinaryValuesInTheOrderOfTheInputs) {
  const std::string json =
      R"({"inputs":[{"name":"a","datatype":"INT8","shape":[3],"parameters":{"binary_data_size":3}},
          {"name":"b","datatype":"INT8","shape":[1],"data":[7]},
          {"parameters":{"binary_data_size":2},"name":"c","datatype":"FP16","shape":[1]}]})";
  const ReadBody read = Read(json + "xyz\x01\x02", json.size());
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.request.raw_input_contents(0), "xyz");
  EXPECT_EQ(read.request.raw_input_contents(1), "\x07");
  EXPECT_EQ(read.request.raw_input_contents(2), "\x01\x02");
  EXPECT_TRUE(read.request.inputs(0).parameters().empty());
}

struct WrongBody {
  std::string body;
  const char* message;
};

void PrintTo(const WrongBody& wrong_body, std::ostream* out) {
  *out << '"' << absl::CEscape(wrong_body.body) << '"';
}

class WrongBodyTest : public ::testing::TestWithParam<WrongBody> {};

TEST_P(WrongBodyTest, IsRefusedWithItsReason) {
  const absl::Status status = Read(GetParam().body).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << GetParam().body;
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message)) << GetParam().body;
}

std::string Nested(const char* open, const char* close, int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongBodyTest,
    ::testing::Values(
        WrongBody{"", "cannot be read as JSON"}, WrongBody{"5", "not a JSON object"},
        WrongBody{"[]", "not a JSON object"}, WrongBody{"{", "cannot be read as JSON"},
        WrongBody{"{} {}", "continues after"}, WrongBody{"{}}", "continues after"},
        WrongBody{"{\"id\":\"\xff\"}", "UTF-8"}, WrongBody{R"({"id":"\ud800"})", "`id`"},
        WrongBody{R"({"id":5})", "`id` that is not a string"},
        WrongBody{R"({"id":"a","id":"b"})", "`id` twice"},
        WrongBody{R"({"id":"a","i\u0064":"b"})", "`id` twice"},
        WrongBody{R"({"parameters":[]})", "`parameters` that is not an object"},
        WrongBody{R"({"parameters":{"a":1,"a":2}})", "'a' twice"},
        WrongBody{R"({"parameters":{"a":null}})", "parameter 'a'"},
        WrongBody{R"({"parameters":{"a":[1]}})", "parameter 'a'"},
        WrongBody{R"({"parameters":{"a":1e999}})", "parameter 'a'"},
        WrongBody{R"({"parameters":{"binary_data_output":1}})", "'binary_data_output'"},
        WrongBody{R"({"inputs":{}})", "`inputs` that is not an array"},
        WrongBody{R"({"inputs":[1]})", "not an array of objects"},
        WrongBody{R"({"inputs":[{}]})", "has no member `name`"},
        WrongBody{R"({"inputs":[{"name":"x"}]})", "no member `datatype`"},
        WrongBody{R"({"inputs":[{"name":null}]})", "no member `name`"},
        WrongBody{R"({"id":nul})", "`id`"},
        WrongBody{R"({"inputs":[{"name":"x","datatype":"FP32"}]})", "no member `shape`"},
        WrongBody{R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1]}]})", "neither"},
        WrongBody{R"({"inputs":[{"name":"x","name":"x"}]})", "`name` twice"},
        WrongBody{R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],
                      "data":[1],"data":[1]}]})",
                  "`data` twice"},
        WrongBody{R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1],
                      "parameters":{"binary_data_size":4}}]})",
                  "both"},
        WrongBody{R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],
                      "parameters":{"binary_data_size":-1}}]})",
                  "'binary_data_size'"},
        WrongBody{R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],
                      "parameters":{"binary_data_size":4}}]})",
                  "only 0 bytes"},
        WrongBody{InputBody("FP33", "[1]", "[1]"), "unknown datatype 'FP33'"},
        WrongBody{InputBody("FP32", "[]", "[1]"), "empty shape"},
        WrongBody{InputBody("FP32", "[-1]", "[1]"), "`shape`"},
        WrongBody{InputBody("FP32", "[1.5]", "[1]"), "`shape`"},
        WrongBody{InputBody("FP32", "1", "[1]"), "`shape`"},
        WrongBody{InputBody("FP32", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[1]"), "dimensions"},
        WrongBody{InputBody("FP32", "[9223372036854775807,2]", "[1]"), "expects more"},
        WrongBody{InputBody("FP32", "[1]", "1"), "`data`"},
        WrongBody{InputBody("FP32", "[3]", "[1,2]"), "has 2 values in `data`; its shape [3]"},
        WrongBody{InputBody("FP32", "[2,2]", "[[1,2],[3]]"), "whose nesting differs"},
        WrongBody{InputBody("FP32", "[1,4]", "[[1,2],[3,4]]"), "whose nesting differs"},
        WrongBody{InputBody("FP32", "[2]", "[[1],[2]]"), "whose nesting differs"},
        WrongBody{InputBody("FP32", "[2,1]", "[1,[2]]"), "whose nesting differs"},
        WrongBody{InputBody("FP32", "[1]", Nested("[", "]", 100'000)), "whose nesting differs"},
        WrongBody{InputBody("FP32", "[1]", "[1e39]"), "'1e39'; FP32 expects a number in its range"},
        WrongBody{InputBody("FP32", "[1]", "[3.4028235677973367e38]"), "in its range"},
        WrongBody{InputBody("FP64", "[1]", "[1e400]"), "in its range"},
        WrongBody{InputBody("FP16", "[1]", "[65520]"), "in its range"},
        WrongBody{InputBody("FP32", "[1]", "[NaN]"), "'NaN'"},
        WrongBody{InputBody("FP32", "[1]", "[\"1\"]"), "FP32 expects"},
        WrongBody{InputBody("FP32", "[1]", "[true]"), "'true'"},
        WrongBody{InputBody("FP32", "[1]", "[01]"), "'01'"},
        WrongBody{InputBody("FP32", "[1]", "[1.]"), "'1.'"},
        WrongBody{InputBody("FP32", "[1]", "[nul]"), "'nul'"},
        WrongBody{InputBody("FP32", "[1]", "[{}]"), "FP32 expects"},
        WrongBody{InputBody("FP32", "[1]", "[1,]"), ""},
        WrongBody{InputBody("INT8", "[1]", "[128]"),
                  "'128'; INT8 expects a whole number from -128"},
        WrongBody{InputBody("INT8", "[1]", "[1.0]"), "'1.0'"},
        WrongBody{InputBody("INT32", "[1]", "[null]"), "'null'"},
        WrongBody{InputBody("UINT8", "[1]", "[-1]"), "'-1'"},
        WrongBody{InputBody("UINT64", "[1]", "[18446744073709551616]"), "UINT64 expects"},
        WrongBody{InputBody("BOOL", "[1]", "[2]"), "true or false"},
        WrongBody{InputBody("BYTES", "[1]", "[1]"), "a string"},
        WrongBody{InputBody("BYTES", "[1]", R"(["\udc00"])"), "a string"},
        WrongBody{R"({"outputs":[{"name":1}]})", "`name` that is not a string"},
        WrongBody{R"({"outputs":[{"name":"y","parameters":{"binary_data":"yes"}}]})",
                  "'binary_data'"}));

TEST(InferBodyTest, RefusesBytesThatNoInputUses) {
  EXPECT_THAT(std::string(Read("{}xyz", 2).status.message()), HasSubstr("3 bytes after its JSON"));
  EXPECT_THAT(std::string(Read("{}", 3).status.message()), HasSubstr("has 2 bytes"));
}

TEST(InferBodyTest, RefusesTooManyObjects) {
  std::string outputs = R"({"name":"y"})";
  for (int i = 0; i < 5'000; ++i) outputs += R"(,{"name":"y"})";
  EXPECT_THAT(std::string(Read(absl::StrCat(R"({"outputs":[)", outputs, "]}")).status.message()),
              HasSubstr("more than 4096"));
}

// Bytes cut, changed or doubled anywhere: the reader must accept or refuse them, and nothing else
// may happen.
TEST(InferBodyTest, SurvivesAnyBytes) {
  const std::string body =
      R"({"id":"a","inputs":[{"data":[[1.5e1,-2],[null,3]],"name":"x","shape":[2,2],)"
      R"("datatype":"FP32"}],"outputs":[{"name":"y","parameters":{"binary_data":true}}]})";
  ASSERT_TRUE(Read(body).status.ok());
  for (std::size_t i = 0; i < body.size(); ++i) {
    EXPECT_FALSE(Read(body.substr(0, i)).status.ok()) << i;
    for (const char byte : std::string("\0\"\\{}[],:9\xff", 11)) {
      std::string changed = body;
      changed[i] = byte;
      Read(changed);
      Read(body.substr(0, i) + byte + body.substr(i));
    }
  }
}

}  // namespace
}  // namespace mlp
