// The process_* metrics that Prometheus' own client libraries export, read from /proc at the time
// of a scrape.

#ifndef MLP_SERVER_OBSERVE_PROCESS_COLLECTOR_H_
#define MLP_SERVER_OBSERVE_PROCESS_COLLECTOR_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace mlp {

// Thread-safe. What cannot be read is left out.
class ProcessCollector final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_PROCESS_COLLECTOR_H_
