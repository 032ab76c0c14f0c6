#include "model/weight_storage.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

TEST(WeightStorageTest, ParsesItsOwnNames) {
  for (const WeightStorage storage :
       {WeightStorage::kFloat32, WeightStorage::kBfloat16, WeightStorage::kInt8}) {
    EXPECT_EQ(ParseWeightStorage(NameOf(storage)).value(), storage);
  }
  EXPECT_EQ(ParseWeightStorage("INT8").value(), WeightStorage::kInt8);
}

TEST(WeightStorageTest, NamesAnUnknownStorage) {
  for (const char* name : {"int4", "", "float32 ", "0"}) {
    const auto parsed = ParseWeightStorage(name);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(parsed.status().message(),
              std::string("'") + name +
                  "' is not a storage of weights; expected float32, bfloat16 or int8");
  }
}

}  // namespace
}  // namespace mlp
