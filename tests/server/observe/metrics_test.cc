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

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/batching/rejection_reason.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::vector<std::string> Lines(const Metrics& metrics) {
  std::vector<std::string> lines;
  std::istringstream page(metrics.Expose());
  for (std::string line; std::getline(page, line);) lines.push_back(line);
  return lines;
}

// The lines of samples, without those about the process.
std::vector<std::string> SampleLines(const Metrics& metrics) {
  std::vector<std::string> samples;
  for (const std::string& line : Lines(metrics)) {
    if (line.rfind('#', 0) != 0 && line.rfind("process_", 0) != 0) samples.push_back(line);
  }
  return samples;
}

constexpr char kHidden[] = R"({model="m",version="3",layer="hidden_1",activation="relu"})";

class MetricsTest : public ::testing::Test {
 protected:
  // The activity an evaluator counts on `rows` rows if both hidden units gave 2 with the slope 1.
  static NetworkActivity Activity(const Network& network, std::int64_t rows) {
    NetworkActivity activity = MakeNetworkActivity(network);
    for (LayerActivity& layer : activity) layer.rows = rows;
    LayerActivity& hidden = activity.front();
    hidden.unit_values.assign(2, 2.0 * static_cast<double>(rows));
    hidden.sum_of_squares = 8.0 * static_cast<double>(rows);
    hidden.unit_slopes.assign(2, static_cast<double>(rows));
    hidden.unit_lower_tail = {rows, 1};
    return activity;
  }

  // A request of one row that was answered.
  void AskOnce(const ModelInstruments& instruments) const {
    instruments.metrics->CountRequest(absl::StatusCode::kOk);
    instruments.activity->Add(1, Activity(evaluator_.network(), 1), ActivityTotals::Clock::now());
  }

  // The names of the samples with the label model="m".
  std::set<std::string> NamesOfTheModel() const {
    std::set<std::string> names;
    for (const std::string& sample : SampleLines(metrics_)) {
      if (!absl::StrContains(sample, R"(model="m")")) continue;
      names.insert(sample.substr(0, sample.find('{')));
    }
    return names;
  }

  // The samples of mlp_rejected_total that contain `part`.
  std::vector<std::string> RejectedSamples(const std::string& part) const {
    std::vector<std::string> samples;
    for (const std::string& sample : SampleLines(metrics_)) {
      if (absl::StartsWith(sample, "mlp_rejected_total{") && absl::StrContains(sample, part)) {
        samples.push_back(sample);
      }
    }
    return samples;
  }

