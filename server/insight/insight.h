// What the server knows of itself beyond single figures: the last hour of every model, how far its
// layers are from their baseline, and what is wrong, in sentences.
//
// One thread of low priority looks at the metrics' own sums once a second; a second one calibrates
// and accepts windows when somebody asks for it. Threads that serve never wait for either.
// Definitions: docs/drift.md.

#ifndef MLP_SERVER_INSIGHT_INSIGHT_H_
#define MLP_SERVER_INSIGHT_INSIGHT_H_

#include <spdlog/logger.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/drift/baseline.h"
#include "server/insight/status.h"
#include "server/observe/metrics.h"
#include "server/served_models/model_catalog.h"

namespace mlp {

struct InsightOptions {
  std::string server_version;
  // Whether the server takes requests; thread-safe.
  std::function<bool()> ready = [] { return false; };
  // Rows of live traffic that a version without a baseline learns one from; 0: none does.
  std::int64_t self_baseline_rows = 0;
};

// A baseline of a version, in force or made just now.
struct VersionBaseline {
  std::string model;
  std::string version;                       // its number
  std::shared_ptr<const Baseline> baseline;  // never null
  std::string file;                          // the same, the bytes of a baseline.safetensors
  std::vector<std::string> warnings;         // of its making, for people
};

struct CalibrationRequest {
  std::string model;
  std::string version;  // its number or a label; empty for the default
  std::int64_t rows = 0;
  // One for each of the network's inputs, in their order: [rows, its width].
  std::vector<std::vector<float>> inputs;
  bool install = false;  // whether the baseline is in force at once, until the version is reloaded
  // Whether nobody waits for it any more; asked between two steps, on another thread.
  std::function<bool()> cancelled = [] { return false; };
};

// Thread-safe.
class Insight final {
 public:
  // Rows of one calibration, in bytes of all inputs together.
  static constexpr std::int64_t kMostCalibrationBytes = std::int64_t{256} << 20;

  // Called once with the outcome, on any thread; it must not wait.
  using Done = std::function<void(absl::StatusOr<VersionBaseline>)>;

  // All of these must outlive it. Shows its metrics from now on.
  Insight(InsightOptions options, const ModelCatalog& models, Metrics& metrics,
          spdlog::logger& log);
  // Stops, and waits for the step that is under way.
  ~Insight();

  Insight(const Insight&) = delete;
  Insight& operator=(const Insight&) = delete;

  // Starts the threads. Call it once.
  void Start();

  // Gives up what is asked for, each with UNAVAILABLE. Does not wait.
  void BeginStop();

  // One look at all models, as the thread does it each second. For tests, which need no time.
  void Look(std::chrono::steady_clock::time_point now,
            std::chrono::system_clock::time_point wall_clock);

  // All models, as they are known now; as fresh as the last look.
  Status MakeStatus() const;

  // The baseline in force of a version (its number or a label; empty for the default). NOT_FOUND
  // for an unknown model or version, UNAVAILABLE for one that is not ready, FAILED_PRECONDITION
  // where it has no baseline. Takes a time in proportion to the baseline's size.
  absl::StatusOr<VersionBaseline> BaselineOf(const std::string& model,
                                             const std::string& version) const;

  // Makes a baseline of rows that are known to be right. The errors above but the last,
  // INVALID_ARGUMENT for rows that do not fit the network or are too few, RESOURCE_EXHAUSTED
  // beyond kMostCalibrationBytes or while another one is at work and one waits, CANCELLED, and
  // UNAVAILABLE once it stops; ABORTED where another load serves the version by then and the
  // baseline was to be installed.
  void Calibrate(CalibrationRequest request, Done done);

  // Takes windows of the version as its reference from now on, spread over the time since its
  // baseline came in force: the remedy where correlated traffic alarms. Else as Calibrate;
  // FAILED_PRECONDITION without a baseline, or with too few windows so far.
  void AcceptWindows(const std::string& model, const std::string& version, Done done);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_INSIGHT_H_
