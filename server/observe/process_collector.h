// The process_* metrics that Prometheus' own client libraries export, read from /proc at each
// scrape.

#ifndef MLP_SERVER_OBSERVE_PROCESS_COLLECTOR_H_
#define MLP_SERVER_OBSERVE_PROCESS_COLLECTOR_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace mlp {

// Thread-safe. Omits what cannot be read.
class ProcessCollector final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_PROCESS_COLLECTOR_H_
