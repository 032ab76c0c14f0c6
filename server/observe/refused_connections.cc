#include "server/observe/refused_connections.h"

namespace mlp {

RefusedConnections::RefusedConnections(prometheus::Registry& registry) {
  auto& family =
      prometheus::BuildCounter()
          .Name("mlp_refused_connections_total")
          .Help("Connections that were closed before a call could come by them, by the reason.")
          .Register(registry);
  constexpr std::array<const char*, kConnectionRefusals> kNames = {"total", "address",
                                                                   "descriptors", "handshake"};
  for (std::size_t i = 0; i < kNames.size(); ++i)
    counters_[i] = &family.Add({{"reason", kNames[i]}});
}

}  // namespace mlp