  Metrics metrics_{0.01, ActivityWindow{.rows = 1'000}};
  tbb::task_arena arena_{2};
  const Evaluator evaluator_{SmallNetwork(), 0.01, arena_, SupportedInstructionSets().front()};
};

TEST_F(MetricsTest, HasHelpAndTypeForEverySampleOnce) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  AskOnce(instruments);
  std::map<std::string, std::string> types;
  std::set<std::string> helps;
  for (const std::string& line : Lines(metrics_)) {
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
  EXPECT_THAT(SampleLines(metrics_),
              Contains(R"(mlp_evaluator_info{instruction_set="avx2",threads="3"} 1)"));
}

TEST_F(MetricsTest, ShowsOnlyTheDescriptionOfAModelWithoutRequests) {
  metrics_.ShowTritonMetrics();
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  EXPECT_THAT(NamesOfTheModel(),
              ElementsAre("mlp_layer_units", "mlp_model_info", "mlp_model_weight_bytes",
                          "mlp_model_workspace_bytes", "mlp_rows_total"));
  EXPECT_THAT(SampleLines(metrics_), Contains(R"(mlp_rows_total{model="m",version="3"} 0)"));
}

TEST_F(MetricsTest, ShowsTheRequestsOfAModelThatRefusedAll) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  instruments.metrics->CountRefusal(RejectionReason::kInvalid, absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      SampleLines(metrics_),
      IsSupersetOf({R"(mlp_requests_total{code="INVALID_ARGUMENT",model="m",version="3"} 1)",
                    R"(mlp_requests_total{code="OK",model="m",version="3"} 0)",
                    R"(mlp_rejected_total{model="m",reason="invalid"} 1)",
                    R"(mlp_rejected_total{model="m",reason="timeout"} 0)"}));
}

TEST_F(MetricsTest, CountsRefusalsForTheModelAndThoseOfAllItsVersionsTogether) {
  const ModelInstruments first = metrics_.AddModel("m", "3", evaluator_);
  const ModelInstruments second = metrics_.AddModel("m", "4", evaluator_);
  // Its name sorts directly after the other model's.
  const ModelInstruments other = metrics_.AddModel("m1", "1", evaluator_);
  first.metrics->CountRefusal(RejectionReason::kTimeout, absl::StatusCode::kDeadlineExceeded);
  second.metrics->CountRefusal(RejectionReason::kTimeout, absl::StatusCode::kDeadlineExceeded);
  other.metrics->CountRequest(absl::StatusCode::kOk);
  metrics_.CountRefusalWithoutModel(RejectionReason::kUnknownModel, absl::StatusCode::kNotFound);
  EXPECT_EQ(RejectedSamples(R"(reason="timeout")"),
            (std::vector<std::string>{R"(mlp_rejected_total{model="",reason="timeout"} 0)",
                                      R"(mlp_rejected_total{model="m",reason="timeout"} 2)",
                                      R"(mlp_rejected_total{model="m1",reason="timeout"} 0)"}));
  EXPECT_EQ(RejectedSamples(R"(model="",reason="unknown_model")"),
            (std::vector<std::string>{R"(mlp_rejected_total{model="",reason="unknown_model"} 1)"}));
}

// If the counter fell, it would look like a restart, and the remaining count like new refusals.
TEST_F(MetricsTest, KeepsTheRefusalsOfAModelWhileItsVersionsComeAndGo) {
  ModelInstruments version = metrics_.AddModel("m", "3", evaluator_);
  version.metrics->CountRefusal(RejectionReason::kTimeout, absl::StatusCode::kDeadlineExceeded);
  for (const char* next : {"4", "10", "5"}) {
    version = metrics_.AddModel("m", next, evaluator_);
    // This version has not received a request yet.
    EXPECT_EQ(RejectedSamples(R"(model="m",reason="timeout")"),
              (std::vector<std::string>{R"(mlp_rejected_total{model="m",reason="timeout"} 1)"}))
        << next;
  }
  version = {};
  EXPECT_THAT(RejectedSamples(R"(model="m")"), IsEmpty());
  version = metrics_.AddModel("m", "3", evaluator_);
  AskOnce(version);
  EXPECT_EQ(RejectedSamples(R"(model="m",reason="timeout")"),
            (std::vector<std::string>{R"(mlp_rejected_total{model="m",reason="timeout"} 0)"}));
}

TEST_F(MetricsTest, ShowsAModelThatWasAskedAfterItIsLoadedAgain) {
  const ModelInstruments before = metrics_.AddModel("m", "3", evaluator_);
  AskOnce(before);
  const std::set<std::string> names = NamesOfTheModel();
  const ModelInstruments after = metrics_.AddModel("m", "3", evaluator_);
  EXPECT_EQ(NamesOfTheModel(), names);
  EXPECT_THAT(SampleLines(metrics_),
              IsSupersetOf({std::string(R"(mlp_requests_total{code="OK",model="m",version="3"} 1)"),
                            absl::StrCat("mlp_activations_total", kHidden, " 0")}));
}

// It is loaded while the current version answers, and then replaces it.
TEST_F(MetricsTest, ShowsAModelThatWasAskedWhileItWasLoadedAgain) {
  ModelInstruments before = metrics_.AddModel("m", "3", evaluator_);
  const ModelInstruments after = metrics_.AddModel("m", "3", evaluator_);
  AskOnce(before);
  before = {};
  EXPECT_THAT(SampleLines(metrics_),
              IsSupersetOf({std::string(R"(mlp_requests_total{code="OK",model="m",version="3"} 1)"),
                            absl::StrCat("mlp_activations_total", kHidden, " 0")}));
}

TEST_F(MetricsTest, MakesEverySeriesOfAModelWithItsFirstRequest) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  AskOnce(instruments);
  const std::vector<std::string> samples = SampleLines(metrics_);
  const std::string model = R"(model="m",version="3")";
  std::vector<std::string> expected = {
      absl::StrCat("mlp_rows_total{", model, "} 1"),
      R"(mlp_model_info{layers="2",model="m",parameters="9",version="3",weights="float32"} 1)",
      absl::StrCat("mlp_model_weight_bytes{", model, "} ", evaluator_.weight_bytes()),
      absl::StrCat("mlp_model_workspace_bytes{", model, "} ", evaluator_.workspace_bytes()),
      absl::StrCat("mlp_batch_rows_count{", model, "} 0"),
      absl::StrCat("mlp_request_duration_seconds_count{", model, "} 0"),
      absl::StrCat("mlp_queue_duration_seconds_count{", model, "} 0"),
      absl::StrCat("mlp_compute_duration_seconds_count{", model, "} 0"),
      absl::StrCat("mlp_activations_total", kHidden, " 2"),
      absl::StrCat("mlp_nonfinite_activations_total", kHidden, " 0"),
      absl::StrCat("mlp_layer_units", kHidden, " 2"),
      R"(mlp_layer_units{model="m",version="3",layer="output",activation="identity"} 1)",
      "mlp_saturation_epsilon 0.01",
  };
  for (const std::string code :
       {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
        "RESOURCE_EXHAUSTED", "INTERNAL", "UNAVAILABLE"}) {
    expected.push_back(
        absl::StrCat("mlp_requests_total{code=\"", code, "\",", model, "} ", code == "OK" ? 1 : 0));
    expected.push_back(
        absl::StrCat("mlp_requests_total{code=\"", code, R"(",model="",version=""} 0)"));
  }
  for (const std::string tail : {"lower", "upper"}) {
    expected.push_back(
        absl::StrCat("mlp_saturated_activations_total",
                     R"({model="m",version="3",layer="hidden_1",activation="relu",tail=")", tail,
                     "\"} ", tail == "lower" ? 2 : 0));
  }
  for (const char* reason :
       {"invalid", "unknown_model", "not_ready", "stopping", "overload", "queue_rows",
        "queue_bytes", "queue_size", "deadline", "timeout", "cancelled", "answer_bytes",
        "open_streams", "memory", "denied", "failed"}) {
    for (const char* name : {"", "m"}) {
      expected.push_back(
          absl::StrCat("mlp_rejected_total{model=\"", name, R"(",reason=")", reason, "\"} 0"));
    }
  }
  EXPECT_THAT(samples, IsSupersetOf(expected));
}

