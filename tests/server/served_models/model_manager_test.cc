#include "server/served_models/model_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "tests/bytes_of_file.h"
#include "tests/eventually.h"
#include "tests/server/served_models/model_manager_test.h"
#include "tests/temporary_folder.h"
#include "tests/warm_up_text.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(ModelManagerTest, LoadsEverythingAtTheStartAndNothingLater) {
  Add("a/1");
  Add("b/2");
  Write("b/3/model.onnx", "no model");
  Start(ModelControl::kNone);
  EXPECT_TRUE(Find("a", "1").ok());
  EXPECT_EQ(StateOf("b", 2), "READY");
  EXPECT_THAT(StateOf("b", 3), HasSubstr("UNAVAILABLE: 'model.onnx': "));
  const absl::Status status = Load("a");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("--model-control is none"));
  EXPECT_EQ(Unload("a").code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr(R"(mlp_model_loads_total{model="b",result="failed"} 1)"));
  EXPECT_THAT(metrics_.Expose(), HasSubstr(R"(mlp_model_loads_total{model="b",result="ok"} 1)"));
}

TEST_F(ModelManagerTest, DoesNotStartWithoutAModelUnlessModelsMayComeLater) {
  EXPECT_EQ(TryStart(ModelControl::kNone).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(TryStart(ModelControl::kPoll).ok());
  EXPECT_TRUE(TryStart(ModelControl::kExplicit).ok());
  const absl::Status missing = TryStart(ModelControl::kExplicit, {"a"});
  EXPECT_THAT(std::string(missing.message()), HasSubstr("'a' that --load-model names is not in"));
  fs::remove_all(root());
  EXPECT_EQ(TryStart(ModelControl::kPoll).code(), absl::StatusCode::kNotFound);
}

TEST_F(ModelManagerTest, LoadsTheNamedModelsOrAllAtTheStart) {
  Add("a/1");
  Add("b/1");
  Start(ModelControl::kExplicit, {"b"});
  EXPECT_FALSE(Find("a").ok());
  EXPECT_TRUE(Find("b").ok());
  Start(ModelControl::kExplicit, {"*"});
  EXPECT_TRUE(Find("a").ok());
}

TEST_F(ModelManagerTest, LoadsAndUnloadsByRequest) {
  Add("a/1");
  Start(ModelControl::kExplicit);
  EXPECT_EQ(Find("a").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Load("a").ok());
  EXPECT_TRUE(Find("a", "1").ok());
  EXPECT_GE(changes_, 1);
  EXPECT_TRUE(Unload("a").ok());
  EXPECT_EQ(StateOf("a", 1), "UNAVAILABLE: unloaded");
  EXPECT_EQ(Find("a").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(metrics_.Expose(), Not(HasSubstr(R"(mlp_rows_total{model="a")")));
  EXPECT_TRUE(Unload("a").ok());
  EXPECT_TRUE(Load("a").ok());
  EXPECT_TRUE(Find("a").ok());
}

TEST_F(ModelManagerTest, ALoadOrUnloadLeavesOtherModelsInTheTable) {
  Add("a/1");
  Add("b/1");
  Start(ModelControl::kExplicit, {"b"});
  const auto before = catalog_.Get();
  ASSERT_TRUE(Load("a").ok());
  const auto loaded = catalog_.Get();
  EXPECT_EQ(StateOf("a", 1), "READY");
  EXPECT_EQ(loaded->VersionsOf("b"), before->VersionsOf("b"));
  ASSERT_TRUE(Unload("a").ok());
  const auto unloaded = catalog_.Get();
  EXPECT_EQ(StateOf("a", 1), "UNAVAILABLE: unloaded");
  EXPECT_EQ(unloaded->VersionsOf("b"), before->VersionsOf("b"));
}

TEST_F(ModelManagerTest, ListsLoadableModels) {
  Add("a/1");
  Add("b/1");
  Start(ModelControl::kExplicit, {"a"});
  EXPECT_THAT(catalog_.Get()->not_loaded(), ElementsAre("b"));
  Add("c/1");
  EXPECT_TRUE(Eventually([&] { return catalog_.Get()->not_loaded().size() == 2; }));
  EXPECT_TRUE(Load("b").ok());
  EXPECT_THAT(catalog_.Get()->not_loaded(), ElementsAre("c"));
}

TEST_F(ModelManagerTest, RefusesUnknownModels) {
  Start(ModelControl::kExplicit);
  EXPECT_EQ(Load("a").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Load("../a").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Load("").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Unload("a").code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(catalog_.Get()->models().empty());
}

TEST_F(ModelManagerTest, CancelsALoadWhenItStops) {
  Start(ModelControl::kExplicit);
  Add("a/1");
  Write("a/config.pbtxt", WarmUpText(64, 1000));
  std::future<absl::Status> loaded = std::async(std::launch::async, [&] { return Load("a"); });
  ASSERT_TRUE(Eventually([&] { return StateOf("a", 1) == "LOADING: it is being loaded"; }));
  manager_->BeginStop();
  ASSERT_TRUE(manager_->WaitForEnd(std::chrono::seconds(60)));
  const absl::Status status = loaded.get();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("the server is stopping"));
  EXPECT_THAT(LogText(), Not(HasSubstr("refused")));
}

TEST_F(ModelManagerTest, LoadsNoMoreAtTheStartOnceItIsInterrupted) {
  Add("a/1");
  interrupted_ = true;
  EXPECT_EQ(TryStart(ModelControl::kNone).code(), absl::StatusCode::kCancelled);
}

TEST_F(ModelManagerTest, PollsForNewChangedAndRemovedModels) {
  Start(ModelControl::kPoll);
  Add("a/1");
  ASSERT_TRUE(Eventually([&] { return Find("a", "1").ok(); }));
  Add("a/2", "digits-tanh");
  ASSERT_TRUE(Eventually([&] { return Find("a", "2").ok(); }));
  Write("a/3/model.onnx", "no model");
  ASSERT_TRUE(Eventually([&] { return StateOf("a", 3) != "none"; }));
  EXPECT_EQ(Find("a").value()->version, "2");
  fs::remove_all(root() / "a");
  ASSERT_TRUE(Eventually([&] { return Find("a").status().code() == absl::StatusCode::kNotFound; }));
  EXPECT_TRUE(
      Eventually([&] { return metrics_.Expose().find("model=\"a\"") == std::string::npos; }));
  EXPECT_EQ(Load("a").code(), absl::StatusCode::kUnavailable);
}

TEST_F(ModelManagerTest, AMissingRepositoryChangesNothing) {
  Add("a/1");
  Start(ModelControl::kPoll);
  fs::rename(root(), folder_.path() / "away");
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(LogText(), "does not exist; the loaded models stay in service");
  }));
  // The next looks change nothing either, if they come in time.
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  EXPECT_TRUE(Find("a").ok());
  manager_->BeginStop();
  ASSERT_TRUE(manager_->WaitForEnd(std::chrono::seconds(60)));
}

