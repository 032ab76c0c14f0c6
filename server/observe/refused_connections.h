// Counts connections that were closed before they could make a call: mlp_refused_connections_total,
// by reason.

#ifndef MLP_SERVER_OBSERVE_REFUSED_CONNECTIONS_H_
#define MLP_SERVER_OBSERVE_REFUSED_CONNECTIONS_H_

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>

namespace mlp {

enum class ConnectionRefusal {
  kTooMany,             // the limit of open connections is reached
  kTooManyOfItsOrigin,  // the limit of open connections from its origin is reached
  kNoDescriptor,        // the process is out of file descriptors
  kHandshake,           // it did not speak HTTP/2, or did not acknowledge the settings in time
};
inline constexpr std::size_t kConnectionRefusals = 4;

// Thread-safe.
class RefusedConnections final {
 public:
  // The registry must outlive this.
  explicit RefusedConnections(prometheus::Registry& registry);

  void Count(ConnectionRefusal reason) { counters_[static_cast<std::size_t>(reason)]->Increment(); }

 private:
  std::array<prometheus::Counter*, kConnectionRefusals> counters_{};  // owned by the registry
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_REFUSED_CONNECTIONS_H_
