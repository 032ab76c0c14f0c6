// The formats of /metrics, and which of them a request asks for.

#ifndef MLP_SERVER_HTTP_METRICS_FORMAT_H_
#define MLP_SERVER_HTTP_METRICS_FORMAT_H_

#include "absl/strings/string_view.h"

namespace mlp {

enum class MetricsFormat {
  kText,         // Prometheus' own, version 0.0.4
  kOpenMetrics,  // version 1.0.0
};

// The value of Content-Type. The version is part of it: Prometheus chooses its parser by that.
const char* ContentTypeOf(MetricsFormat format);

// What a client gets that accepts `accept` (RFC 9110, 12.5.1): OpenMetrics where that is named, in
// version 1.0.0 or in none, with a weight no less than that of plain text; text in every other
// case, also where nothing that is accepted can be had. Entries of a wrong form count as if they
// were not there.
MetricsFormat ChooseMetricsFormat(absl::string_view accept);

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_METRICS_FORMAT_H_
