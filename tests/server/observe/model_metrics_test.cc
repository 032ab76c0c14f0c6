// Which series a model has, from its load to its end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/batching/rejection_reason.h"
#include "server/observe/metrics.h"
#include "tests/server/observe/metrics_test.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

TEST_F(MetricsTest, ShowsOnlyTheDescriptionOfAModelWithoutRequests) {
  metrics_.ShowTritonMetrics();
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  EXPECT_THAT(NamesOfTheModel(),
              ElementsAre("mlp_layer_units", "mlp_model_info", "mlp_model_weight_bytes",
                          "mlp_model_workspace_bytes", "mlp_rows_total"));
  EXPECT_THAT(SampleLines(), Contains(R"(mlp_rows_total{model="m",version="3"} 0)"));
}

TEST_F(MetricsTest, ShowsTheRequestsOfAModelThatRefusedThemAll) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  instruments.metrics->CountRefusal(RejectionReason::kInvalid, absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      SampleLines(),
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

TEST_F(MetricsTest, ShowsAModelWithRequestsAfterItsReload) {
  const ModelInstruments before = metrics_.AddModel("m", "3", evaluator_);
  AskOnce(before);
  const std::set<std::string> names = NamesOfTheModel();
  const ModelInstruments after = metrics_.AddModel("m", "3", evaluator_);
  EXPECT_EQ(NamesOfTheModel(), names);
  EXPECT_THAT(SampleLines(),
              IsSupersetOf({std::string(R"(mlp_requests_total{code="OK",model="m",version="3"} 1)"),
                            absl::StrCat("mlp_activations_total", kHidden, " 0")}));
}

// It is loaded while the current version answers, and then replaces it.
TEST_F(MetricsTest, ShowsAModelWithRequestsDuringItsReload) {
  ModelInstruments before = metrics_.AddModel("m", "3", evaluator_);
  const ModelInstruments after = metrics_.AddModel("m", "3", evaluator_);
  AskOnce(before);
  before = {};
  EXPECT_THAT(SampleLines(),
              IsSupersetOf({std::string(R"(mlp_requests_total{code="OK",model="m",version="3"} 1)"),
                            absl::StrCat("mlp_activations_total", kHidden, " 0")}));
}

TEST_F(MetricsTest, MakesEverySeriesOfAModelWithItsFirstRequest) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  AskOnce(instruments);
  const std::vector<std::string> samples = SampleLines();
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

TEST_F(MetricsTest, HasNoActivationSeriesOfALayerThatIsNotElementWise) {
  const Evaluator with_softmax(SmallNetwork(ActivationKind::kTanh, ActivationKind::kSoftmax), 0.01,
                               arena_);
  const ModelInstruments instruments = metrics_.AddModel("m", "3", with_softmax);
  EXPECT_THAT(metrics_.Expose(), HasSubstr(R"(layer="hidden_1",activation="tanh")"));
  EXPECT_THAT(metrics_.Expose(), Not(HasSubstr(R"(layer="output")")));
}

TEST_F(MetricsTest, MakesNoSeriesForRequestsToUnknownModels) {
  const ModelInstruments instruments = metrics_.AddModel("m", "3", evaluator_);
  const std::size_t before = SampleLines().size();
  for (const absl::StatusCode code : {absl::StatusCode::kNotFound, absl::StatusCode::kUnavailable,
                                      absl::StatusCode::kInvalidArgument}) {
    metrics_.CountRefusalWithoutModel(RejectionReason::kUnknownModel, code);
  }
  EXPECT_EQ(SampleLines().size(), before);
  EXPECT_THAT(SampleLines(),
              Contains(R"(mlp_requests_total{code="NOT_FOUND",model="",version=""} 1)"));
}

TEST_F(MetricsTest, ShowsOnlyThatARefusedModelIsNotReady) {
  const std::size_t before = SampleLines().size();
  metrics_.models().Set(
      {{"bad", {{{"2", false, false, true}}, 0}}, {"empty", {{{"", false, false, true}}, 0}}});
  EXPECT_THAT(
      SampleLines(),
      IsSupersetOf({R"(mlp_model_ready{model="bad"} 0)", R"(mlp_model_ready{model="empty"} 0)",
                    R"(mlp_model_default_version{model="bad"} 0)",
                    R"(mlp_model_default_version{model="empty"} 0)",
                    R"(mlp_model_version_refused{model="bad",version="2"} 1)",
                    R"(mlp_model_version_refused{model="empty",version=""} 1)"}));
  EXPECT_EQ(SampleLines().size(), before + 6);
}

}  // namespace
}  // namespace mlp
