// The server's view of its models: the last hour of each, how far its layers are from their
// baseline, and what is wrong, in sentences.
//
// One low-priority thread reads the metrics' sums once a second. A second one calibrates and
// accepts windows on request. Serving threads never wait for either. Definitions:
// docs/reference/drift.md.

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
  // Whether the server accepts requests. Thread-safe.
  std::function<bool()> ready = [] { return false; };
  // How many rows of live traffic a version without a baseline learns one from; 0 disables
  // learning.
  std::int64_t self_baseline_rows = 0;
};

// A version's baseline, in force or newly made.
struct VersionBaseline {
  std::string model;
  std::string version;                       // its number
  std::shared_ptr<const Baseline> baseline;  // never null
  std::string file;                          // the same as the bytes of a baseline.safetensors
  std::vector<std::string> warnings;         // from making it, for people
};

struct CalibrationRequest {
  std::string model;
  std::string version;  // its number or a label; empty for the default
  std::int64_t rows = 0;
  // One array for each of the network's inputs, in order: [rows, its width].
  std::vector<std::vector<float>> inputs;
  // Whether the baseline comes into force immediately, until the version is reloaded.
  bool install = false;
  // Whether the caller has given up. Called between steps, on another thread.
  std::function<bool()> cancelled = [] { return false; };
};

// Thread-safe.
class Insight final {
 public:
  // The limit on the rows of one calibration, in bytes over all inputs.
  static constexpr std::int64_t kMaxCalibrationBytes = std::int64_t{256} << 20;

  // Called once with the result, on any thread. Must not block.
  using Done = std::function<void(absl::StatusOr<VersionBaseline>)>;

  // `models`, `metrics` and `log` must outlive this object. Its metrics are exported from now on.
  Insight(InsightOptions options, const ModelCatalog& models, Metrics& metrics,
          spdlog::logger& log);
  // Stops, and waits for the current step.
  ~Insight();

  Insight(const Insight&) = delete;
  Insight& operator=(const Insight&) = delete;

  // Starts the threads. Call it once.
  void Start();

  // Cancels all requested work with UNAVAILABLE. Does not wait.
  void BeginStop();

  // Looks at all models once, as the thread does each second. For tests, which pass in the time.
  void Look(std::chrono::steady_clock::time_point now,
            std::chrono::system_clock::time_point wall_clock);

  // The status of all models as of the last look.
  Status MakeStatus() const;

  // The baseline in force for a version (its number or a label; empty for the default). NOT_FOUND
  // for an unknown model or version, UNAVAILABLE if it is not ready, FAILED_PRECONDITION if it has
  // no baseline, RESOURCE_EXHAUSTED if memory is short. Takes time proportional to the baseline's
  // size.
  absl::StatusOr<VersionBaseline> BaselineOf(const std::string& model,
                                             const std::string& version) const;

  // Makes a baseline from rows that are known to be good. Errors:
  //
  // - NOT_FOUND and UNAVAILABLE as above; UNAVAILABLE also once this object stops
  // - INVALID_ARGUMENT: the rows do not fit the network or are too few
  // - RESOURCE_EXHAUSTED: more than kMaxCalibrationBytes, another request is already waiting, or
  //   memory is short
  // - CANCELLED: `cancelled` returned true
  // - ABORTED: the baseline was to be installed, but another load serves the version by now
  void Calibrate(CalibrationRequest request, Done done);

  // Makes windows of the version its reference from now on: the remedy if correlated traffic causes
  // alarms. The windows are spread over the time since its baseline came into force. Errors as for
  // Calibrate, except that ABORTED means another baseline came into force meanwhile.
  // FAILED_PRECONDITION if there is no baseline, if there are too few windows so far, or right
  // after a load.
  void AcceptWindows(const std::string& model, const std::string& version, Done done);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_INSIGHT_H_
