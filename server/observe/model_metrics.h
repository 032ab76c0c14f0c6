// The metrics of one served model version, with every series resolved when the model is loaded:
// serving looks up nothing by name.

#ifndef MLP_SERVER_OBSERVE_MODEL_METRICS_H_
#define MLP_SERVER_OBSERVE_MODEL_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace mlp {

// Requests counted by the code of their answer: mlp_requests_total.
class RequestCounters final {
 public:
  // `labels` are those beside `code`. The registry must outlive this; the series are shown as long
  // as this lives. `ending` says that the registry goes next, and must outlive this too: to remove
  // one of n series takes time in proportion to n, and to remove all of them with its square.
  RequestCounters(prometheus::Registry& registry, const std::map<std::string, std::string>& labels,
                  const bool& ending);
  ~RequestCounters();

  RequestCounters(const RequestCounters&) = delete;
  RequestCounters& operator=(const RequestCounters&) = delete;

  // Thread-safe. A code that no answer of ours has is counted as UNKNOWN.
  void Count(absl::StatusCode code);

 private:
  prometheus::Family<prometheus::Counter>& family_;
  const bool& ending_;
  std::vector<prometheus::Counter*> made_;
  std::array<prometheus::Counter*, 17> by_code_{};
};

// A histogram that is shown as long as this lives. Thread-safe.
class OwnedHistogram final {
 public:
  // The family must outlive this; `ending` is as RequestCounters has it.
  OwnedHistogram(prometheus::Family<prometheus::Histogram>& family,
                 const std::map<std::string, std::string>& labels,
                 const prometheus::Histogram::BucketBoundaries& bounds, const bool& ending)
      : family_(family), ending_(ending), histogram_(family.Add(labels, bounds)) {}
  ~OwnedHistogram() {
    if (!ending_) family_.Remove(&histogram_);
  }

  OwnedHistogram(const OwnedHistogram&) = delete;
  OwnedHistogram& operator=(const OwnedHistogram&) = delete;

  void Observe(double value) { histogram_.Observe(value); }

 private:
  prometheus::Family<prometheus::Histogram>& family_;
  const bool& ending_;
  prometheus::Histogram& histogram_;
};

// Thread-safe. The rows are counted by ActivityTotals.
class ModelMetrics final {
 public:
  // The registry must outlive this; `ending` is as RequestCounters has it.
  ModelMetrics(prometheus::Registry& registry, const std::string& model, const std::string& version,
               const bool& ending);

  void CountRequest(absl::StatusCode code) { requests_.Count(code); }
  void ObserveRequest(absl::Duration request_duration, absl::Duration queue_duration);
  void ObserveBatch(std::int64_t rows, absl::Duration compute_duration);

 private:
  RequestCounters requests_;
  OwnedHistogram request_duration_seconds_;
  OwnedHistogram queue_duration_seconds_;
  OwnedHistogram compute_duration_seconds_;
  OwnedHistogram batch_rows_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_MODEL_METRICS_H_
