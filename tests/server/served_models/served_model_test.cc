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
  ASSERT_TRUE(model_->queue_load->TryEnter(0, 1));
  EXPECT_FALSE(changed->queue_load->TryEnter(0, 1));
  model_->queue_load->Leave(0);
  EXPECT_TRUE(changed->queue_load->TryEnter(0, 1));
}

TEST_F(ServedModelTest, KeepsCountingBatchesUnderOtherLevels) {
  ASSERT_TRUE(model_->queue_load->TryBegin(1));
  const auto changed = WithSettings(*model_, WithLevels(3), {});
  EXPECT_TRUE(changed->queue_load->TryEnter(2, 1));
  EXPECT_FALSE(changed->queue_load->TryBegin(1));
  model_->queue_load->End();
  EXPECT_TRUE(changed->queue_load->TryBegin(1));
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
