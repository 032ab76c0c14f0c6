// Writes what layers of each operation hold to a native document and reads it back.

#include "model/formats/native/members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/formats/native/reader.h"
#include "model/formats/native/writer.h"
#include "tests/model/every_operation.h"
#include "tests/model/formats/evaluate.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// Reads the model with its tensors unchanged. If `from` is given, it is replaced by `to` in the
// document.
absl::StatusOr<ReadNetwork> ReadChanged(const NativeModel& model, const std::string& from = "",
                                        const std::string& to = "") {
  std::string document = model.document;
  document.erase(document.find("\"sha256\""),
                 document.find("\"inputs\"") - document.find("\"sha256\""));
  if (!from.empty()) {
    const std::size_t place = document.find(from);
    EXPECT_NE(place, std::string::npos) << from << "\n" << document;
    if (place != std::string::npos) document.replace(place, from.size(), to);
  }
  return ReadNative(document, model.tensors);
}

TEST(NativeMembersTest, KeepEveryOperationToTheBit) {
  const Network network = NetworkOfEveryOperation();
  const absl::StatusOr<NativeModel> written = WriteNative(network);
  ASSERT_TRUE(written.ok()) << written.status();
  const absl::StatusOr<ReadNetwork> read = ReadNative(written->document, written->tensors);
  ASSERT_TRUE(read.ok()) << read.status();
  // Where chooses from two values of the row, and Greater is a condition.
  EXPECT_THAT(read->warnings,
              ::testing::ElementsAre("Shrink is evaluated, but its saturation is not counted"));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<std::vector<float>> rows = {
      {1, -2, 0.5F, 3, -0.25F, 0, 5, 4, nan, 2, 1, 0, -1, -1, 1, 1e9F, 0, 0.125F},
      {0, 2, -1, nan, 7, 1}};
  const std::vector<float> expected = EvaluateNetwork(network, rows)[0];
  const std::vector<float> actual = EvaluateNetwork(read->network, rows)[0];
  ASSERT_EQ(actual.size(), expected.size());
  EXPECT_EQ(std::memcmp(actual.data(), expected.data(), actual.size() * sizeof(float)), 0);
  // Written again, it is the same.
  const absl::StatusOr<NativeModel> again = WriteNative(read->network);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->document, written->document);
  EXPECT_EQ(again->tensors, written->tensors);
}

struct Change {
  const char* name;
  const char* from;
  const char* to;
  const char* message;
};

void PrintTo(const Change& change, std::ostream* out) { *out << change.name; }

class ChangedMemberTest : public ::testing::TestWithParam<Change> {};

TEST_P(ChangedMemberTest, IsRefusedWithItsPath) {
  const absl::StatusOr<NativeModel> written = WriteNative(NetworkOfEveryOperation());
  ASSERT_TRUE(written.ok()) << written.status();
  ASSERT_TRUE(ReadChanged(*written).ok());
  const absl::Status status = ReadChanged(*written, GetParam().from, GetParam().to).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, ChangedMemberTest,
    ::testing::Values(
        Change{"UnknownFunction", R"("function": "Greater")", R"("function": "Greatest")",
               "'/layers/2/function' is 'Greatest', which is not a known element-wise operator of "
               "ONNX"},
        Change{"FunctionOfAnotherDomain", R"("function": "Shrink")",
               R"("function": "Shrink", "domain": "com.microsoft")",
               "'/layers/4/function' is 'Shrink', which is not a known element-wise operator of "
               "'com.microsoft'"},
        Change{"FunctionOfTooManySources", R"("function": "Shrink")",
               R"("function": "Sub", "domain": "")", "'/layers/4/domain'"},
        Change{"UnknownParameter", R"("lambd": 0.25)", R"("lambda": 0.25)",
               "'/layers/4/parameters' has 'lambda', which Shrink does not have"},
        Change{
            "ReductionOfAnotherCount", R"("count": 2)", R"("count": 3)",
            "'/layers/6' reads 1 sources with 8 units in total, which its reduce does not accept"},
        Change{"TableThatIsNotThere", R"("table": "lookup_1.table")", R"("table": "lookup")",
               "'/layers/7/table' names the tensor 'lookup', which the file does not contain"},
        Change{"TableOfAnotherShape", R"("table": "lookup_1.table")", R"("table": "lookup_2.keys")",
               "'/layers/7/table': tensor 'lookup_2.keys' has shape [4]; expected a matrix"},
        Change{"UnitsOfNumbers", R"("units": "select_1.units")", R"("units": "lookup_1.table")",
               "'/layers/5/units': tensor 'lookup_1.table' is of F32; expected integers, as I32"},
        Change{"ValuesOfIntegers", R"("values": "constant_1.values")",
               R"("values": "select_1.units")",
               "'/layers/1/values': tensor 'select_1.units' is of I32; expected F32"},
        Change{"ProductOfAnotherDepth", R"("depth": 2)", R"("depth": 4)",
               "which its matrix_product does not accept"},
        Change{"ProductOfTooMany", R"("depth": 2)", R"("depth": 2000000)",
               "'/layers/9/depth' is the number 2000000; expected an integer from 1 to 1048576"},
        Change{"ConstantOfASource", R"("values": "constant_1.values")",
               R"("values": "constant_1.values", "sources": ["x"])",
               "'/layers/1' has the unknown key 'sources'"}),
    [](const auto& change) { return std::string(change.param.name); });

}  // namespace
}  // namespace mlp
