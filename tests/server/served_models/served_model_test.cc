#include "server/served_models/served_model.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "tests/server/small_network.h"

namespace mlp {
namespace {

class ServedModelTest : public ::testing::Test {
 protected:
  ServedModelTest() {
    ModelVersion version;
    version.name = "m";
    version.version = 1;
    version.network = SmallNetwork();
    model_ =
        MakeServedModel(std::move(version), {}, arena_, metrics_, [] { return false; }).value();
  }

  static ModelSettings WithLevels(std::size_t levels) {
    ModelSettings settings;
    settings.scheduling.levels.resize(levels);
    return settings;
  }

  Metrics metrics_{0.01, {}};
  tbb::task_arena arena_{1};
  std::shared_ptr<const ServedModel> model_;
};

TEST_F(ServedModelTest, KeepsCountingWaitingRequestsUnderOtherSettings) {
  const auto changed = WithSettings(*model_, WithLevels(1), {});
  QueueLoad::Counted waiting = model_->queue_load->Enter(0, 1);
  ASSERT_NE(waiting, nullptr);
  EXPECT_EQ(changed->queue_load->Enter(0, 1), nullptr);
  waiting.reset();
  EXPECT_NE(changed->queue_load->Enter(0, 1), nullptr);
}

TEST_F(ServedModelTest, KeepsCountingBatchesUnderOtherLevels) {
  QueueLoad::Counted evaluating = model_->queue_load->Begin(1);
  ASSERT_NE(evaluating, nullptr);
  const auto changed = WithSettings(*model_, WithLevels(3), {});
  EXPECT_NE(changed->queue_load->Enter(2, 1), nullptr);
  EXPECT_EQ(changed->queue_load->Begin(1), nullptr);
  evaluating.reset();
  EXPECT_NE(changed->queue_load->Begin(1), nullptr);
}

TEST_F(ServedModelTest, KnowsTheLongestLabelOfEachOutput) {
  EXPECT_EQ(model_->longest_label_bytes, (std::vector<std::int64_t>{0, 0}));
  ModelSettings settings = WithLevels(1);
  settings.labels = {{"ant", "cicada", ""}, {}};
  const auto labelled = WithSettings(*model_, std::move(settings), {});
  EXPECT_EQ(labelled->longest_label_bytes, (std::vector<std::int64_t>{6, 0}));
}

}  // namespace
}  // namespace mlp
