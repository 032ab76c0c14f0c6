// Connections that were closed as soon as they had come: mlp_refused_connections_total, by the
// reason.

#ifndef MLP_SERVER_OBSERVE_REFUSED_CONNECTIONS_H_
#define MLP_SERVER_OBSERVE_REFUSED_CONNECTIONS_H_

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace mlp {

// Thread-safe.
class RefusedConnections final {
 public:
  // The registry must outlive this.
  explicit RefusedConnections(prometheus::Registry& registry);

  void CountTooMany() { too_many_.Increment(); }
  void CountTooManyOfAnOrigin() { too_many_of_an_origin_.Increment(); }
  void CountNoDescriptor() { no_descriptor_.Increment(); }

 private:
  prometheus::Family<prometheus::Counter>& family_;
  prometheus::Counter& too_many_;
  prometheus::Counter& too_many_of_an_origin_;
  prometheus::Counter& no_descriptor_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_REFUSED_CONNECTIONS_H_
