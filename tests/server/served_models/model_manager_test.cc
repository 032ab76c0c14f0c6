#include "server/served_models/model_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/bytes_of_file.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"
#include "tests/warm_up_text.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

fs::path Sample(const std::string& model) {
  return fs::path(MLP_SOURCE_DIR) / "deploy/models/repository" / model / "1/model.onnx";
}

class ModelManagerTest : public ::testing::Test {
 protected:
  ModelManagerTest() { fs::create_directories(root()); }

  fs::path root() const { return folder_.path() / "repository"; }

  void Add(const std::string& place, const std::string& sample = "digits-relu") {
    fs::create_directories(root() / place);
    fs::copy_file(Sample(sample), root() / place / "model.onnx",
                  fs::copy_options::overwrite_existing);
  }
  void Write(const std::string& path, const std::string& content) {
    fs::create_directories((root() / path).parent_path());
    std::ofstream(root() / path) << content;
  }

  // Starts a manager that has loaded the models served from the start and is running.
  void Start(ModelControl control, std::vector<std::string> load_at_start = {}) {
    ASSERT_TRUE(TryStart(control, std::move(load_at_start)).ok());
    manager_->Start([this] { ++changes_; });
  }
  std::size_t most_waiting_bytes_ = std::size_t{1} << 20;
  absl::Status TryStart(ModelControl control, std::vector<std::string> load_at_start = {}) {
    manager_ =
        std::make_unique<ModelManager>(ModelManagerOptions{root(),
                                                           {},
                                                           control,
                                                           std::chrono::seconds(1),
                                                           std::move(load_at_start),
                                                           {},
                                                           [this] { return interrupted_.load(); },
                                                           most_waiting_bytes_},
                                       catalog_, metrics_, arena_, log_);
    return manager_->LoadStartSet();
  }

  absl::Status Load(ModelLoadRequest request) {
    std::promise<absl::Status> promise;
    manager_->Load(std::move(request),
                   [&](const absl::Status& status) { promise.set_value(status); });
    return promise.get_future().get();
  }
  absl::Status Load(const std::string& model) { return Load({model, std::nullopt, {}}); }
  absl::Status Unload(const std::string& model) {
    std::promise<absl::Status> promise;
    manager_->Unload(model, [&](const absl::Status& status) { promise.set_value(status); });
    return promise.get_future().get();
  }

  absl::StatusOr<std::shared_ptr<const ServedModel>> Find(const std::string& model,
                                                          const std::string& version = "") {
    return catalog_.Get()->Find(model, version);
  }
  // The state, such as "READY", followed by the reason.
  std::string StateOf(const std::string& model, std::int64_t version) {
    const auto table = catalog_.Get();
    const ModelTable::Versions* versions = table->VersionsOf(model);
    if (versions == nullptr || versions->count(version) == 0) return "none";
    const ModelRecord& record = versions->at(version);
    return absl::StrCat(NameOf(record.state), record.reason.empty() ? "" : ": ", record.reason);
  }

