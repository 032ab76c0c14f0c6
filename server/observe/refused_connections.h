// Connections that were closed before a call could come by them: mlp_refused_connections_total, by
// the reason.

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
  kHandshake,           // it spoke no HTTP/2, or did not acknowledge the settings in time
};
inline constexpr std::size_t kConnectionRefusals = 4;

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
