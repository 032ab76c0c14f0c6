// The status of models that receive requests, are reloaded and are removed, at times that the test
// sets.

#include "server/insight/insight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/insight/self_baseline.h"
#include "server/memory_room.h"
#include "server/observe/log.h"
#include "tests/eventually.h"
#include "tests/server/serve_versions.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsNan;
using ::testing::Pair;
using ::testing::StartsWith;

class InsightTest : public ::testing::Test {
 protected:
  InsightTest() { Look(seconds(0)); }

  // Serves these versions of the model "m".
  void Serve(const std::vector<std::int64_t>& numbers) {
    std::vector<ModelVersion> versions;
    for (const std::int64_t number : numbers) {
      ModelVersion& version = versions.emplace_back();
      version.name = "m";
      version.version = number;
      version.network = SmallNetwork();
    }
    ModelTable::Changes changes;
    ModelTable::Model& model = changes["m"];
    for (ModelRecord& record : ServeVersions(std::move(versions), {}, arena_, metrics_)) {
      model.default_version = record.version;
      model.versions.emplace(record.version, std::move(record));
    }
    models_.Publish(
        models_.Get()->With(std::move(changes), std::make_shared<const ModelTable::Names>()));
  }

  std::shared_ptr<const ServedModel> Served() const { return *models_.Get()->Find("m", ""); }

  // Answers `requests` of one row each, each taking `time`. Half of the activations of the two
  // hidden units are in their tail.
  void Answer(int requests, std::chrono::nanoseconds time = milliseconds(15)) const {
    const std::shared_ptr<const ServedModel> served = Served();
    ThreadCounts counts(served->instruments.sums, *served->network);
    Evaluator::Workspace workspace = served->evaluator->MakeWorkspace();
    const float input[] = {-1, 1};
    float sum = 0;
    float answer = 0;
    float* const outputs[] = {&sum, &answer};
    for (int i = 0; i < requests; ++i) {
      ThreadCounts::Batch batch(counts);
      served->evaluator->Evaluate(1, input, outputs, workspace, batch.activity());
      batch.Count(1, {}, {.count = 1}, std::chrono::system_clock::now());
      batch.CountRequest(time, {}, ModelSums::Clock::now(), [] { return TraceId(); });
      batch.End(ModelSums::Clock::now());
    }
  }

  void Look(seconds more) {
    now_ += more;
    insight_.Look(now_, std::chrono::system_clock::time_point(now_.time_since_epoch()));
  }

  StatusModel OnlyModel() const {
    const Status status = insight_.MakeStatus();
    EXPECT_EQ(status.models.size(), 1U);
    return status.models.empty() ? StatusModel{} : status.models[0];
  }

  tbb::task_arena arena_{1};
  Metrics metrics_{0.01, ActivityWindow{}};
  ModelCatalog models_{metrics_};
  std::atomic<std::int64_t> dropped_ = 0;
  const LogLevels levels_{spdlog::level::off};
  const std::shared_ptr<spdlog::logger> log_ = MakeLogger(levels_, LogFormat::kText, dropped_);
  Insight insight_{{"1.2.3", [] { return true; }}, models_, metrics_, *log_};
  // The beginning of a minute.
  std::chrono::steady_clock::time_point now_{minutes(1000)};
};

TEST_F(InsightTest, ListsNoModelsBeforeOneIsServed) {
  const Status status = insight_.MakeStatus();
  EXPECT_THAT(status.models, IsEmpty());
  EXPECT_EQ(status.server_version, "1.2.3");
  EXPECT_TRUE(status.ready);
}

TEST_F(InsightTest, DescribesAModel) {
  Serve({1});
  Look(seconds(1));
  const StatusModel model = OnlyModel();
  EXPECT_EQ(model.name, "m");
  EXPECT_EQ(model.version, "1");
  EXPECT_EQ(model.state, "READY");
  EXPECT_TRUE(model.is_default);
  EXPECT_EQ(model.architecture, "2-2-1, relu, 9 parameters");
  EXPECT_EQ(model.loaded_at, Served()->loaded_at);
  ASSERT_EQ(model.layers.size(), 3U);
  EXPECT_EQ(model.layers[0].name, "inputs");
  EXPECT_EQ(model.layers[1].name, "hidden_1");
  EXPECT_EQ(model.layers[1].activation, "relu");
  EXPECT_EQ(model.layers[1].units, 2);
  EXPECT_EQ(model.layers[2].name, "outputs");
}

