// A server that answers over HTTP and JSON, and requests for it. A test starts it on the sample
// models or on a repository of its own.

#ifndef MLP_TESTS_E2E_REST_TEST_H_
#define MLP_TESTS_E2E_REST_TEST_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/held_out.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/server_process.h"
#include "tests/temporary_folder.h"

namespace mlp {

class RestTest : public ::testing::Test {
 protected:
  static constexpr char kInfer[] = "/v2/models/digits-relu/infer";

  // Pictures of the held-out digits, starting at `first`.
  static nlohmann::json Picture(std::int64_t first, std::int64_t rows) {
    const std::vector<float> pixels = HeldOutPixels();
    const auto begin = pixels.begin() + first * 64;
    return {{"name", "pixels"},
            {"datatype", "FP32"},
            {"shape", {rows, 64}},
            {"data", std::vector<float>(begin, begin + rows * 64)}};
  }

  // A request for these pictures.
  static std::string JsonRequest(std::int64_t first, std::int64_t rows,
                                 nlohmann::json parameters = nlohmann::json::object()) {
    const nlohmann::json request = {{"inputs", {Picture(first, rows)}},
                                    {"parameters", std::move(parameters)}};
    return request.dump();
  }

  void StartOnSampleModels(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"--model-repository", SampleModels().string()});
    Start(std::move(arguments));
  }

  // A model `m` with its own configuration.
  void StartConfigured(const std::string& configuration, std::vector<std::string> arguments = {}) {
    AddSampleModel(folder_.path(), "digits-relu", "m", configuration);
    arguments.insert(arguments.begin(), {"--model-repository", folder_.path().string()});
    Start(std::move(arguments));
  }

  void Start(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--rest-address", "127.0.0.1:0"});
    auto server = ServerProcess::Start(std::move(arguments));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    port_ = server_->rest_port();
  }

  double Metric(const std::string& name) const { return ReadMetrics(server_->http_port())[name]; }

  // The number of refused requests, with or without a model.
  double Rejected(const std::string& reason) const {
    double rejected = 0;
    for (const auto& [name, value] : ReadMetrics(server_->http_port())) {
      if (absl::StartsWith(name, "mlp_rejected_total{") &&
          absl::StrContains(name, absl::StrCat("reason=\"", reason, "\""))) {
        rejected += value;
      }
    }
    return rejected;
  }

  TemporaryFolder folder_;
  std::unique_ptr<ServerProcess> server_;
  int port_ = 0;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_REST_TEST_H_
