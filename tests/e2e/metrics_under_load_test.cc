// A metrics page created under load must be consistent.

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

constexpr char kModel[] = R"({model="digits-tanh",version="1")";

// Whether the page was created under load: some rows are evaluated, but not all of them.
bool ExpectAgreement(const Samples& page, double all_rows) {
  const double rows = page.at(absl::StrCat("mlp_rows_total", kModel, "}"));
  for (const auto& [name, activations] : page) {
    const std::string start = absl::StrCat("mlp_activations_total", kModel);
    if (name.rfind(start, 0) != 0) continue;
    const std::string labels = name.substr(name.find('{'));
    EXPECT_EQ(activations, rows * page.at("mlp_layer_units" + labels)) << name;
    const std::string tails = labels.substr(0, labels.size() - 1);
    double saturated = 0;
    for (const char* tail : {"lower", "upper"}) {
      saturated +=
          page.at(absl::StrCat("mlp_saturated_activations_total", tails, ",tail=\"", tail, "\"}"));
    }
    EXPECT_LE(saturated, activations) << name;
  }
  return rows > 0 && rows < all_rows;
}

TEST(MetricsUnderLoadTest, ShowRowsAndActivationsOfTheSameBatches) {
  const auto server = ServerProcess::StartOnSampleModels({"--rpc-threads", "4"});
  ASSERT_TRUE(server.ok()) << server.status();
  constexpr int kRequests = 6'000;
  constexpr int kRows = 8;
  int pages_within_the_load = 0;
  InferMany(
      OpenChannel((*server)->grpc_address()), 64,
      [](int index) -> std::optional<inference::ModelInferRequest> {
        if (index == kRequests) return std::nullopt;
        return DigitsRequest("digits-tanh", kRows);
      },
      [&](int index, const grpc::Status& status, const inference::ModelInferResponse&) {
        EXPECT_TRUE(status.ok()) << status.error_message();
        if (index % 50 != 0) return;
        const Samples page = ReadMetrics((*server)->http_port());
        ASSERT_FALSE(page.empty());
        pages_within_the_load += ExpectAgreement(page, kRequests * kRows) ? 1 : 0;
      });
  EXPECT_GT(pages_within_the_load, 50);
  const Samples page = ReadMetrics((*server)->http_port());
  EXPECT_EQ(page.at(absl::StrCat("mlp_rows_total", kModel, "}")), kRequests * kRows);
}

}  // namespace
}  // namespace mlp