TEST_F(InsightTest, CountsTheRequestsOfEachMinute) {
  Serve({1});
  Look(seconds(0));
  Answer(30);
  Look(seconds(30));
  Look(seconds(29));
  Look(seconds(1));  // the next minute
  Answer(120);
  Look(seconds(30));
  const StatusModel model = OnlyModel();
  EXPECT_DOUBLE_EQ(model.request_minutes[kStatusMinutes - 1], 120.0 / 31);
  EXPECT_DOUBLE_EQ(model.request_minutes[kStatusMinutes - 2], 30.0 / 59);
  // Before the start the rate is unknown, which is not the same as zero.
  EXPECT_THAT(model.request_minutes[kStatusMinutes - 3], IsNan());
  EXPECT_THAT(model.requests_per_second, ::testing::AllOf(::testing::Gt(1.0), ::testing::Lt(4.0)));
  EXPECT_EQ(model.errors, 0);
}

TEST_F(InsightTest, CountsRequestsThatArriveBeforeTheFirstLook) {
  Serve({1});
  Answer(7);
  Look(seconds(1));
  EXPECT_EQ(OnlyModel().batch_rows.buckets[0], 7);
}

TEST_F(InsightTest, InterpolatesQuantilesAsPrometheusDoes) {
  Serve({1});
  Look(seconds(0));
  Answer(98, milliseconds(15));  // in the bucket (10, 20]
  Answer(2, milliseconds(70));   // in the bucket (50, 100]
  Look(seconds(1));
  const StatusModel model = OnlyModel();
  EXPECT_NEAR(model.p50_seconds, 0.01 + 0.01 * 50 / 98, 1e-12);
  EXPECT_NEAR(model.p99_seconds, 0.05 + 0.05 * 1 / 2, 1e-12);
  EXPECT_EQ(model.p50_minutes[kStatusMinutes - 1], model.p50_seconds);
  EXPECT_THAT(model.p50_minutes[kStatusMinutes - 2], IsNan());
  EXPECT_EQ(model.latency.buckets.size(), model.latency.bounds.size() + 1);
  EXPECT_EQ(model.batch_rows.buckets[0], 100);
}

TEST_F(InsightTest, ReportsRefusalsByReasonAndVersion) {
  Serve({1, 2});
  Look(seconds(1));
  Served()->instruments.metrics->CountRefusal(RejectionReason::kOverload,
                                              absl::StatusCode::kResourceExhausted);
  Served()->instruments.metrics->CountRefusal(RejectionReason::kDeadline,
                                              absl::StatusCode::kDeadlineExceeded);
  Look(seconds(1));
  const Status status = insight_.MakeStatus();
  ASSERT_EQ(status.models.size(), 2U);
  EXPECT_EQ(status.models[0].version, "2");
  EXPECT_THAT(status.models[0].refusals, ElementsAre(Pair("overload", 1), Pair("deadline", 1)));
  EXPECT_EQ(status.models[0].errors, 1);
  EXPECT_THAT(status.models[0].findings.size(), 2U);
  EXPECT_EQ(status.models[1].version, "1");
  EXPECT_THAT(status.models[1].refusals, IsEmpty());
}

TEST_F(InsightTest, HasTheSaturationOfEachMinute) {
  Serve({1});
  Look(seconds(0));
  Answer(10);
  Look(seconds(1));
  const StatusLayer hidden = OnlyModel().layers[1];
  EXPECT_EQ(hidden.lower_minutes[kStatusMinutes - 1], 0.5);
  EXPECT_EQ(hidden.upper_minutes[kStatusMinutes - 1], 0.0);
  EXPECT_THAT(hidden.lower_minutes[kStatusMinutes - 2], IsNan());
  // A few rows are not enough to give a share.
  EXPECT_THAT(hidden.lower_share.value, IsNan());
  Answer(ActivityWindow{}.rows);
  Look(seconds(1));
  EXPECT_EQ(OnlyModel().layers[1].lower_share.value, 0.5);
}

