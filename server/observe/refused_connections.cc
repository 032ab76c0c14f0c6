#include "server/observe/refused_connections.h"

namespace mlp {

RefusedConnections::RefusedConnections(prometheus::Registry& registry)
    : family_(prometheus::BuildCounter()
                  .Name("mlp_refused_connections_total")
                  .Help("Connections that were closed as soon as they had come, by the reason.")
                  .Register(registry)),
      too_many_(family_.Add({{"reason", "total"}})),
      too_many_of_an_origin_(family_.Add({{"reason", "address"}})),
      no_descriptor_(family_.Add({{"reason", "descriptors"}})) {}

}  // namespace mlp
