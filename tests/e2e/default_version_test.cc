// Checks from outside which version answers requests without one, while versions with other inputs
// or outputs arrive.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;
using inference::ModelInferRequest;
using inference::ModelInferResponse;
using ::testing::HasSubstr;

constexpr int kOldWidth = 4;
constexpr int kNewWidth = 5;

class DefaultVersionTest : public RepositoryServerTest {
 protected:
  // A version of model "m" whose input has `width` values.
  void Publish(int version, std::int64_t width) {
    fs::create_directories(folders_.root() / "m");
    WriteNativeModel(folders_.root() / ".new", {width, 3});
    const fs::path place = folders_.root() / "m" / absl::StrCat(version);
    // In one step: a look in between would find the version without a folder.
    const unsigned exchange = fs::exists(place) ? RENAME_EXCHANGE : 0;
    const fs::path made = folders_.root() / ".new";
    ASSERT_EQ(renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, place.c_str(), exchange), 0);
    fs::remove_all(made);
  }
  void Configure(const std::string& text) { folders_.Write("m/config.pbtxt", text); }

  static ModelInferRequest RequestOf(std::int64_t width, const std::string& version = "") {
    const std::vector<float> values(static_cast<std::size_t>(width), 1);
    ModelInferRequest request = RawRequest("m", 1, width, values);
    request.set_model_version(version);
    return request;
  }
  // The version that answers a row of `width` values, or the error if none does.
  std::string AnsweredBy(std::int64_t width, const std::string& version = "") {
    ModelInferResponse response;
    const grpc::Status status = Infer(*stub_, RequestOf(width, version), response);
    return status.ok() ? response.model_version() : status.error_message();
  }
  std::string State(int version) { return Index(*stub_)[absl::StrCat("m/", version)]; }
  bool BecomesDefault(int version) {
    return Eventually([&] {
      return ReadMetrics(server_->http_port())[R"(mlp_model_default_version{model="m"})"] ==
             version;
    });
  }
  double HeldBack(int version) {
    Samples page = ReadMetrics(server_->http_port());
    const auto sample =
        page.find(absl::StrCat(R"(mlp_model_held_back{model="m",version=")", version, "\"}"));
    return sample == page.end() ? -1 : sample->second;
  }
};

// Clients of the old version lose no request when a version with another input arrives.
TEST_F(DefaultVersionTest, AVersionWithAnotherInputReceivesNoRequestsForTheOldOne) {
  Publish(1, kOldWidth);
  StartPolling();
  std::future<bool> ready;
  std::atomic<bool> served = false;
  int after = 0;
  InferMany(
      channel_, 4,
      [&](int index) -> std::optional<ModelInferRequest> {
        if (index == 100) {
          Publish(2, kNewWidth);
          ready = std::async(std::launch::async, [&] {
            const bool is_ready = Eventually([&] { return State(2).substr(0, 5) == "READY"; });
            served = true;
            return is_ready;
          });
        }
        if (served && ++after > 500) return std::nullopt;
        return RequestOf(kOldWidth);
      },
      [](int, const grpc::Status& status, const ModelInferResponse& response) {
        ASSERT_TRUE(status.ok()) << status.error_message();
        EXPECT_EQ(response.model_version(), "1");
      });
  ASSERT_TRUE(ready.get());
  EXPECT_EQ(AnsweredBy(kNewWidth, "2"), "2");
  EXPECT_EQ(State(2), "READY: not the default: input 'pixels' has shape [5] instead of [4]");
  EXPECT_TRUE(BecomesDefault(1));
  EXPECT_EQ(HeldBack(1), 0);
  EXPECT_EQ(HeldBack(2), 1);
  EXPECT_TRUE(Logs(*server_,
                   "warning model 'm' version 2 has other inputs or outputs than earlier versions: "
                   "input 'pixels' has shape [5] instead of [4]"));

  // The next version with the old input becomes the default.
  Publish(3, kOldWidth);
  EXPECT_TRUE(BecomesDefault(3));
  EXPECT_EQ(AnsweredBy(kOldWidth), "3");
  EXPECT_TRUE(Logs(*server_, "model 'm': the default version is 3 now, it was 1"));
}

TEST_F(DefaultVersionTest, ALabelChoosesTheDefaultUntilItIsRemoved) {
  Publish(1, kOldWidth);
  Publish(2, kNewWidth);
  StartPolling();
  EXPECT_EQ(AnsweredBy(kOldWidth), "1");
  Configure(R"(parameters { key: "version_label.default" value { string_value: "2" } })");
  EXPECT_TRUE(BecomesDefault(2));
  EXPECT_EQ(AnsweredBy(kNewWidth), "2");
  EXPECT_EQ(HeldBack(2), 0);
  EXPECT_EQ(State(2), "READY");
  EXPECT_EQ(
      ReadMetrics(server_->http_port()).at(R"(mlp_model_label_version{model="m",label="default"})"),
      2);

  EXPECT_TRUE(Logs(*server_,
                   "warning model 'm': the default version is 2 now, it was 1, with other "
                   "inputs or outputs: input 'pixels' has shape [5] instead of [4]"));

  // A label that names a missing version changes nothing.
  Configure(R"(parameters { key: "version_label.default" value { string_value: "9" } })");
  EXPECT_TRUE(Eventually([&] { return State(9) == "UNAVAILABLE: the version has no folder"; }));
  EXPECT_EQ(AnsweredBy(kNewWidth), "2");
  EXPECT_TRUE(Logs(*server_,
                   "error model 'm': the label 'default' names version 9, "
                   "which is not served; version 2 stays the default"));

  Configure("");
  EXPECT_TRUE(BecomesDefault(1));
  EXPECT_EQ(AnsweredBy(kOldWidth), "1");
}

