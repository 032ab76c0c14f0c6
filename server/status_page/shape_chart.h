// The pre-activations of a layer against the tails of its activation, on the activation's own
// curve.

#ifndef MLP_SERVER_STATUS_PAGE_SHAPE_CHART_H_
#define MLP_SERVER_STATUS_PAGE_SHAPE_CHART_H_

#include <string>

#include "server/insight/status.h"

namespace mlp {

// A figure element with its caption; empty where the layer has no such sample. `number` tells this
// chart from the page's others. Thread-safe.
std::string ShapeChartHtml(const StatusLayer& layer, std::size_t number);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_SHAPE_CHART_H_
