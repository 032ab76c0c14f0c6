// The table of layers in `describe`, for a file's model and a server's model. Every function is
// thread-safe.

#ifndef MLP_CLIENT_LAYER_TABLE_H_
#define MLP_CLIENT_LAYER_TABLE_H_

#include <string>
#include <vector>

#include "client/layer_description.h"
#include "client/table.h"

namespace mlp {

// The columns of the table, and the cells of one layer.
std::vector<Table::Column> LayerColumns();
std::vector<std::string> LayerCells(const LayerDescription& layer);

}  // namespace mlp

#endif  // MLP_CLIENT_LAYER_TABLE_H_
