// A manager of models and all that it needs, for tests that change its repository and send it
// requests. The repository is a folder of the test, empty at first.

#ifndef MLP_TESTS_SERVER_SERVED_MODELS_MODEL_MANAGER_TEST_H_
#define MLP_TESTS_SERVER_SERVED_MODELS_MODEL_MANAGER_TEST_H_

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ringbuffer_sink.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/observe/metrics.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_manager.h"
#include "tests/temporary_folder.h"

namespace mlp {

class ModelManagerTest : public ::testing::Test {
 protected:
  static std::filesystem::path Sample(const std::string& model) {
    return std::filesystem::path(MLP_SOURCE_DIR) / "deploy/models/repository" / model /
           "1/model.onnx";
  }

  ModelManagerTest() { std::filesystem::create_directories(root()); }
  ~ModelManagerTest() override { holds_loads_ = false; }

  std::filesystem::path root() const { return folder_.path() / "repository"; }

  void Add(const std::string& place, const std::string& sample = "digits-relu") {
    std::filesystem::create_directories(root() / place);
    std::filesystem::copy_file(Sample(sample), root() / place / "model.onnx",
                               std::filesystem::copy_options::overwrite_existing);
  }
  void Write(const std::string& path, const std::string& content) {
    std::filesystem::create_directories((root() / path).parent_path());
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
                                                           [this] { return IsInterrupted(); },
                                                           most_waiting_bytes_},
                                       catalog_, metrics_, arena_, log_);
    return manager_->LoadStartSet();
  }

  // What the manager has logged so far.
  std::string LogText() const { return absl::StrJoin(lines_->last_formatted(), ""); }

  // A load asks this between its steps.
  bool IsInterrupted() {
    while (holds_loads_) {
      load_is_held_ = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return interrupted_;
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
  std::atomic<bool> holds_loads_ = false;  // while true, no load goes on
  std::atomic<bool> load_is_held_ = false;
  const std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines_ =
      std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(1'000);
  spdlog::logger log_{"test", lines_};
  Metrics metrics_{0.01, {}};
  tbb::task_arena arena_{1};
  ModelCatalog catalog_{metrics_};
  std::atomic<int> changes_ = 0;
  std::unique_ptr<ModelManager> manager_;
};

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_SERVED_MODELS_MODEL_MANAGER_TEST_H_
