// Pages of the HTTP port that take a while to write.

#ifndef MLP_SERVER_HTTP_HTTP_PAGE_H_
#define MLP_SERVER_HTTP_HTTP_PAGE_H_

#include <string>

#include "server/http/metrics_format.h"

namespace mlp {

// The page that a client asks for. Requests waiting for equal targets share one page.
struct PageTarget {
  std::string path;       // percent-decoded, without the query
  bool refreshes = true;  // false with ?refresh=0: the page does not update itself
  MetricsFormat format = MetricsFormat::kText;  // of /metrics

  friend bool operator==(const PageTarget&, const PageTarget&) = default;
};

struct HttpPage {
  unsigned code = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string policy = "default-src 'none'";  // Content-Security-Policy
  std::string challenge = {};                 // WWW-Authenticate; empty: none
  std::string text;
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_HTTP_PAGE_H_
