// Drift as a server shows it: healthy digits, and torn ones, whose lower half comes from another
// picture.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/drift/baseline_file.h"
#include "tests/e2e/healthy_pictures.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kWindowRows = 1000;
constexpr char kDriftedModel[] = "digits-sigmoid";

std::string LabelsOfLayer(const char* layer) {
  return absl::StrCat("{model=\"", kDriftedModel, "\",version=\"1\",layer=\"", layer, "\"}");
}

class DriftTest : public ::testing::Test {
 protected:
  void AddModel() { AddSampleModel(models_.path(), kDriftedModel, kDriftedModel); }

  std::filesystem::path VersionFolder() const { return models_.path() / kDriftedModel / "1"; }

  void WriteBaselineFile(const std::string& bytes) const {
    std::ofstream(VersionFolder() / kBaselineFile, std::ios::binary) << bytes;
  }

  void Start(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"--model-repository", models_.path().string(),
                                          "--saturation-window", absl::StrCat(kWindowRows)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto server = ServerProcess::Start(std::move(arguments));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = inference::GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()));
  }

  // Sends pictures, some at a time, until `holds` returns true.
  bool SendUntil(bool torn, const std::function<bool()>& holds) {
    return Eventually([&] {
      for (int batch = 0; batch < 4; ++batch) {
        constexpr std::int64_t kRows = 125;
        inference::ModelInferResponse response;
        const grpc::Status status = Infer(
            *stub_, RawRequest(kDriftedModel, kRows, kPicturePixels, pictures_.Draw(kRows, torn)),
            response);
        EXPECT_TRUE(status.ok()) << status.error_message();
        if (!status.ok()) return true;
      }
      return holds();
    });
  }

  double Sample(const std::string& name, const std::string& labels) const {
    const Samples samples = ReadMetrics(server_->http_port());
    const auto found = samples.find(absl::StrCat(name, labels));
    return found == samples.end() ? std::nan("") : found->second;
  }

  double Ratio(const char* layer) const { return Sample("mlp_drift_ratio", LabelsOfLayer(layer)); }

  // Whether windows of all targets were judged and the last of them ended after `time`, in seconds
  // since the epoch.
  bool JudgedAfter(double time) const {
    const Samples samples = ReadMetrics(server_->http_port());
    for (const char* layer : {"inputs", "hidden_1", "hidden_2", "outputs"}) {
      const auto end = samples.find(
          absl::StrCat("mlp_drift_window_end_timestamp_seconds", LabelsOfLayer(layer)));
      if (end == samples.end() || end->second <= time) return false;
    }
    return true;
  }

  nlohmann::json Model() const {
    const auto status =
        nlohmann::json::parse(HttpGet(server_->http_port(), "/status.json").body, nullptr, false);
    return status.is_discarded() || status["models"].empty() ? nlohmann::json()
                                                             : status["models"][0];
  }

  TemporaryFolder models_;
  Pictures pictures_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
};

double SecondsNow() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

TEST_F(DriftTest, DetectsTornPicturesThatNoSinglePixelReveals) {
  AddModel();
  WriteBaselineFile(BaselineFileOf(VersionFolder() / "model.onnx", pictures_));
  Start();
  ASSERT_TRUE(SendUntil(false, [&] { return JudgedAfter(0); }));
  for (const char* layer : {"inputs", "hidden_1", "hidden_2", "outputs"}) {
    EXPECT_LT(Ratio(layer), 1) << layer;
    const double rows = Sample("mlp_drift_window_rows", LabelsOfLayer(layer));
    if (absl::StartsWith(layer, "hidden")) {
      EXPECT_EQ(rows, kWindowRows) << layer;
    } else {  // of samples, which end a window with more rows on a slow machine
      EXPECT_GE(rows, kWindowRows) << layer;
      EXPECT_LT(rows, 2 * kWindowRows) << layer;
    }
  }
  EXPECT_THAT(Model()["findings"], ::testing::IsEmpty());

  ASSERT_TRUE(SendUntil(
      true, [&] { return Sample("mlp_drift_alarms_total", LabelsOfLayer("hidden_1")) == 1; }));
  const double torn = SecondsNow();
  ASSERT_TRUE(SendUntil(true, [&] { return JudgedAfter(torn); }));
  EXPECT_GT(Ratio("hidden_1"), 2);
  EXPECT_GT(Ratio("hidden_2"), 2);
  EXPECT_LT(Ratio("inputs"), 1);
  EXPECT_EQ(Sample("mlp_drift_alarms_total", LabelsOfLayer("inputs")), 0);
  EXPECT_TRUE(Logs(*server_, "hidden_1 drifts"));
  // The window of the inputs from before the drift explains nothing; the next one does.
  const auto first_finding = [this] {
    const nlohmann::json model = Model();
    return model.is_null() || model["findings"].empty() ? std::string()
                                                        : model["findings"][0].get<std::string>();
  };
  EXPECT_TRUE(SendUntil(true, [&] {
    return absl::StrContains(first_finding(), "a wrong join, or swapped or torn");
  })) << first_finding();
  EXPECT_THAT(HttpGet(server_->http_port(), absl::StrCat("/models/", kDriftedModel)).body,
              HasSubstr("a wrong join, or swapped or torn"));
}