  TemporaryFolder folder_;
  std::atomic<bool> interrupted_ = false;
  std::ostringstream text_;
  spdlog::logger log_{"test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)};
  Metrics metrics_{0.01, {}};
  tbb::task_arena arena_{1};
  ModelCatalog catalog_{metrics_};
  std::atomic<int> changes_ = 0;
  std::unique_ptr<ModelManager> manager_;
};

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

TEST_F(ModelManagerTest, LoadsAtTheStartWhatIsNamedOrAll) {
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

TEST_F(ModelManagerTest, ListsWhatCouldBeLoaded) {
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

TEST_F(ModelManagerTest, ABadNewVersionChangesNothing) {
  Write("a/config.pbtxt", "version_policy { latest { num_versions: 1 } }");
  Add("a/1");
  Start(ModelControl::kExplicit, {"a"});
  const auto before = Find("a").value();
  Write("a/2/model.onnx", "no model");
  const absl::Status status = Load("a");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("model 'a' version 2: 'model.onnx'"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr(root().string())));
  EXPECT_EQ(Find("a").value(), before);
  EXPECT_THAT(StateOf("a", 2), HasSubstr("UNAVAILABLE: 'model.onnx'"));
  Add("a/2", "digits-tanh");
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(Find("a").value()->version, "2");
  EXPECT_EQ(StateOf("a", 1), "none") << "the policy has the latest only";
}

TEST_F(ModelManagerTest, ABadReloadKeepsTheOldVersionAndSaysWhy) {
  Add("a/1");
  Start(ModelControl::kExplicit, {"a"});
  const auto before = Find("a").value();
  Write("a/1/model.onnx", "no model");
  EXPECT_FALSE(Load("a").ok());
  EXPECT_EQ(Find("a").value(), before);
  EXPECT_THAT(StateOf("a", 1), HasSubstr("READY: could not be loaded again: 'model.onnx'"));
  EXPECT_THAT(text_.str(), HasSubstr("; the version loaded earlier stays in service"));
  Add("a/1", "digits-tanh");
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(StateOf("a", 1), "READY");
  EXPECT_NE(Find("a").value()->evaluator, before->evaluator);
}

TEST_F(ModelManagerTest, WrongSettingsKeepEverything) {
  Add("a/1");
  Add("a/2");
  Start(ModelControl::kExplicit, {"a"});
  const auto before = Find("a").value();
  Write("a/config.pbtxt", "max_batch_size: many");
  EXPECT_FALSE(Load("a").ok());
  EXPECT_EQ(Find("a").value(), before);
  EXPECT_THAT(StateOf("a", 1), HasSubstr("READY: could not be loaded again: config.pbtxt"));
  Write("a/config.pbtxt", R"(model_warmup { name: "w" batch_size: 1 inputs { key: "y" } })");
  EXPECT_THAT(std::string(Load("a").message()), HasSubstr("model_warmup 'w' has no input"));
  EXPECT_EQ(Find("a").value(), before);
}

TEST_F(ModelManagerTest, OtherSettingsKeepTheWeights) {
  Add("a/1");
  Start(ModelControl::kExplicit, {"a"});
  const auto before = Find("a").value();
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(Find("a").value(), before) << "nothing has changed";
  Write("a/config.pbtxt", "max_batch_size: 7");
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(Find("a").value()->max_batch_rows, 7);
  EXPECT_EQ(Find("a").value()->evaluator, before->evaluator);
  EXPECT_EQ(Find("a").value()->instruments.activity, before->instruments.activity);
}

TEST_F(ModelManagerTest, LabelsMove) {
  Add("a/1");
  Add("a/2");
  const auto label = [&](const char* version) {
    Write("a/config.pbtxt", absl::StrCat("parameters { key: 'version_label.stable' value { ",
                                         "string_value: '", version, "' } }"));
  };
  label("1");
  Start(ModelControl::kExplicit, {"a"});
  EXPECT_EQ(Find("a", "stable").value()->version, "1");
  label("2");
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(Find("a", "stable").value()->version, "2");
  label("7");
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(Find("a", "stable").status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(Find("a", "stable").status().message()),
              HasSubstr("the label names version 7"));
}

TEST_F(ModelManagerTest, AMissingSpecificVersionIsReported) {
  Write("a/config.pbtxt", "version_policy { specific { versions: [1, 4] } }");
  Add("a/1");
  Add("a/2");
  Start(ModelControl::kExplicit, {"a"});
  EXPECT_EQ(StateOf("a", 1), "READY");
  EXPECT_EQ(StateOf("a", 2), "none");
  EXPECT_EQ(StateOf("a", 4), "UNAVAILABLE: the version has no folder");
}

TEST_F(ModelManagerTest, GivesUpALoadWhenItStops) {
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
  EXPECT_THAT(text_.str(), Not(HasSubstr("refused")));
}

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

TEST_F(BusyModelManagerTest, RefusesRequestsBeyondTheMostThatMayWait) {
  for (int i = 0; i < ModelManager::kMostWaiting; ++i) LoadLater({"served", std::nullopt, {}});
  EXPECT_THAT(answers(), IsEmpty());
  LoadLater({"served", std::nullopt, {}});
  ASSERT_EQ(answers().size(), 1U);
  // These wait for the loads of their model.
  for (int i = 0; i < ModelManager::kMostWaiting; ++i) manager_->Unload("served", Recorder());
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

TEST_F(BusyModelManagerTest, RefusesFilesBeyondTheMostBytesThatMayWait) {
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
  Write("slow/config.pbtxt", WarmUpText(1, 20));
  Start(ModelControl::kExplicit, {"served"});
  std::mutex mutex;
  std::vector<std::string> order;
  const auto record = [&](const std::string& what) {
    return [&mutex, &order, what](const absl::Status& status) {
      EXPECT_TRUE(status.ok()) << what << ": " << status;
      const std::lock_guard lock(mutex);
      order.push_back(what);
    };
  };
  // The first load keeps the thread busy while the others arrive.
  manager_->Load({"slow", std::nullopt, {}}, record("load slow"));
  ASSERT_TRUE(Eventually([&] { return StateOf("slow", 1) != "none"; }));
  manager_->Load({"other", std::nullopt, {}}, record("load other"));
  manager_->Load({"slow", std::nullopt, {}}, record("load slow again"));
  manager_->Unload("served", record("unload served"));
  manager_->Unload("other", record("unload other"));
  EXPECT_TRUE(Eventually([&] {
    const std::lock_guard lock(mutex);
    return order.size() == 5;
  }));
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
  std::this_thread::sleep_for(std::chrono::milliseconds(3500));
  EXPECT_TRUE(Find("a").ok());
  manager_->BeginStop();
  ASSERT_TRUE(manager_->WaitForEnd(std::chrono::seconds(60)));
  EXPECT_THAT(text_.str(), HasSubstr("does not exist; the loaded models stay in service"));
}

TEST_F(ModelManagerTest, LoadsWhatAClientSends) {
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

TEST_F(ModelManagerTest, NeverReadsOtherFilesForWhatAClientSends) {
  const fs::path external = fs::path(MLP_SOURCE_DIR) / "tests/fixtures/onnx/bad";
  Start(ModelControl::kExplicit);
  ModelLoadRequest request;
  request.model = "sent";
  request.files = {{1, "model.onnx", BytesOfFile(external / "external_data_absolute.onnx")}};
  EXPECT_THAT(std::string(Load(request).message()), HasSubstr("keeps its data in another file"));
}

TEST_F(ModelManagerTest, TellsWaitingClientsThatItStops) {
  Add("a/1");
  Start(ModelControl::kExplicit);
  manager_->BeginStop();
  ASSERT_TRUE(manager_->WaitForEnd(std::chrono::seconds(60)));
  EXPECT_EQ(Load("a").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Unload("a").code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace mlp
