#include "server/served_models/model_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "tests/e2e/native_model.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ModelLoaderTest : public ::testing::Test {
 protected:
  void Add(int version, std::int64_t inputs = 4) {
    WriteNativeModel(folder_.path() / std::to_string(version), {inputs, 3});
  }

  void ServeTheNewestAlone() {
    std::ofstream(folder_.path() / "config.pbtxt")
        << "version_policy { latest { num_versions: 1 } }";
  }

  // Interrupts the load once it has asked `steps` times whether the server ends.
  absl::Status LoadUpTo(int steps, LoadedModel& model) {
    ModelLoader loader({}, arena_, metrics_, log_, [&steps] { return steps-- <= 0; });
    return loader.Load(
        "m", {folder_.path(), std::nullopt}, [](const auto&) {}, model);
  }

  TemporaryFolder folder_;
  tbb::task_arena arena_{1};
  Metrics metrics_{0.01, {}};
  spdlog::logger log_{"test", std::make_shared<spdlog::sinks::null_sink_mt>()};
};

TEST_F(ModelLoaderTest, ReadsNoVersionOnceItIsInterrupted) {
  for (const int version : {1, 2, 3}) Add(version);
  ServeTheNewestAlone();
  LoadedModel model;
  EXPECT_EQ(LoadUpTo(0, model).code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(model.seen, IsEmpty());
  EXPECT_THAT(model.versions, IsEmpty());
}

// Whenever the interruption comes, the served versions stay. No other version becomes the default,
// because the versions before it were not read.
TEST_F(ModelLoaderTest, LeavesTheModelUnchangedWhenItIsInterrupted) {
  Add(1);
  LoadedModel before;
  ASSERT_TRUE(LoadUpTo(1'000, before).ok());
  ASSERT_EQ(before.by_default.version, 1);
  // The last version has another input than the first.
  Add(2);
  Add(3, 5);
  ServeTheNewestAlone();
  int steps = 0;
  for (;; ++steps) {
    ASSERT_LT(steps, 1'000) << "the load never ends";
    LoadedModel model = before;
    const absl::Status status = LoadUpTo(steps, model);
    if (status.ok()) {
      EXPECT_EQ(model.by_default.version, 2);
      break;
    }
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_THAT(model.versions, SizeIs(1)) << "after " << steps << " steps";
    EXPECT_EQ(model.by_default.version, 1) << "after " << steps << " steps";
    EXPECT_EQ(model.ServedVersion(1), before.ServedVersion(1)) << "after " << steps << " steps";
  }
  EXPECT_GT(steps, 2);
}

}  // namespace
}  // namespace mlp
