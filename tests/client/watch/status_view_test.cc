#include "client/watch/status_view.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/client/watch/status_text.h"

namespace mlp {
namespace {

TEST(StatusViewTest, HoldsTheServersStatus) {
  const absl::StatusOr<StatusView> status = ReadStatus(kStatusText);
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->server_version, "mlp-server 1.2.0");
  EXPECT_TRUE(status->ready);
  EXPECT_EQ(status->now - status->started, absl::Minutes(192) + absl::Seconds(12));
  ASSERT_EQ(status->models.size(), 2U);
  const ModelView& calm = status->models[0];
  EXPECT_EQ(calm.name, "calm");
  EXPECT_TRUE(calm.is_default);
  EXPECT_EQ(calm.p99_seconds, 0.0019);
  ASSERT_EQ(calm.request_minutes.size(), 4U);
  EXPECT_TRUE(std::isnan(calm.request_minutes[0]));
  EXPECT_EQ(calm.request_minutes[3], 4.0);
  EXPECT_TRUE(std::isnan(calm.drift_ratio));
  const ModelView& torn = status->models[1];
  EXPECT_EQ(torn.loaded_at, absl::InfinitePast());
  ASSERT_EQ(torn.layers.size(), 2U);
  EXPECT_EQ(torn.layers[1].name, "hidden_1");
  EXPECT_EQ(torn.layers[1].lower_share.reference, 0.031);
  EXPECT_EQ(torn.layers[1].drift_ratio, 6.03);
  EXPECT_TRUE(torn.layers[1].drift_alarmed);
  EXPECT_EQ(torn.layers[1].drift_minutes.size(), 2U);
  ASSERT_EQ(torn.moved_inputs.size(), 1U);
  EXPECT_EQ(torn.moved_inputs[0].second, -3.2);
  ASSERT_EQ(torn.moved_classes.size(), 1U);
  EXPECT_EQ(torn.moved_classes[0].second.value, 0.3);
  EXPECT_EQ(torn.findings.size(), 3U);
}

// The server's answer is untrusted input. Each of these is shown as far as possible, or refused.
TEST(StatusViewTest, TreatsUnexpectedValuesAsUnknown) {
  for (const char* json :
       {"{}", R"({"models": null})", R"({"models": {"name": 1}})",
        R"({"models": [1, "a", null, []]})",
        R"({"models": [{"name": 7, "layers": [[], {"drift": 3}], "findings": [{}], "errors": 1.5,
            "request_minutes": "none", "drift_ratio": "high", "labels": [null]}]})",
        R"({"now": "yesterday", "started": 1e300, "ready": "yes"})",
        R"({"models": [{"errors": 99999999999999999999}]})"}) {
    const absl::StatusOr<StatusView> status = ReadStatus(json);
    ASSERT_TRUE(status.ok()) << json;
    EXPECT_FALSE(status->ready) << json;
    for (const ModelView& model : status->models) {
      EXPECT_TRUE(std::isnan(model.drift_ratio)) << json;
      EXPECT_EQ(model.name, "") << json;
    }
  }
}

TEST(StatusViewTest, RefusesEverythingExceptAnObject) {
  for (const char* json : {"", "[]", "3", "{", "{\"a\":\"\xff\"}", "null"}) {
    const absl::StatusOr<StatusView> status = ReadStatus(json);
    EXPECT_EQ(status.status().code(), absl::StatusCode::kInternal) << json;
  }
  EXPECT_FALSE(ReadStatus(std::string(100'000, '[')).ok());
}

}  // namespace
}  // namespace mlp
