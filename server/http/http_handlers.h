// The functions that answer the HTTP port's paths.

#ifndef MLP_SERVER_HTTP_HTTP_HANDLERS_H_
#define MLP_SERVER_HTTP_HTTP_HANDLERS_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/http/http_page.h"
#include "server/http/metrics_format.h"

namespace mlp {

// A client that asks for metrics or a page.
struct HttpCaller {
  absl::string_view path;                             // percent-decoded
  absl::Span<const absl::string_view> authorization;  // all values of that header
  absl::string_view from;                             // the client's address
};

// Whether it is admitted.
enum class HttpAdmission {
  kGranted,
  kUnknownCaller,  // 401
  kDenied,         // 403
  kUndecided,      // 503: out of memory
};

// The functions that answer the paths.
struct HttpHandlers {
  std::function<bool()> ready;  // 200 or 503 at /ready; called on the serving thread
  // Returns the text of /metrics, in the format that the request's Accept header asks for. Called
  // on the writing thread.
  std::function<std::string(MetricsFormat)> metrics;
  // Answers /, /status.json and every path that begins with /models/. Called on the writing thread.
  // May be empty; these paths then return 404.
  std::function<HttpPage(const PageTarget&)> page;
  // Decides whether to admit a request for metrics or a page. Called on the serving thread. May be
  // empty; then all are admitted. /live and /ready are open to everyone.
  std::function<HttpAdmission(const HttpCaller&)> admit;
  // Called, on any thread, with the number of connections that the server has closed before their
  // clients did, for lack of room, time or a descriptor. May be empty.
  std::function<void(int)> closed;
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_HTTP_HANDLERS_H_
