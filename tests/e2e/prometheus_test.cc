// A real Prometheus scrapes a running server and answers the queries that the documents show.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/e2e/child_process.h"
#include "tests/e2e/held_out.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr auto kPrometheusPatience = seconds(30);

// Encodes a text for the query part of a URL.
std::string UrlEncoded(const std::string& text) {
  std::string encoded;
  for (const char c : text)
    absl::StrAppendFormat(&encoded, "%%%02x", static_cast<unsigned char>(c));
  return encoded;
}

// A Prometheus that scrapes one port on this machine's loopback. It has a separate folder.
class PrometheusProcess {
 public:
  static absl::StatusOr<std::unique_ptr<PrometheusProcess>> Start(int scraped_port) {
    std::unique_ptr<PrometheusProcess> prometheus(new PrometheusProcess);
    const std::filesystem::path folder = prometheus->folder_.path();
    std::ofstream(folder / "prometheus.yml")
        << "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
        << "scrape_configs:\n"
        << "  - job_name: mlp-server\n"
        << "    static_configs: [{targets: ['127.0.0.1:" << scraped_port << "']}]\n";
    auto child = ChildProcess::Start(
        {{"prometheus", absl::StrCat("--config.file=", (folder / "prometheus.yml").string()),
          absl::StrCat("--storage.tsdb.path=", (folder / "data").string()),
          "--web.listen-address=127.0.0.1:0", "--enable-feature=exemplar-storage"}});
    if (!child.ok()) return child.status();
    prometheus->child_ = *std::move(child);
    const absl::Status ready = prometheus->child_->WaitForLog([&](const std::string& log) {
      const std::string label = "\"Listening on\" address=127.0.0.1:";
      const std::size_t address = log.find(label);
      if (address == std::string::npos || log.find("Server is ready") == std::string::npos) {
        return false;
      }
      const std::string port = log.substr(address + label.size());
      return absl::SimpleAtoi(port.substr(0, port.find_first_not_of("0123456789")),
                              &prometheus->port_);
    });
    if (!ready.ok()) return ready;
    return prometheus;
  }

  // The answer to an instant query: a list of {metric, value}. If Prometheus refuses the query,
  // fails with its message.
  absl::StatusOr<nlohmann::json> Query(const std::string& expression) const {
    const HttpAnswer answer =
        HttpGet(port_, absl::StrCat("/api/v1/query?query=", UrlEncoded(expression)));
    const auto body = nlohmann::json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
    if (answer.code != 200 || body.value("status", "") != "success") {
      return absl::InvalidArgumentError(absl::StrCat(expression, ": ", answer.body));
    }
    return body.at("data").at("result");
  }

  // The same once `suits` holds for the answer; the last answer if it never does. A scrape that
  // takes longer than its 200 ms leaves nothing to find until the next one.
  absl::StatusOr<nlohmann::json> QueryUntil(
      const std::string& expression,
      const std::function<bool(const nlohmann::json&)>& suits) const {
    const auto deadline = std::chrono::steady_clock::now() + kPrometheusPatience;
    for (;;) {
      auto result = Query(expression);
      if (result.ok() && suits(*result)) return result;
      if (std::chrono::steady_clock::now() > deadline) return result;
      std::this_thread::sleep_for(milliseconds(50));
    }
  }

  // The single value of `expression`. NaN and a test failure if it has none or several.
  double Value(const std::string& expression) const {
    const auto result =
        QueryUntil(expression, [](const nlohmann::json& found) { return found.size() == 1; });
    if (!result.ok() || result->size() != 1) {
      ADD_FAILURE() << expression << ": "
                    << (result.ok() ? result->dump() : result.status().ToString());
      return std::nan("");
    }
    return std::stod(result->front().at("value").at(1).get<std::string>());
  }

  // The traces of all exemplars that Prometheus keeps for a metric.
  std::vector<std::string> Traces(const std::string& metric) const {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    const HttpAnswer answer =
        HttpGet(port_, absl::StrCat("/api/v1/query_exemplars?query=", UrlEncoded(metric),
                                    "&start=", now - 3'600, "&end=", now + 3'600));
    const auto body = nlohmann::json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
    std::vector<std::string> traces;
    if (answer.code != 200 || body.value("status", "") != "success") {
      ADD_FAILURE() << answer.body;
      return traces;
    }
    for (const auto& series : body.at("data")) {
      for (const auto& exemplar : series.at("exemplars")) {
        traces.push_back(exemplar.at("labels").at("trace_id").get<std::string>());
      }
    }
    return traces;
  }

  // Waits until `expression`, a comparison, holds.
  bool Becomes(const std::string& expression) const {
    const auto result = QueryUntil(expression, IsNotEmpty);
    return result.ok() && !result->empty();
  }

  static bool IsNotEmpty(const nlohmann::json& result) { return !result.empty(); }

  std::string log() const { return child_->log(); }

 private:
  PrometheusProcess() = default;