TEST_F(DefaultVersionTest, AServerThatStartsLaterHasTheSameDefault) {
  Publish(1, kOldWidth);
  Publish(2, kOldWidth);
  Publish(3, kNewWidth);
  Start({});
  EXPECT_EQ(AnsweredBy(kOldWidth), "2");
  EXPECT_EQ(HeldBack(3), 1);
  Configure("version_policy { latest { num_versions: 1 } }");
  StartPolling();
  EXPECT_EQ(AnsweredBy(kOldWidth), "2");
  EXPECT_EQ(AnsweredBy(kNewWidth, "3"), "3");
  EXPECT_THAT(AnsweredBy(kOldWidth, "1"), HasSubstr("unknown"));
  // At a start, a label that names a missing version leaves no default.
  Configure(R"(parameters { key: "version_label.default" value { string_value: "9" } })");
  Start({});
  EXPECT_THAT(AnsweredBy(kOldWidth),
              HasSubstr("the label 'default' names version 9: the version has no"));
  EXPECT_EQ(AnsweredBy(kOldWidth, "2"), "2");
}

// A pod that starts must not do what running pods would not do.
TEST_F(DefaultVersionTest, ThereIsNoDefaultIfTheOldInputsCannotBeServed) {
  Publish(1, kOldWidth);
  Publish(2, kNewWidth);
  folders_.Write("m/1/test_vector.safetensors", "none");
  Start({});
  EXPECT_THAT(AnsweredBy(kNewWidth), HasSubstr("model 'm' has no default version"));
  EXPECT_EQ(AnsweredBy(kNewWidth, "2"), "2");
  EXPECT_EQ(HeldBack(2), 1);
  EXPECT_EQ(ReadMetrics(server_->http_port()).at(R"(mlp_model_ready{model="m"})"), 0);
}

TEST_F(DefaultVersionTest, AnOlderVersionReplacesARefusedOne) {
  Publish(1, kOldWidth);
  Publish(2, kOldWidth);
  Publish(3, kNewWidth);
  folders_.Write("m/2/test_vector.safetensors", "none");
  Configure("version_policy { latest { num_versions: 1 } }");
  Start({});
  EXPECT_EQ(AnsweredBy(kOldWidth), "1");
  EXPECT_EQ(AnsweredBy(kNewWidth, "3"), "3");
}

TEST_F(DefaultVersionTest, AStartDoesNotChangeTheInputs) {
  Publish(1, kOldWidth);
  Publish(2, kNewWidth);
  Start({"--model-control", "explicit", "--load-model", "*"});
  EXPECT_EQ(AnsweredBy(kOldWidth), "1");
  EXPECT_EQ(HeldBack(2), 1);
}

// Nobody misses it, so no alert may fire.
TEST_F(DefaultVersionTest, AModelThatIsUnloadedIsNotShown) {
  Publish(1, kOldWidth);
  Start({"--model-control", "explicit", "--load-model", "m"});
  EXPECT_EQ(ReadMetrics(server_->http_port()).at(R"(mlp_model_ready{model="m"})"), 1);
  EXPECT_TRUE(UnloadModel(*stub_, "m").ok());
  Samples page = ReadMetrics(server_->http_port());
  EXPECT_EQ(page.count(R"(mlp_model_ready{model="m"})"), 0);
  EXPECT_EQ(page.at("mlp_server_ready"), 1);
  EXPECT_TRUE(LoadModel(*stub_, "m").ok());
  EXPECT_EQ(ReadMetrics(server_->http_port()).at(R"(mlp_model_ready{model="m"})"), 1);
}

// This used to crash the server, because the setting's key is a number.
TEST_F(DefaultVersionTest, TheQueuePolicyOfAPriorityLevelMayChange) {
  const auto with_size = [](int size) {
    return absl::StrCat("dynamic_batching { priority_levels: 2 default_priority_level: 1 ",
                        "priority_queue_policy { key: 1 value { max_queue_size: ", size, " } } }");
  };
  Publish(1, kOldWidth);
  Configure(with_size(10));
  StartPolling();
  Configure(with_size(20));
  EXPECT_TRUE(Eventually([&] {
    return server_->log().find("priority_queue_policy[1].max_queue_size is 20 instead of 10") !=
           std::string::npos;
  }));
  EXPECT_EQ(AnsweredBy(kOldWidth), "1");
}

