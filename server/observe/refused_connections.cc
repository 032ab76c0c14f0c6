#include "server/observe/refused_connections.h"

namespace mlp {

RefusedConnections::RefusedConnections(prometheus::Registry& registry) {
  auto& family = prometheus::BuildCounter()
                     .Name("mlp_refused_connections_total")
                     .Help("Connections closed before they could carry a call, by reason.")
                     .Register(registry);
  constexpr std::array<const char*, kConnectionRefusals> kNames = {"total", "address",
                                                                   "descriptors", "handshake"};
  for (std::size_t i = 0; i < kNames.size(); ++i)
    counters_[i] = &family.Add({{"reason", kNames[i]}});
}

}  // namespace mlp
