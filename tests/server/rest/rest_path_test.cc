#include "server/rest/rest_path.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

struct PathCase {
  const char* path;
  RestCall call;
  const char* model;
  const char* version;
};

TEST(RestPathTest, RecognisesEveryServedPath) {
  const PathCase cases[] = {
      {"/v2", RestCall::kServerMetadata, "", ""},
      {"/v2/", RestCall::kServerMetadata, "", ""},
      {"/v2/health/live", RestCall::kServerLive, "", ""},
      {"/v2/health/ready", RestCall::kServerReady, "", ""},
      {"/v2/models/m", RestCall::kModelMetadata, "m", ""},
      {"/v2/models/m/versions/3", RestCall::kModelMetadata, "m", "3"},
      {"/v2/models/m/ready", RestCall::kModelReady, "m", ""},
      {"/v2/models/m/versions/3/ready", RestCall::kModelReady, "m", "3"},
      {"/v2/models/m/infer", RestCall::kInfer, "m", ""},
      {"/v2/models/m/versions/3/infer", RestCall::kInfer, "m", "3"},
      {"/v2/models/m/config", RestCall::kModelConfig, "m", ""},
      {"/v2/models/m/versions/3/stats", RestCall::kModelStatistics, "m", "3"},
      {"/v2/models/stats", RestCall::kModelStatistics, "", ""},
      {"/v2/models/versions", RestCall::kModelMetadata, "versions", ""},
      {"/v2/logging", RestCall::kLogSettings, "", ""},
      {"/v2/repository/index", RestCall::kRepositoryIndex, "", ""},
      {"/v2/repository/models/m/load", RestCall::kModelLoad, "m", ""},
      {"/v2/repository/models/m/unload", RestCall::kModelUnload, "m", ""},
      {"/v2/models/a%20b%2Fc%e2%82%ac/infer", RestCall::kInfer, "a b/c\u20ac", ""}};
  for (const PathCase& one : cases) {
    const auto path = ParseRestPath(one.path);
    ASSERT_TRUE(path.ok()) << one.path << ": " << path.status();
    EXPECT_EQ(path->call, one.call) << one.path;
    EXPECT_EQ(path->model, one.model) << one.path;
    EXPECT_EQ(path->version, one.version) << one.path;
  }
}

TEST(RestPathTest, HasTwoCallsAtThePathOfTheLog) {
  EXPECT_FALSE(IsPost(RestCall::kLogSettings));
  EXPECT_EQ(PostCallOf(RestCall::kLogSettings), RestCall::kLogUpdate);
  EXPECT_TRUE(IsPost(RestCall::kLogUpdate));
  for (const RestCall call : {RestCall::kInfer, RestCall::kModelReady}) {
    EXPECT_EQ(PostCallOf(call), call);
  }
}

TEST(RestPathTest, RefusesOthers) {
  for (const char* path :
       {"", "/", "v2", "/v1", "/v2/health", "/v2/logging/x", "/v2/models", "/v2//infer",
        "/v2/models//infer", "/v2/models/m/infer/x", "/v2/models/m/versions//infer",
        "/v2/models/m/versions/3/4/infer", "/v2/repository/models//load", "/v2/repository/models/m",
        "/a/b/c/d/e/f/g/h/i/j", "/v2/models/m/../infer"}) {
    EXPECT_EQ(ParseRestPath(path).status().code(), absl::StatusCode::kNotFound) << path;
  }
  for (const char* path : {"/v2/models/%", "/v2/models/%4", "/v2/models/%zz", "/v2/models/%00",
                           "/v2/models/%ff", "/v2/models/%ed%a0%80"}) {
    EXPECT_EQ(ParseRestPath(path).status().code(), absl::StatusCode::kInvalidArgument) << path;
  }
}

}  // namespace
}  // namespace mlp
