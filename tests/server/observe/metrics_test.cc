#include "server/observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/batching/rejection_reason.h"
#include "tests/server/observe/metrics_test.h"

namespace mlp {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

TEST_F(MetricsTest, HasHelpAndTypeForEverySampleOnce) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  AskOnce(instruments);
  std::map<std::string, std::string> types;
  std::set<std::string> helps;
  for (const std::string& line : Lines()) {
    std::istringstream words(line);
    std::string hash;
    std::string kind;
    std::string name;
    words >> hash >> kind >> name;
    if (hash != "#") {
      std::string family = line.substr(0, line.find_first_of("{ "));
      for (const char* suffix : {"_bucket", "_sum", "_count"}) {
        const std::size_t end = family.rfind(suffix);
        if (types.count(family) == 0 && end != std::string::npos) family.resize(end);
      }
      EXPECT_EQ(types.count(family), 1U) << line;
    } else if (kind == "HELP") {
      EXPECT_TRUE(helps.insert(name).second) << line;
    } else {
      EXPECT_EQ(kind, "TYPE") << line;
      std::string type;
      words >> type;
      EXPECT_TRUE(types.emplace(name, type).second) << line;
      // By Prometheus' convention, a counter's name ends in _total, and no other name does.
      const bool total = name.size() > 6 && name.compare(name.size() - 6, 6, "_total") == 0;
      EXPECT_EQ(total, type == "counter") << line;
    }
  }
  EXPECT_EQ(helps.size(), types.size());
}

TEST_F(MetricsTest, HasNoFamilyWithoutASample) {
  EXPECT_THAT(metrics_.Expose(), Not(HasSubstr("mlp_activations_total")));
  EXPECT_THAT(metrics_.Expose(), HasSubstr("mlp_build_info{"));
}

TEST_F(MetricsTest, NamesTheEvaluator) {
  metrics_.AddEvaluator(InstructionSet::kAvx2, 3);
  EXPECT_THAT(SampleLines(),
              Contains(R"(mlp_evaluator_info{instruction_set="avx2",threads="3"} 1)"));
}

TEST_F(MetricsTest, HasDurationBoundsAtMostTwiceThePreviousOne) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  AskOnce(instruments);
  const std::string start = R"(mlp_request_duration_seconds_bucket{model="m",version="3",le=")";
  std::vector<std::string> bounds;
  for (const std::string& sample : SampleLines()) {
    if (sample.rfind(start, 0) != 0) continue;
    bounds.push_back(sample.substr(start.size(), sample.find('"', start.size()) - start.size()));
  }
  ASSERT_GE(bounds.size(), 3U);
  EXPECT_EQ(bounds.back(), "+Inf");
  bounds.pop_back();
  EXPECT_EQ(std::stod(bounds.front()), 1e-5);
  EXPECT_EQ(std::stod(bounds.back()), 10.0);
  for (std::size_t i = 1; i < bounds.size(); ++i) {
    EXPECT_LE(std::stod(bounds[i]), 2.0001 * std::stod(bounds[i - 1]));
    // A bound with a rounding error would be hard to write in a query.
    EXPECT_LE(bounds[i].size(), 6U) << bounds[i];
  }
}

