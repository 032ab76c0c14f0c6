#include "server/observe/watch_collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/observe/metrics.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Network SoftmaxOf(std::int64_t classes) {
  Layer layer;
  layer.inputs = 1;
  layer.units = classes;
  layer.dense().weights.resize(static_cast<std::size_t>(classes), 1.0F);
  layer.dense().bias.resize(static_cast<std::size_t>(classes));
  layer.activation.kind = ActivationKind::kSoftmax;
  return Network::Create({"x", {1}}, {layer}, {{{"y", {classes}}, 0, Tap::kActivation}}).value();
}

class WatchCollectorTest : public ::testing::Test {
 protected:
  // The metrics of a model after one row with the input `x`, answered with class `predicted` at
  // high confidence.
  std::string PageOf(const Evaluator& evaluator, float x, std::size_t predicted,
                     std::vector<std::string> names = {}) {
    instruments_ = metrics_.AddModel("m", "3", evaluator);
    instruments_.metrics->CountRequest(absl::StatusCode::kOk);
    instruments_.watch->SetClassNames(std::move(names));
    ThreadWatch thread(instruments_.watch);
    const auto width = static_cast<std::size_t>(instruments_.watch->form().width);
    std::vector<float> outputs(width, 0.25F / static_cast<float>(width));
    outputs[predicted] += 0.75F;
    thread.Look(1, {&x}, outputs.data());
    thread.AddUp(RowWatch::Clock::now());
    return metrics_.Expose();
  }

  tbb::task_arena arena_{1};
  Metrics metrics_{0.01, ActivityWindow{}};
  ModelInstruments instruments_;
};

TEST_F(WatchCollectorTest, ShowsInputsAndPredictions) {
  const Evaluator evaluator(SoftmaxOf(3), 0.01, arena_);
  const std::string page = PageOf(evaluator, NAN, 1, {"cat", "dog"});
  for (const char* line : {R"(mlp_watched_rows_total{model="m",version="3"} 1)",
                           R"(mlp_input_rows_missing_total{model="m",version="3"} 1)",
                           R"(mlp_input_rows_not_finite_total{model="m",version="3"} 0)",
                           R"(mlp_input_rows_out_of_range_total{model="m",version="3"} 0)",
                           R"(mlp_predicted_class_total{model="m",version="3",class="cat"} 0)",
                           R"(mlp_predicted_class_total{model="m",version="3",class="dog"} 1)",
                           R"(mlp_predicted_class_total{model="m",version="3",class="2"} 0)",
                           R"(mlp_prediction_confidence_bucket{model="m",version="3",le="0.9"} 1)",
                           R"(mlp_prediction_confidence_bucket{model="m",version="3",le="0.3"} 0)",
                           R"(mlp_prediction_entropy_count{model="m",version="3"} 1)"}) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat(line, "\n")));
  }
  EXPECT_THAT(page, HasSubstr("mlp_watch_interval_batches{"));
  EXPECT_THAT(page, Not(HasSubstr(R"(class="other")")));
}

TEST_F(WatchCollectorTest, CountsTheRestOfManyClassesTogether) {
  const Evaluator evaluator(SoftmaxOf(40), 0.01, arena_);
  const std::string page = PageOf(evaluator, 0.0F, 35);
  EXPECT_THAT(page, HasSubstr(R"(class="31"} 0)"));
  EXPECT_THAT(page, Not(HasSubstr(R"(class="32"})")));
  EXPECT_THAT(page, HasSubstr(R"(class="other"} 1)"));
}

TEST_F(WatchCollectorTest, ShowsNoClassesOfARegression) {
  Layer layer{1, 1, Dense{{1}, {0}}, {}, ""};
  const Evaluator evaluator(
      Network::Create({"x", {1}}, {layer}, {{{"y", {1}}, 0, Tap::kActivation}}).value(), 0.01,
      arena_);
  const std::string page = PageOf(evaluator, INFINITY, 0);
  EXPECT_THAT(page, HasSubstr(R"(mlp_input_rows_not_finite_total{model="m",version="3"} 1)"));
  EXPECT_THAT(page, Not(HasSubstr("mlp_predicted_class_total")));
  EXPECT_THAT(page, Not(HasSubstr("mlp_prediction_")));
}

TEST_F(WatchCollectorTest, ShowsNothingOfAnUnusedOrReleasedModel) {
  const Evaluator evaluator(SoftmaxOf(3), 0.01, arena_);
  {
    const ModelInstruments held = metrics_.AddModel("m", "3", evaluator);
    EXPECT_THAT(metrics_.Expose(), Not(HasSubstr("mlp_watched_rows_total")));
    held.metrics->CountRequest(absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(metrics_.Expose(), HasSubstr("mlp_watched_rows_total"));
  }
  EXPECT_THAT(metrics_.Expose(), Not(HasSubstr("mlp_watched_rows_total")));
}

}  // namespace
}  // namespace mlp
