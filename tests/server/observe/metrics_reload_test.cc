// The series of a model that is reloaded again and again while the metrics are read.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/observe/metrics.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

class MetricsReloadTest : public ::testing::Test {
 protected:
  std::string Page() const { return metrics_.Expose(); }

  tbb::task_arena arena_{1};
  Evaluator evaluator_{SmallNetwork(), 0.01, arena_};
  Metrics metrics_{0.01, ActivityWindow{}};
};

// Old instruments are destroyed on other threads than those that create new ones. Whenever that
// happens, the newest series must be there and count.
TEST_F(MetricsReloadTest, HasItsSeriesAfterEveryReload) {
  constexpr int kReloads = 2000;
  std::atomic<bool> end = false;
  std::thread reader([&] {
    while (!end) Page();
  });
  std::shared_ptr<ModelInstruments> current;
  for (int i = 0; i < kReloads; ++i) {
    // The other thread drops the last reference, as after an unload.
    std::thread last([held = std::exchange(current, nullptr)]() mutable { held.reset(); });
    current = std::make_shared<ModelInstruments>(metrics_.AddModel("m", "1", evaluator_));
    current->metrics->CountRequest(absl::StatusCode::kOk);
    last.join();
    current->metrics->CountRequest(absl::StatusCode::kOk);
    ASSERT_NE(Page().find("mlp_requests_total{code=\"OK\",model=\"m\",version=\"1\"}"),
              std::string::npos)
        << "after " << i << " reloads";
  }
  end = true;
  reader.join();
}

TEST_F(MetricsReloadTest, ShowsNoSeriesOfAReleasedModel) {
  metrics_.AddModel("gone", "1", evaluator_);
  EXPECT_EQ(Page().find("\"gone\""), std::string::npos);
}

// Clients may upload models under ever new names to a server whose metrics nobody scrapes.
TEST_F(MetricsReloadTest, ReleasesUnloadedModelsEvenWithoutScrapes) {
  std::weak_ptr<ModelMetrics> counters;
  std::weak_ptr<const Network> network;
  {
    const Evaluator gone(SmallNetwork(), 0.01, arena_);
    network = gone.shared_network();
    counters = metrics_.AddModel("gone", "1", gone).metrics;
  }
  for (int i = 0; i < 200; ++i) metrics_.AddModel(absl::StrCat("m", i), "1", evaluator_);
  EXPECT_TRUE(counters.expired());
  EXPECT_TRUE(network.expired());
}

}  // namespace
}  // namespace mlp