TEST_F(MetricsTest, ShowsWhatWasObserved) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  metrics_.models().Set({{"m", {{{"3", true}}, 3}}});
  metrics_.models().SetServing(true);
  instruments.metrics->CountRequest(absl::StatusCode::kInvalidArgument);
  instruments.metrics->CountRequest(absl::StatusCode::kDataLoss);  // a code that no answer has
  ThreadCounts counts(instruments.sums, evaluator_.network());
  {
    ThreadCounts::Batch batch(counts);
    batch.activity() = Activity(evaluator_.network(), 3);
    batch.Count(3, {{}, std::chrono::microseconds(5), {}}, {.count = 1},
                std::chrono::system_clock::now());
    batch.CountRequest(std::chrono::microseconds(150), std::chrono::microseconds(15),
                       ModelSums::Clock::now(), [] { return TraceId(); });
  }
  EXPECT_THAT(SampleLines(),
              IsSupersetOf({
                  R"(mlp_model_ready{model="m"} 1)",
                  R"(mlp_rows_total{model="m",version="3"} 3)",
                  R"(mlp_requests_total{code="OK",model="m",version="3"} 1)",
                  R"(mlp_requests_total{code="INVALID_ARGUMENT",model="m",version="3"} 1)",
                  R"(mlp_requests_total{code="UNKNOWN",model="m",version="3"} 1)",
                  R"(mlp_request_duration_seconds_bucket{model="m",version="3",le="0.0001"} 0)",
                  R"(mlp_request_duration_seconds_bucket{model="m",version="3",le="0.0002"} 1)",
                  R"(mlp_queue_duration_seconds_bucket{model="m",version="3",le="1e-05"} 0)",
                  R"(mlp_queue_duration_seconds_bucket{model="m",version="3",le="2e-05"} 1)",
                  R"(mlp_compute_duration_seconds_bucket{model="m",version="3",le="1e-05"} 1)",
                  R"(mlp_batch_rows_bucket{model="m",version="3",le="2"} 0)",
                  R"(mlp_batch_rows_bucket{model="m",version="3",le="4"} 1)",
                  R"(mlp_batch_rows_sum{model="m",version="3"} 3)",
              }));
  EXPECT_THAT(SampleLines(), Contains(absl::StrCat("mlp_activations_total", kHidden, " 6")));
  EXPECT_THAT(
      SampleLines(),
      Contains("mlp_saturated_activations_total"
               R"({model="m",version="3",layer="hidden_1",activation="relu",tail="lower"} 4)"));
}

TEST_F(MetricsTest, CountsEachReasonOfARefusalUnderTheStatusCodeOfItsClient) {
  std::map<std::string, int> expected;
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  for (std::size_t i = 0; i < kRejectionReasons; ++i) {
    const auto reason = static_cast<RejectionReason>(i);
    const absl::StatusCode code = StatusOf(reason).code();
    instruments.metrics->CountRefusal(reason, code);
    ++expected[absl::StatusCodeToString(code)];
  }
  std::map<std::string, int> counted;
  const std::regex sample(R"re(mlp_requests_total\{code="(\w+)",model="m",version="3"\} (\d+))re");
  for (const std::string& line : SampleLines()) {
    std::smatch parts;
    if (!std::regex_match(line, parts, sample) || parts[2] == "0") continue;
    counted[parts[1]] = std::stoi(parts[2]);
  }
  EXPECT_EQ(counted, expected);
}

TEST_F(MetricsTest, ShowsNanInWindowGaugesUntilTheFirstWindowEnds) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  const std::vector<std::string> gauges = {"mlp_dead_units", "mlp_one_signed_units",
                                           "mlp_activation_mean", "mlp_activation_zero_centredness",
                                           "mlp_gradient_gain"};
  const auto value_of = [&](const std::string& gauge) -> double {
    for (const std::string& sample : SampleLines()) {
      if (sample.rfind(gauge + kHidden, 0) == 0) return std::stod(sample.substr(sample.rfind(' ')));
    }
    ADD_FAILURE() << gauge << " is not there";
    return 0;
  };
  instruments.activity->Add(999, Activity(evaluator_.network(), 999), ActivityTotals::Clock::now());
  for (const std::string& gauge : gauges) EXPECT_TRUE(std::isnan(value_of(gauge))) << gauge;
  instruments.activity->Add(1, Activity(evaluator_.network(), 1), ActivityTotals::Clock::now());
  EXPECT_EQ(value_of("mlp_dead_units"), 1);
  EXPECT_EQ(value_of("mlp_one_signed_units"), 2);
  EXPECT_EQ(value_of("mlp_activation_mean"), 2);
  EXPECT_EQ(value_of("mlp_activation_zero_centredness"), 1);
  EXPECT_EQ(value_of("mlp_gradient_gain"), 1);
}

TEST_F(MetricsTest, ShowsTheProcess) {
  std::map<std::string, double> process;
  for (const std::string& line : Lines()) {
    if (line.rfind("process_", 0) != 0) continue;
    const std::size_t end = line.find(' ');
    process[line.substr(0, end)] = std::stod(line.substr(end));
  }
  EXPECT_GE(process.at("process_cpu_seconds_total"), 0);
  EXPECT_GT(process.at("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GE(process.at("process_virtual_memory_bytes"),
            process.at("process_resident_memory_bytes"));
  EXPECT_GE(process.at("process_open_fds"), 3);
  EXPECT_GE(process.at("process_max_fds"), process.at("process_open_fds"));
  EXPECT_NEAR(process.at("process_start_time_seconds"),
              absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()), 3'600);
}

}  // namespace
}  // namespace mlp