TEST_F(ModelManagerTest, LoadsFilesThatAClientSends) {
  Start(ModelControl::kExplicit);
  ModelLoadRequest request;
  request.model = "sent";
  request.files = {{3, "model.onnx", BytesOfFile(Sample("digits-relu"))}};
  EXPECT_TRUE(Load(request).ok());
  EXPECT_EQ(Find("sent").value()->version, "3");
  const auto before = Find("sent").value();

  request.files = {{4, "model.onnx", "no model"}};
  EXPECT_EQ(Load(request).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Find("sent").value(), before);
  request.model = "never";
  EXPECT_FALSE(Load(request).ok());
  EXPECT_EQ(catalog_.Get()->VersionsOf("never"), nullptr) << "no record of a name that never was";

  EXPECT_TRUE(Unload("sent").ok());
  EXPECT_EQ(catalog_.Get()->VersionsOf("sent"), nullptr);
}

TEST_F(ModelManagerTest, NeverReadsOtherFilesForAModelThatAClientSends) {
  const fs::path external = fs::path(MLP_SOURCE_DIR) / "tests/fixtures/onnx/bad";
  Start(ModelControl::kExplicit);
  ModelLoadRequest request;
  request.model = "sent";
  request.files = {{1, "model.onnx", BytesOfFile(external / "external_data_absolute.onnx")}};
  EXPECT_THAT(std::string(Load(request).message()), HasSubstr("keeps its data in another file"));
}

TEST_F(ModelManagerTest, NotifiesWaitingClientsThatItStops) {
  Add("a/1");
  Start(ModelControl::kExplicit);
  manager_->BeginStop();
  ASSERT_TRUE(manager_->WaitForEnd(std::chrono::seconds(60)));
  EXPECT_EQ(Load("a").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Unload("a").code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace mlp