  TemporaryFolder folder_;  // removed after the process that writes to it has ended
  std::unique_ptr<ChildProcess> child_;
  int port_ = 0;
};

// The blocks of a document that are marked as PromQL.
std::vector<std::string> QueriesIn(const std::string& document) {
  std::vector<std::string> queries;
  std::ifstream file(InCheckout(document));
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```promql") {
      inside = true;
      queries.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      absl::StrAppend(&queries.back(), line, "\n");
    }
  }
  return queries;
}

// A server with traffic on every sample model, and a Prometheus that has scraped it before and
// after.
class PrometheusTest : public ::testing::Test {
 protected:
  static constexpr int kRequests = 3;  // with all held-out rows, for each model
  static constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";  // the trace of most of them

  static void SetUpTestSuite() {
    server_ = ServerProcess::StartOnSampleModels({"--saturation-window", "1000"}).value().release();
    const auto stub =
        inference::GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()));
    inference::ModelInferResponse response;
    // A rate needs a first value before the traffic. A refused request creates the series of
    // requests, with durations at zero; the first rows create those of activations.
    inference::ModelInferRequest refused = DigitsRequest("digits-tanh");
    refused.mutable_inputs(0)->set_name("none");
    Infer(*stub, refused, response);
    auto prometheus = PrometheusProcess::Start(server_->http_port());
    ASSERT_TRUE(prometheus.ok()) << prometheus.status();
    prometheus_ = prometheus->release();
    ASSERT_TRUE(prometheus_->Becomes(
        "mlp_requests_total{model=\"digits-tanh\",code=\"INVALID_ARGUMENT\"} == 1"))
        << prometheus_->log();
    const std::vector<float> pixels = HeldOutPixels();
    ASSERT_TRUE(Infer(*stub, RawRequest("digits-tanh", kHeldOutRows, 64, pixels), response).ok());
    ASSERT_TRUE(prometheus_->Becomes(
        "mlp_activations_total{model=\"digits-tanh\",layer=\"hidden_1\"} > 0"));
    for (const std::string model :
         {"digits-sigmoid", "digits-tanh", "digits-relu", "digits-leaky-relu", "digits-prelu",
          "digits-elu", "digits-saturated"}) {
      for (int i = model == "digits-tanh" ? 1 : 0; i < kRequests; ++i) {
        grpc::ClientContext context;
        context.AddMetadata("traceparent", absl::StrCat("00-", kTrace, "-00f067aa0ba902b7-01"));
        ASSERT_TRUE(
            stub->ModelInfer(&context, RawRequest(model, kHeldOutRows, 64, pixels), &response)
                .ok());
      }
    }
    inference::ModelInferRequest wrong = DigitsRequest("digits-tanh");
    wrong.set_model_version("7");
    Infer(*stub, wrong, response);
    ASSERT_TRUE(prometheus_->Becomes(
        absl::StrCat("mlp_rows_total{model=\"digits-saturated\"} == ", kRequests * kHeldOutRows)));
    ASSERT_TRUE(
        prometheus_->Becomes("sum(mlp_requests_total{model=\"\",code=\"NOT_FOUND\"}) == 1"));
  }
  void SetUp() override { ASSERT_NE(prometheus_, nullptr) << "there is no Prometheus to ask"; }
  static void TearDownTestSuite() {
    delete prometheus_;
    delete server_;
    prometheus_ = nullptr;
    server_ = nullptr;
  }

  static ServerProcess* server_;
  static PrometheusProcess* prometheus_;
};

ServerProcess* PrometheusTest::server_ = nullptr;
PrometheusProcess* PrometheusTest::prometheus_ = nullptr;

TEST_F(PrometheusTest, PromtoolHasNoComplaintsAboutThePage) {
  const TemporaryFolder folder;
  const std::string page = folder.path() / "metrics.txt";
  std::ofstream(page) << HttpGet(server_->http_port(), "/metrics").body;
  const FinishedRun run = RunToItsEnd({{"promtool", "check", "metrics"}, {}, page});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "");
}

TEST_F(PrometheusTest, ScrapesTheServer) {
  EXPECT_TRUE(prometheus_->Becomes("up{job=\"mlp-server\"} == 1"));
  EXPECT_EQ(prometheus_->Value("count(mlp_model_ready == 1)"), 7);
  EXPECT_EQ(prometheus_->Value("mlp_build_info"), 1);
}

// Prometheus asks for OpenMetrics by itself, which all tests here read. It keeps the exemplars,
// which the text format cannot express.
TEST_F(PrometheusTest, KeepsTheTracesOfRequestsAsExemplars) {
  const auto keeps_it = [] {
    const std::vector<std::string> traces =
        prometheus_->Traces("mlp_request_duration_seconds_bucket{model=\"digits-prelu\"}");
    return !traces.empty() && std::all_of(traces.begin(), traces.end(),
                                          [](const std::string& one) { return one == kTrace; });
  };
  EXPECT_TRUE(Eventually(keeps_it)) << prometheus_->log();
  // Bounds are written as in OpenMetrics.
  EXPECT_GT(prometheus_->Value("count(mlp_batch_rows_bucket{le=\"1.0\"})"), 0);
}

TEST_F(PrometheusTest, CountsRowsRequestsAndActivations) {
  const double rows = kRequests * kHeldOutRows;
  EXPECT_EQ(prometheus_->Value("mlp_rows_total{model=\"digits-tanh\"}"), rows);
  EXPECT_EQ(prometheus_->Value("sum(mlp_rows_total)"), 7 * rows);
  EXPECT_EQ(prometheus_->Value("mlp_requests_total{model=\"digits-elu\",code=\"OK\"}"), kRequests);
  EXPECT_EQ(prometheus_->Value("sum(mlp_requests_total{code!=\"OK\"})"), 2);
  // For every layer of every model this is rows x units, within one scrape.
  EXPECT_THAT(prometheus_
                  ->Query("mlp_activations_total != mlp_layer_units * on (model, version) "
                          "group_left mlp_rows_total")
                  .value(),
              IsEmpty());
}

// Rates of counters scraped together are extrapolated alike, so their ratio is exact.
TEST_F(PrometheusTest, GivesTheSaturatedShareByTail) {
  const Samples page = ReadMetrics(server_->http_port());
  for (const char* tail : {"lower", "upper"}) {
    const std::string labels =
        R"(model="digits-tanh",version="1",layer="hidden_1",activation="tanh")";
    const double expected =
        page.at(absl::StrCat("mlp_saturated_activations_total{", labels, ",tail=\"", tail, "\"}")) /
        page.at(absl::StrCat("mlp_activations_total{", labels, "}"));
    EXPECT_GT(expected, 0);
    const std::string selected = R"({model="digits-tanh",layer="hidden_1")";
    EXPECT_NEAR(prometheus_->Value(absl::StrCat(
                    "rate(mlp_saturated_activations_total", selected, ",tail=\"", tail,
                    "\"}[1m]) / ignoring (tail) rate(mlp_activations_total", selected, "}[1m])")),
                expected, 1e-9);
  }
}

TEST_F(PrometheusTest, ReadsTheQuantileOfRequestDurationsInItsBucket) {
  const Samples page = ReadMetrics(server_->http_port());
  const std::string labels = R"({model="digits-tanh",version="1")";
  // The 99th percentile of three requests lies in the bucket of the slowest.
  double below = 0;
  double above = std::numeric_limits<double>::infinity();
  const std::string bucket = absl::StrCat("mlp_request_duration_seconds_bucket", labels, ",le=\"");
  for (const auto& [name, count] : page) {
    double bound = 0;
    if (name.rfind(bucket, 0) != 0 ||
        !absl::SimpleAtod(name.substr(bucket.size(), name.rfind('"') - bucket.size()), &bound)) {
      continue;
    }
    if (count < kRequests) {
      below = std::max(below, bound);
    } else {
      above = std::min(above, bound);
    }
  }
  const double quantile = prometheus_->Value(
      "histogram_quantile(0.99, sum by (le) "
      "(rate(mlp_request_duration_seconds_bucket{model=\"digits-tanh\"}[1m])))");
  EXPECT_GT(quantile, below);
  EXPECT_LE(quantile, above);
}

TEST_F(PrometheusTest, ShowsTheGaugesOfAFullWindow) {
  const auto layers =
      prometheus_->QueryUntil("mlp_layer_units", PrometheusProcess::IsNotEmpty).value().size();
  EXPECT_GT(layers, 0U);
  for (const char* gauge : {"mlp_dead_units", "mlp_activation_mean",
                            "mlp_activation_zero_centredness", "mlp_gradient_gain"}) {
    // NaN is not equal to anything, not even itself.
    const auto full = prometheus_->QueryUntil(
        absl::StrCat(gauge, " == ", gauge),
        [&](const nlohmann::json& found) { return found.size() == layers; });
    ASSERT_TRUE(full.ok()) << full.status();
    EXPECT_EQ(full->size(), layers) << gauge;
  }
}

TEST_F(PrometheusTest, AnswersTheQueriesOfTheDocuments) {
  for (const char* document : {"docs/reference/saturation.md", "docs/reference/metrics.md"}) {
    const std::vector<std::string> queries = QueriesIn(document);
    EXPECT_THAT(queries, Not(IsEmpty())) << document;
    for (const std::string& query : queries) {
      // Queries that compare give a result only if something is wrong.
      const bool compares =
          query.find(" > ") != std::string::npos || query.find(" == ") != std::string::npos;
      const auto result = prometheus_->QueryUntil(
          query, [&](const nlohmann::json& found) { return compares || !found.empty(); });
      ASSERT_TRUE(result.ok()) << result.status();
      EXPECT_TRUE(compares || !result->empty()) << query;
    }
  }
}

}  // namespace
}  // namespace mlp