TEST_F(MetricsTest, HasBoundsOfDurationsAtMostTwiceTheOneBefore) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  AskOnce(instruments);
  const std::string start = R"(mlp_request_duration_seconds_bucket{model="m",version="3",le=")";
  std::vector<std::string> bounds;
  for (const std::string& sample : SampleLines(metrics_)) {
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
  EXPECT_THAT(SampleLines(metrics_),
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
  EXPECT_THAT(SampleLines(metrics_),
              Contains(absl::StrCat("mlp_activations_total", kHidden, " 6")));
  EXPECT_THAT(
      SampleLines(metrics_),
      Contains("mlp_saturated_activations_total"
               R"({model="m",version="3",layer="hidden_1",activation="relu",tail="lower"} 4)"));
}

TEST_F(MetricsTest, CountsEachReasonOfARefusalUnderTheCodeThatItsClientGets) {
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
  for (const std::string& line : SampleLines(metrics_)) {
    std::smatch parts;
    if (!std::regex_match(line, parts, sample) || parts[2] == "0") continue;
    counted[parts[1]] = std::stoi(parts[2]);
  }
  EXPECT_EQ(counted, expected);
}

TEST_F(MetricsTest, ShowsNanInTheGaugesOfAWindowUntilThereIsOne) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  const std::vector<std::string> gauges = {"mlp_dead_units", "mlp_one_signed_units",
                                           "mlp_activation_mean", "mlp_activation_zero_centredness",
                                           "mlp_gradient_gain"};
  const auto value_of = [&](const std::string& gauge) -> double {
    for (const std::string& sample : SampleLines(metrics_)) {
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

TEST_F(MetricsTest, HasNoActivationSeriesOfALayerThatIsNotElementWise) {
  const Evaluator with_softmax(SmallNetwork(ActivationKind::kTanh, ActivationKind::kSoftmax), 0.01,
                               arena_);
  const ModelInstruments instruments = metrics_.AddModel("m", "3", with_softmax);
  EXPECT_THAT(metrics_.Expose(), HasSubstr(R"(layer="hidden_1",activation="tanh")"));
  EXPECT_THAT(metrics_.Expose(), Not(HasSubstr(R"(layer="output")")));
}

TEST_F(MetricsTest, MakesNoSeriesForRequestsToUnknownModels) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  const std::size_t before = SampleLines(metrics_).size();
  for (const absl::StatusCode code : {absl::StatusCode::kNotFound, absl::StatusCode::kUnavailable,
                                      absl::StatusCode::kInvalidArgument}) {
    metrics_.CountRefusalWithoutModel(RejectionReason::kUnknownModel, code);
  }
  EXPECT_EQ(SampleLines(metrics_).size(), before);
  EXPECT_THAT(SampleLines(metrics_),
              Contains(R"(mlp_requests_total{code="NOT_FOUND",model="",version=""} 1)"));
}

TEST_F(MetricsTest, ShowsARefusedModelAsNotReadyAndNothingElse) {
  const std::size_t before = SampleLines(metrics_).size();
  metrics_.models().Set(
      {{"bad", {{{"2", false, false, true}}, 0}}, {"empty", {{{"", false, false, true}}, 0}}});
  EXPECT_THAT(
      SampleLines(metrics_),
      IsSupersetOf({R"(mlp_model_ready{model="bad"} 0)", R"(mlp_model_ready{model="empty"} 0)",
                    R"(mlp_model_default_version{model="bad"} 0)",
                    R"(mlp_model_default_version{model="empty"} 0)",
                    R"(mlp_model_version_refused{model="bad",version="2"} 1)",
                    R"(mlp_model_version_refused{model="empty",version=""} 1)"}));
  EXPECT_EQ(SampleLines(metrics_).size(), before + 6);
}

TEST_F(MetricsTest, ShowsTheProcess) {
  std::map<std::string, double> process;
  for (const std::string& line : Lines(metrics_)) {
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
