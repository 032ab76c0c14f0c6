// Which requests wait for which, and how many may wait.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/served_models/model_manager.h"
#include "tests/eventually.h"
#include "tests/server/served_models/model_manager_test.h"
#include "tests/warm_up_text.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A manager that is busy with a load until it stops.
class BusyModelManagerTest : public ModelManagerTest {
 protected:
  BusyModelManagerTest() {
    Add("slow/1");
    Add("served/1");
    Add("other/1");
    Write("slow/config.pbtxt", WarmUpText(64, 1000));
    Start(ModelControl::kExplicit, {"served", "other"});
    LoadLater({"slow", std::nullopt, {}});
    EXPECT_TRUE(Eventually([&] { return StateOf("slow", 1) == "LOADING: it is being loaded"; }));
  }
  ~BusyModelManagerTest() override { manager_->BeginStop(); }

  void LoadLater(ModelLoadRequest request) { manager_->Load(std::move(request), Recorder()); }
  ModelManager::Done Recorder() {
    return [this](const absl::Status& status) {
      const std::lock_guard lock(mutex_);
      answers_.push_back(status);
    };
  }
  std::vector<absl::Status> answers() {
    const std::lock_guard lock(mutex_);
    return answers_;
  }

  std::mutex mutex_;
  std::vector<absl::Status> answers_;
};

TEST_F(BusyModelManagerTest, RefusesRequestsIfTooManyWait) {
  for (int i = 0; i < ModelManager::kMaxWaiting; ++i) LoadLater({"served", std::nullopt, {}});
  EXPECT_THAT(answers(), IsEmpty());
  LoadLater({"served", std::nullopt, {}});
  ASSERT_EQ(answers().size(), 1U);
  // These wait for the loads of their model.
  for (int i = 0; i < ModelManager::kMaxWaiting; ++i) manager_->Unload("served", Recorder());
  ASSERT_EQ(answers().size(), 1U) << "loads keep no unload out";
  manager_->Unload("served", Recorder());
  ASSERT_EQ(answers().size(), 2U);
  for (const absl::Status& status : answers()) {
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(std::string(status.message()), HasSubstr("64 requests to "));
  }
}

TEST_F(BusyModelManagerTest, UnloadsWhileAnotherModelIsBeingLoaded) {
  LoadLater({"other", std::nullopt, {}});
  EXPECT_TRUE(Unload("served").ok());
  EXPECT_EQ(StateOf("served", 1), "UNAVAILABLE: unloaded");
  EXPECT_EQ(StateOf("slow", 1), "LOADING: it is being loaded");
  EXPECT_EQ(Unload("nobody").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Unload("").code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(answers(), IsEmpty()) << "the loads were to be slower than the unloads";
}

TEST_F(BusyModelManagerTest, AnUnloadWaitsForTheLoadsOfItsModel) {
  LoadLater({"other", std::nullopt, {}});
  manager_->Unload("slow", Recorder());
  manager_->Unload("other", Recorder());
  EXPECT_TRUE(Unload("served").ok());  // requested after them, and done
  EXPECT_EQ(StateOf("other", 1), "READY");
  EXPECT_THAT(answers(), IsEmpty());
  manager_->BeginStop();
  EXPECT_EQ(answers().size(), 4U);
}

TEST_F(BusyModelManagerTest, RefusesFilesIfTooManyBytesWait) {
  const auto sent = [](std::size_t bytes) {
    return ModelLoadRequest{"sent", std::nullopt, {{1, "model.onnx", std::string(bytes, 'x')}}};
  };
  LoadLater(sent(most_waiting_bytes_ + 1));  // it may wait if nothing else does
  EXPECT_THAT(answers(), IsEmpty());
  LoadLater(sent(1));
  ASSERT_EQ(answers().size(), 1U);
  EXPECT_EQ(answers()[0].code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(answers()[0].message()),
              HasSubstr("waiting model files have 1048577 bytes"));
  EXPECT_EQ(manager_->CheckRoomFor(1).code(), absl::StatusCode::kResourceExhausted);
  LoadLater({"served", std::nullopt, {}});  // a load without files
  EXPECT_EQ(answers().size(), 1U);
}

TEST_F(ModelManagerTest, AnUnloadWaitsForNoLoadsOfOtherModels) {
  Add("slow/1");
  Add("served/1");
  Add("other/1");
  Start(ModelControl::kExplicit, {"served"});
  holds_loads_ = true;
  std::mutex mutex;
  std::vector<std::string> order;
  const auto record = [&](const std::string& what) {
    return [&mutex, &order, what](const absl::Status& status) {
      EXPECT_TRUE(status.ok()) << what << ": " << status;
      const std::lock_guard lock(mutex);
      order.push_back(what);
    };
  };
  const auto has_ended = [&](std::size_t requests) {
    return Eventually([&] {
      const std::lock_guard lock(mutex);
      return order.size() >= requests;
    });
  };
  // The first load keeps the thread busy while the others arrive.
  manager_->Load({"slow", std::nullopt, {}}, record("load slow"));
  ASSERT_TRUE(Eventually([&] { return load_is_held_.load(); }));
  manager_->Load({"other", std::nullopt, {}}, record("load other"));
  manager_->Load({"slow", std::nullopt, {}}, record("load slow again"));
  manager_->Unload("served", record("unload served"));
  manager_->Unload("other", record("unload other"));
  EXPECT_TRUE(has_ended(1));
  holds_loads_ = false;
  EXPECT_TRUE(has_ended(5));
  manager_->BeginStop();
  ASSERT_EQ(order.size(), 5U);
  const auto place = [&](const char* what) {
    return std::find(order.begin(), order.end(), what) - order.begin();
  };
  EXPECT_EQ(place("unload served"), 0);
  EXPECT_EQ(place("load slow"), 1);
  EXPECT_EQ(place("load other"), 2);
  EXPECT_GT(place("unload other"), 2) << "it was asked for after the load";
}

}  // namespace
}  // namespace mlp
