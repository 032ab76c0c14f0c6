#include "server/served_models/model_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using Kind = ModelRequests::Kind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ModelRequestsTest : public ::testing::Test {
 protected:
  // told_ gets the outcome, under the request's name.
  void Add(Kind kind, const std::string& model, std::size_t bytes = 0) {
    const std::string name = absl::StrCat(kind == Kind::kLoad ? "load " : "unload ", model);
    requests_.Add({kind, model, bytes,
                   [this, model] {
                     changed_ = model;
                     return absl::OkStatus();
                   },
                   [this, name](const absl::Status& status) { told_[name].push_back(status); }});
  }

  // The model of the next request of `kind` that can be taken now; "" if there is none.
  std::string Taken(Kind kind) {
    const auto work = requests_.Take(kind, ModelRequests::Clock::now());
    changed_.clear();
    if (work.has_value()) (*work)().IgnoreError();
    return changed_;
  }

  std::string changed_;
  std::map<std::string, std::vector<absl::Status>> told_;
  ModelRequests requests_{/*most_waiting_bytes=*/100};
};

TEST_F(ModelRequestsTest, GivesRequestsOfAKindInOrderAndReportsEachOutcome) {
  Add(Kind::kLoad, "a");
  Add(Kind::kUnload, "b");
  Add(Kind::kLoad, "c");
  EXPECT_EQ(Taken(Kind::kLoad), "a");
  EXPECT_EQ(Taken(Kind::kUnload), "b");
  requests_.Answer(Kind::kLoad, absl::NotFoundError("a"));
  requests_.Answer(Kind::kUnload, absl::OkStatus());
  EXPECT_EQ(Taken(Kind::kLoad), "c");
  EXPECT_EQ(Taken(Kind::kLoad), "");
  EXPECT_THAT(told_["load a"], ElementsAre(absl::NotFoundError("a")));
  EXPECT_THAT(told_["unload b"], ElementsAre(absl::OkStatus()));
  EXPECT_TRUE(told_["load c"].empty());
}

TEST_F(ModelRequestsTest, AnUnloadWaitsForEarlierLoadsOfItsModel) {
  Add(Kind::kLoad, "a");
  Add(Kind::kUnload, "a");
  Add(Kind::kUnload, "b");
  EXPECT_EQ(Taken(Kind::kUnload), "b");
  requests_.Answer(Kind::kUnload, absl::OkStatus());
  EXPECT_EQ(Taken(Kind::kLoad), "a");
  EXPECT_EQ(Taken(Kind::kUnload), "");
  requests_.Answer(Kind::kLoad, absl::OkStatus());
  EXPECT_EQ(Taken(Kind::kUnload), "a");
}

TEST_F(ModelRequestsTest, ALoadWaitsForAnUnloadOfItsModelInProgress) {
  Add(Kind::kUnload, "a");
  EXPECT_EQ(Taken(Kind::kUnload), "a");
  Add(Kind::kLoad, "a");
  EXPECT_EQ(Taken(Kind::kLoad), "");
  requests_.Answer(Kind::kUnload, absl::OkStatus());
  EXPECT_EQ(Taken(Kind::kLoad), "a");
}

TEST_F(ModelRequestsTest, RefusesRequestsOfAKindIfTooManyWait) {
  for (int i = 0; i < ModelRequests::kMaxWaiting; ++i) Add(Kind::kLoad, absl::StrCat(i));
  EXPECT_TRUE(told_.empty());
  Add(Kind::kLoad, "more");
  ASSERT_EQ(told_["load more"].size(), 1U);
  EXPECT_TRUE(absl::IsResourceExhausted(told_["load more"].front()));
  Add(Kind::kUnload, "more");
  EXPECT_TRUE(told_["unload more"].empty());
  EXPECT_EQ(Taken(Kind::kUnload), "more");
}

TEST_F(ModelRequestsTest, RefusesFilesIfTooManyBytesWaitExceptASingleRequest) {
  EXPECT_TRUE(requests_.CheckRoomFor(1'000).ok());
  Add(Kind::kLoad, "large", 1'000);
  EXPECT_TRUE(absl::IsResourceExhausted(requests_.CheckRoomFor(1)));
  EXPECT_TRUE(requests_.CheckRoomFor(0).ok());
  Add(Kind::kLoad, "more", 1);
  ASSERT_EQ(told_["load more"].size(), 1U);
  EXPECT_THAT(std::string(told_["load more"].front().message()),
              HasSubstr("waiting model files have 1000 bytes; 1 more would exceed "));
  // A request at work no longer waits.
  EXPECT_EQ(Taken(Kind::kLoad), "large");
  Add(Kind::kLoad, "b", 60);
  EXPECT_TRUE(requests_.CheckRoomFor(40).ok());
  EXPECT_FALSE(requests_.CheckRoomFor(41).ok());
}

// Whether the thread `id` of this process sleeps.
bool Sleeps(pid_t id) {
  std::string text;
  std::getline(std::ifstream(absl::StrCat("/proc/self/task/", id, "/stat")), text);
  return absl::StrContains(text, ") S ");
}

TEST_F(ModelRequestsTest, WakesThreadsWaitingForARequest) {
  std::atomic<pid_t> waits = 0;
  std::atomic<bool> taken = false;
  std::thread waiting([&] {
    waits = gettid();
    taken = requests_.Take(Kind::kLoad, ModelRequests::Clock::now() + std::chrono::minutes(1))
                .has_value();
  });
  EXPECT_TRUE(Eventually([&] { return waits != 0 && Sleeps(waits); }));
  Add(Kind::kLoad, "a");
  EXPECT_TRUE(Eventually([&] { return taken.load(); }));
  waiting.join();
}

TEST_F(ModelRequestsTest, NotifiesEachRequestOnceWhenItStops) {
  for (const char* model : {"a", "b"}) {
    Add(Kind::kLoad, model);
    Add(Kind::kUnload, absl::StrCat("not ", model));
  }
  EXPECT_EQ(Taken(Kind::kLoad), "a");
  EXPECT_EQ(Taken(Kind::kUnload), "not a");
  EXPECT_FALSE(requests_.stopped());
  requests_.Stop();
  EXPECT_TRUE(requests_.stopped());
  requests_.Answer(Kind::kLoad, absl::OkStatus());
  requests_.Answer(Kind::kUnload, absl::OkStatus());
  Add(Kind::kLoad, "late");
  EXPECT_EQ(told_.size(), 5U);
  for (const auto& [name, statuses] : told_) {
    ASSERT_EQ(statuses.size(), 1U) << name;
    EXPECT_TRUE(absl::IsUnavailable(statuses.front())) << name << ": " << statuses.front();
  }
  EXPECT_EQ(Taken(Kind::kLoad), "");
}

TEST_F(ModelRequestsTest, MakesNoCallOnceItHasStopped) {
  int calls = 0;
  EXPECT_TRUE(requests_.CallUnlessStopped([&] { ++calls; }));
  requests_.Stop();
  EXPECT_FALSE(requests_.CallUnlessStopped([&] { ++calls; }));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace mlp
