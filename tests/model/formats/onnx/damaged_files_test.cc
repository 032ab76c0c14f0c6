// The reader on files damaged step by step and at random.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/reader.h"
#include "tests/bytes_of_file.h"
#include "tests/model/formats/onnx/bounded_refusal.h"
#include "tests/model/formats/onnx/exports.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::AnyOf;

TEST(BrokenFileTest, EveryTruncationIsRefused) {
  const std::string whole = BytesOfFile(ExportsFolder() / "good/hand_prelu_slope_row/model.onnx");
  ASSERT_TRUE(ReadOnnx(whole).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = ReadOnnx(whole.substr(0, size));
    EXPECT_FALSE(read.ok()) << "of " << size << " bytes";
    EXPECT_EQ(read.status().code(), kInvalid) << "of " << size << " bytes: " << read.status();
  }
}

class FlippedFileTest : public ::testing::TestWithParam<const char*> {};

// Whatever can still be read must also be safe to evaluate.
TEST_P(FlippedFileTest, IsReadOrRefusedInBoundedMemory) {
  const std::string whole = BytesOfFile(ExportsFolder() / "good" / GetParam() / "model.onnx");
  const std::int64_t before = PeakBytes();
  std::mt19937 random(11);  // NOLINT(cert-msc51-cpp): the same files in every run
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string broken = whole;
    const auto flips = 1 + random() % 3;
    for (std::size_t flip = 0; flip < flips; ++flip) {
      const std::size_t position = random() % broken.size();
      broken[position] = static_cast<char>(random() & 0xFF);
    }
    absl::StatusOr<ReadNetwork> read = ReadOnnx(broken);
    if (read.ok()) {
      if (read->network.inputs().size() > 1) continue;
      const std::int64_t width = read->network.inputs().front().width();
      AnswersOf(read->network,
                {{{2, width}, std::vector<float>(static_cast<std::size_t>(2 * width), 0.5F)}});
      continue;
    }
    ++refused;
    EXPECT_THAT(read.status().code(), AnyOf(kInvalid, kUnimplemented)) << "flip " << i;
    ExpectReadable(read.status());
  }
  EXPECT_GT(refused, 1000);
  // If the reader trusted a shape before it had seen the data, this would take gigabytes.
  EXPECT_LT(PeakBytes() - before, std::int64_t{512} << 20);
}

INSTANTIATE_TEST_SUITE_P(All, FlippedFileTest,
                         ::testing::Values("hand_one_layer", "hand_prelu_slope_row",
                                           "hand_initializers_typed", "hand_reshape_0_minus_1",
                                           "torch_view_size"),
                         [](const auto& folder) { return std::string(folder.param); });

}  // namespace
}  // namespace mlp
