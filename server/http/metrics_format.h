// The formats of /metrics, and how a request chooses one.

#ifndef MLP_SERVER_HTTP_METRICS_FORMAT_H_
#define MLP_SERVER_HTTP_METRICS_FORMAT_H_

#include "absl/strings/string_view.h"

namespace mlp {

enum class MetricsFormat {
  kText,         // Prometheus' text format, version 0.0.4
  kOpenMetrics,  // version 1.0.0
};

// The value of Content-Type. It includes the version, by which Prometheus chooses its parser.
const char* ContentTypeOf(MetricsFormat format);

// The format for a client that sends the header `Accept: <accept>` (RFC 9110, 12.5.1). OpenMetrics
// if it is named, in version 1.0.0 or without a version, with a weight no less than that of plain
// text; otherwise text, even if the client accepts neither. Malformed entries are ignored.
MetricsFormat ChooseMetricsFormat(absl::string_view accept);

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_METRICS_FORMAT_H_
