// What `describe` says of the layers of a model, of a file and of a server's model alike. Every
// function is thread-safe.

#ifndef MLP_CLIENT_LAYER_TABLE_H_
#define MLP_CLIENT_LAYER_TABLE_H_

#include <string>
#include <vector>

#include "client/layer_description.h"
#include "client/table.h"

namespace mlp {

// The columns of the table of layers, and a layer's cells for them.
std::vector<Table::Column> LayerColumns();
std::vector<std::string> LayerCells(const LayerDescription& layer);

}  // namespace mlp

#endif  // MLP_CLIENT_LAYER_TABLE_H_
