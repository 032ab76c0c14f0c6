// Connections that were closed as soon as they had come: mlp_refused_connections_total, by the
// reason.

#ifndef MLP_SERVER_OBSERVE_REFUSED_CONNECTIONS_H_
#define MLP_SERVER_OBSERVE_REFUSED_CONNECTIONS_H_

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>

namespace mlp {

enum class ConnectionRefusal {
  kTooMany,             // as many are open as may
  kTooManyOfItsOrigin,  // as many are open from where it comes from as may
  kNoDescriptor,        // the process may open no more files
};
inline constexpr std::size_t kConnectionRefusals = 3;

// Thread-safe.
class RefusedConnections final {
 public:
  // The registry must outlive this.
  explicit RefusedConnections(prometheus::Registry& registry);

  void Count(ConnectionRefusal reason) { counters_[static_cast<std::size_t>(reason)]->Increment(); }

 private:
  std::array<prometheus::Counter*, kConnectionRefusals> counters_{};  // of the registry
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_REFUSED_CONNECTIONS_H_