TEST_F(DefaultVersionTest, ALatestVersionPolicyKeepsTheDefault) {
  Configure("version_policy { latest { num_versions: 1 } }");
  Publish(1, kOldWidth);
  StartPolling();
  Publish(2, kNewWidth);
  EXPECT_TRUE(Eventually([&] { return HeldBack(2) == 1; }));
  EXPECT_EQ(AnsweredBy(kOldWidth), "1");
  Publish(3, kNewWidth);
  EXPECT_TRUE(Eventually([&] { return HeldBack(3) == 1; }));
  EXPECT_EQ(AnsweredBy(kOldWidth), "1");
  EXPECT_EQ(State(2), "");  // the policy gave it up
  fs::remove_all(folders_.root() / "m/1");
  EXPECT_TRUE(BecomesDefault(3));
  EXPECT_TRUE(
      Logs(*server_, "model 'm' version 2 is withdrawn: version_policy no longer selects it"));
  EXPECT_TRUE(Logs(*server_, "model 'm' version 1 is withdrawn: its folder is gone"));
}

TEST_F(DefaultVersionTest, ReportsLabelsAndLoadTimes) {
  Publish(1, kOldWidth);
  Publish(2, kOldWidth);
  Configure(R"(parameters { key: "version_label.stable" value { string_value: "1" } })");
  StartPolling();
  const std::string loaded = R"(mlp_model_loaded_timestamp_seconds{model="m",version="1"})";
  const std::string label = R"(mlp_model_label_version{model="m",label="stable"})";
  const auto now = [] {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  Samples page = ReadMetrics(server_->http_port());
  const double first = page.at(loaded);
  EXPECT_GT(first, now() - 600);
  EXPECT_LE(first, now());
  EXPECT_EQ(page.at(label), 1);
  Configure(R"(max_batch_size: 8
               parameters { key: "version_label.stable" value { string_value: "2" } })");
  EXPECT_TRUE(Eventually([&] { return ReadMetrics(server_->http_port()).at(label) == 2; }));
  EXPECT_EQ(ReadMetrics(server_->http_port()).at(loaded), first);
  EXPECT_TRUE(Logs(*server_, "model 'm': the label 'stable' names version 2 now, it was 1"));
  EXPECT_TRUE(Logs(*server_,
                   "model 'm' version 1 has other settings: max_batch_size is "
                   "8, and was not set\n"));
  Publish(1, kOldWidth);
  EXPECT_TRUE(Eventually([&] { return ReadMetrics(server_->http_port()).at(loaded) > first; }));
  Configure("max_batch_size: 8");
  EXPECT_TRUE(Eventually([&] { return ReadMetrics(server_->http_port()).count(label) == 0; }));
  EXPECT_TRUE(Logs(*server_, "model 'm': the label 'stable' (version 2) was removed"));
}

TEST_F(DefaultVersionTest, APolicyThatNamesVersionsChoosesTheDefault) {
  Publish(1, kOldWidth);
  Publish(2, kNewWidth);
  StartPolling();
  EXPECT_EQ(AnsweredBy(kOldWidth), "1");
  Configure("version_policy { specific { versions: [2] } }");
  EXPECT_TRUE(BecomesDefault(2));
  EXPECT_EQ(AnsweredBy(kNewWidth), "2");
}

TEST_F(DefaultVersionTest, ARequestedLoadMayChangeTheInputsAndLogsIt) {
  Publish(1, kOldWidth);
  Start({"--model-control", "explicit", "--load-model", "m"});
  Publish(2, kNewWidth);
  EXPECT_EQ(AnsweredBy(kOldWidth), "1");
  EXPECT_TRUE(LoadModel(*stub_, "m").ok());
  EXPECT_EQ(AnsweredBy(kNewWidth), "2");
  Publish(2, kOldWidth);
  EXPECT_TRUE(LoadModel(*stub_, "m").ok());
  EXPECT_EQ(AnsweredBy(kOldWidth), "2");
  EXPECT_TRUE(Logs(*server_,
                   "warning model 'm' version 2 has other inputs or outputs than before: input "
                   "'pixels' has shape [4] instead of [5]"));
}

// Clients of the old interface would have no version left.
TEST_F(DefaultVersionTest, APollRefusesOtherInputsForTheSameVersion) {
  Publish(1, kOldWidth);
  StartPolling();
  Publish(1, kNewWidth);
  EXPECT_TRUE(Eventually([&] {
    return State(1) ==
           "READY: could not be loaded again: its inputs or outputs have changed: input 'pixels' "
           "has shape [5] instead of [4]; publish it as a new version";
  }));
  EXPECT_EQ(AnsweredBy(kOldWidth), "1");
  Samples page = ReadMetrics(server_->http_port());
  EXPECT_EQ(page.at(R"(mlp_model_version_refused{model="m",version="1"})"), 1);
  EXPECT_EQ(page.at(R"(mlp_model_ready{model="m"})"), 1);
  Publish(1, kOldWidth);
  EXPECT_TRUE(Eventually([&] {
    return ReadMetrics(server_->http_port())
               .at(R"(mlp_model_version_refused{model="m",version="1"})") == 0;
  }));
  EXPECT_EQ(State(1), "READY");
}

}  // namespace
}  // namespace mlp