TEST_F(DriftTest, ServesWithoutABaselineOfAnotherModel) {
  AddModel();
  WriteBaselineFile(BaselineFileOf(SampleModels() / "digits-tanh" / "1" / "model.onnx", pictures_));
  Start();
  const std::string labels = absl::StrCat("{model=\"", kDriftedModel, "\",version=\"1\"}");
  ASSERT_TRUE(Eventually([&] { return Sample("mlp_baseline_refused", labels) == 1; }));
  EXPECT_TRUE(Logs(*server_, "baseline.safetensors is refused"));
  EXPECT_TRUE(std::isnan(Ratio("hidden_1")));
  inference::ModelInferResponse response;
  EXPECT_TRUE(Infer(*stub_, DigitsRequest(kDriftedModel), response).ok());
  EXPECT_THAT(Model()["baseline_error"].get<std::string>(), HasSubstr("another"));
}

TEST_F(DriftTest, LoadsABaselineThatIsAddedLater) {
  AddModel();
  Start({"--model-control", "poll", "--poll-seconds", "1"});
  WriteBaselineFile(BaselineFileOf(VersionFolder() / "model.onnx", pictures_));
  EXPECT_TRUE(Eventually([&] {
    return HttpGet(server_->http_port(), "/metrics").body.find("source=\"calibration\"") !=
           std::string::npos;
  }));
}

TEST_F(DriftTest, LoadsABaselineThatIsSentWithItsModel) {
  AddModel();
  Start({"--model-control", "explicit", "--allow-rpc-model-files"});
  RepositoryParameters files;
  files["file:1/model.onnx"].set_bytes_param(SampleContent(kDriftedModel));
  files[absl::StrCat("file:1/", kBaselineFile)].set_bytes_param(
      BaselineFileOf(VersionFolder() / "model.onnx", pictures_));
  const grpc::Status sent = LoadModel(*stub_, "sent", files);
  ASSERT_TRUE(sent.ok()) << sent.error_message();
  EXPECT_TRUE(Eventually(
      [&] { return Sample("mlp_baseline_rows", "{model=\"sent\",version=\"1\"}") > 0; }));
}

TEST_F(DriftTest, LearnsABaselineFromLiveTraffic) {
  AddModel();
  Start({"--self-baseline", "4000"});
  ASSERT_TRUE(SendUntil(false, [&] { return JudgedAfter(0); }));
  EXPECT_THAT(HttpGet(server_->http_port(), "/metrics").body, HasSubstr("source=\"live_traffic\""));
  EXPECT_THAT(Model()["baseline"].get<std::string>(), HasSubstr("learnt from live traffic"));
  EXPECT_LT(Ratio("hidden_1"), 1);
  ASSERT_TRUE(SendUntil(
      true, [&] { return Sample("mlp_drift_alarms_total", LabelsOfLayer("hidden_1")) == 1; }));
  EXPECT_LT(Ratio("inputs"), 1);
}

}  // namespace
}  // namespace mlp
