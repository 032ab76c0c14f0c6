// The rows and the activation-saturation metrics of every served model, made at the time of a
// scrape from the totals that serving adds to: on one page, the counters of a model agree with each
// other. Definitions: docs/saturation.md.

#ifndef MLP_SERVER_OBSERVE_ACTIVITY_COLLECTOR_H_
#define MLP_SERVER_OBSERVE_ACTIVITY_COLLECTOR_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "model/network.h"
#include "server/observe/activity_totals.h"

namespace mlp {

// Thread-safe.
class ActivityCollector final : public prometheus::Collectable {
 public:
  explicit ActivityCollector(double saturation_epsilon) : saturation_epsilon_(saturation_epsilon) {}

  void Add(std::string model, std::string version, std::shared_ptr<const Network> network,
           std::shared_ptr<ActivityTotals> totals) ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<prometheus::MetricFamily> Collect() const override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Source {
    std::string model;
    std::string version;
    std::shared_ptr<const Network> network;
    std::shared_ptr<ActivityTotals> totals;
  };

  const double saturation_epsilon_;
  mutable std::mutex mutex_;
  std::vector<Source> sources_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_ACTIVITY_COLLECTOR_H_