TEST_F(InsightTest, ForgetsAnHourLater) {
  Serve({1});
  Look(seconds(0));
  Answer(10);
  Look(seconds(1));
  Look(minutes(kStatusMinutes));
  const StatusModel model = OnlyModel();
  EXPECT_THAT(model.layers[1].lower_minutes, Each(IsNan()));
  EXPECT_THAT(model.p50_minutes, Each(IsNan()));
  EXPECT_EQ(model.requests_per_second, 0.0);
}

TEST_F(InsightTest, ContinuesThroughAReload) {
  Serve({1});
  Look(seconds(0));
  Answer(10);
  Look(seconds(1));
  Serve({1});
  Look(seconds(1));
  Answer(5);
  Look(seconds(1));
  const StatusModel model = OnlyModel();
  EXPECT_EQ(model.batch_rows.buckets[0], 15);
  EXPECT_EQ(model.layers[1].lower_minutes[kStatusMinutes - 1], 0.5);
  ASSERT_EQ(model.marks.size(), 2U);
  EXPECT_EQ(model.marks[1].what, "loaded");
  EXPECT_EQ(model.marks[1].minute, static_cast<std::int64_t>(kStatusMinutes) - 1);
}

TEST_F(InsightTest, CountsNothingTwiceForAReturningVersion) {
  Serve({1});
  Look(seconds(0));
  Answer(10);
  Look(seconds(1));
  Serve({});
  Look(seconds(120));
  Serve({1});  // its counters continue, as nobody has read the metrics
  Look(seconds(1));
  EXPECT_EQ(OnlyModel().request_minutes[kStatusMinutes - 1], 0);
  Answer(5);
  Look(seconds(1));
  EXPECT_EQ(OnlyModel().batch_rows.buckets[0], 5);
}

TEST_F(InsightTest, MarksAnotherDefault) {
  Serve({1});
  Look(seconds(1));
  Serve({1, 2});
  Look(seconds(60));
  const Status status = insight_.MakeStatus();
  ASSERT_FALSE(status.models[0].marks.empty());
  EXPECT_EQ(status.models[0].marks.back().what, "default changed");
}

TEST_F(InsightTest, ReleasesRemovedModels) {
  Serve({1});
  Look(seconds(1));
  const std::weak_ptr<const ServedModel> served = Served();
  Serve({});
  EXPECT_TRUE(served.expired());
  Look(seconds(1));
  EXPECT_THAT(insight_.MakeStatus().models, IsEmpty());
}

TEST_F(InsightTest, UpdatesByItself) {
  Serve({1});
  insight_.Start();
  EXPECT_TRUE(Eventually([&] {
    const Status status = insight_.MakeStatus();
    return status.models.size() == 1 && !status.models[0].layers.empty();
  }));
}

// The page shows minutes of the wall clock. Those of the steady clock begin at other times.
TEST_F(InsightTest, BeginsMinutesWithTheWallClock) {
  Insight insight({"1.2.3", [] { return true; }}, models_, metrics_, *log_);
  const auto look = [&](seconds steady, seconds wall) {
    insight.Look(std::chrono::steady_clock::time_point(minutes(1000)) + steady,
                 std::chrono::system_clock::time_point(minutes(77'777)) + wall);
  };
  const auto minute_of_load = [&] {
    const Status status = insight.MakeStatus();
    return status.models.at(0).marks.at(0).minute;
  };
  Serve({1});
  look(seconds(25), seconds(44));
  EXPECT_EQ(minute_of_load(), 59);
  look(seconds(39), seconds(58));
  EXPECT_EQ(minute_of_load(), 59);
  look(seconds(42), seconds(61));
  EXPECT_EQ(minute_of_load(), 58);
  look(seconds(99), seconds(118));
  EXPECT_EQ(minute_of_load(), 58);
}

TEST_F(InsightTest, ReportsThatThereIsNoMemoryForLearning) {
  Serve({1});
  SelfBaseline learning(10'000'000);
  BoundMemory(std::int64_t{1} << 20);  // this process holds more
  const auto refused = learning.Look(*Served());
  BoundMemory(0);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted) << refused.status();
  EXPECT_THAT(std::string(refused.status().message()),
              StartsWith("no memory for 10000000 rows of traffic, 80000000 bytes: "));
  EXPECT_EQ(learning.learnt_rows(), -1);
  // The error is reported only once.
  const auto later = learning.Look(*Served());
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_EQ(*later, std::nullopt);
}

}  // namespace
}  // namespace mlp
