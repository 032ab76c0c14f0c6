// A chart of a layer's pre-activations with the tails and the curve of its activation.

#ifndef MLP_SERVER_STATUS_PAGE_SHAPE_CHART_H_
#define MLP_SERVER_STATUS_PAGE_SHAPE_CHART_H_

#include <string>

#include "server/insight/status.h"

namespace mlp {

// A figure element with its caption; empty if the layer has no sample. `number` must differ between
// the charts of a page. Thread-safe.
std::string ShapeChartHtml(const StatusLayer& layer, std::size_t number);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_SHAPE_CHART_H_
