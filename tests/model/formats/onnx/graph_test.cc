// Whatever short files repeat, the memory they take is in proportion to their size and is counted
// before it is allocated.

#include "model/formats/onnx/graph.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/formats/io/external_data.h"
#include "model/formats/onnx/reader.h"
#include "tests/allocation_counter.h"
#include "tests/model/formats/onnx/bombs.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

class BombTest : public ::testing::TestWithParam<Bomb> {};

// With a sanitizer each walk takes about ten times as long.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr std::int64_t kMaxMilliseconds = 300'000;
#else
constexpr std::int64_t kMaxMilliseconds = 30'000;
#endif
#else
constexpr std::int64_t kMaxMilliseconds = 30'000;
#endif

std::int64_t CpuMilliseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000 + time.tv_nsec / 1'000'000;
}

TEST_P(BombTest, UsesResourcesInProportionToItsSize) {
  const std::string file = GetParam().make().SerializeAsString();
  const auto size = static_cast<std::int64_t>(file.size());
  const std::int64_t begin = CpuMilliseconds();
  const AllocationCounter counter;
  const auto read = ReadOnnx(file);
  const Allocations taken = counter.Read();
  const std::int64_t milliseconds = CpuMilliseconds() - begin;
  EXPECT_LT(taken.most_bytes, (std::int64_t{128} << 20) + 160 * size) << read.status();
  EXPECT_LT(taken.count, 4'000'000 + 16 * size) << read.status();
  // Walks allocate nothing, so only time reveals them. Quadratic ones took minutes to hours.
  EXPECT_LT(milliseconds, kMaxMilliseconds) << read.status();
  // Each warning is a line of the log.
  EXPECT_LE(read.ok() ? read->warnings.size() : 0U, 65U);
  RecordProperty("file_bytes", absl::StrCat(size));
  RecordProperty("most_bytes", absl::StrCat(taken.most_bytes));
  RecordProperty("allocations", absl::StrCat(taken.count));
  RecordProperty("milliseconds", absl::StrCat(milliseconds));
  RecordProperty("answer", std::string(read.status().message()));
}

// The memory that a file takes is counted before it is allocated, except for that of a single node.
TEST_P(BombTest, StaysWithinTheMemoryThatIsLeft) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "model.onnx";
  std::ofstream(file) << GetParam().make().SerializeAsString();
  for (const std::int64_t most : {std::int64_t{24} << 20, std::int64_t{96} << 20}) {
    const AllocationCounter counter;
    const auto read = ReadOnnxFile(file, ExternalData{}, most);
    EXPECT_LT(counter.Read().most_bytes, most + (std::int64_t{16} << 20)) << read.status();
  }
}

INSTANTIATE_TEST_SUITE_P(All, BombTest, ::testing::ValuesIn(Bombs()),
                         [](const auto& bomb) { return std::string(bomb.param.name); });

}  // namespace
}  // namespace mlp
