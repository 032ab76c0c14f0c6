#include "server/observe/http_server.h"

#include <civetweb.h>

#include <array>
#include <chrono>
#include <cstring>
#include <future>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

constexpr char kText[] = "text/plain; charset=utf-8";
// The version is part of the type: Prometheus chooses its parser by it.
constexpr char kMetricsText[] = "text/plain; version=0.0.4; charset=utf-8";

int Answer(mg_connection* connection, int code, const char* reason, const char* type,
           const std::string& body) {
  const bool head = std::strcmp(mg_get_request_info(connection)->request_method, "HEAD") == 0;
  mg_printf(connection,
            "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
            "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
            code, reason, type, body.size());
  if (!head) mg_write(connection, body.data(), body.size());
  return code;
}

// Answers what is neither GET nor HEAD, and any path below the one handled. True where it did.
bool Refused(mg_connection* connection, absl::string_view path) {
  const mg_request_info* request = mg_get_request_info(connection);
  const absl::string_view method = request->request_method;
  if (method != "GET" && method != "HEAD") {
    Answer(connection, 405, "Method Not Allowed", kText, "only GET and HEAD are served here\n");
    return true;
  }
  if (request->local_uri == nullptr || request->local_uri != path) {
    Answer(connection, 404, "Not Found", kText, "there are /live, /ready and /metrics\n");
    return true;
  }
  return false;
}

int AnswerLive(mg_connection* connection, void* /*handlers*/) {
  if (Refused(connection, "/live")) return 1;
  return Answer(connection, 200, "OK", kText, "live\n");
}

int AnswerReady(mg_connection* connection, void* handlers) {
  if (Refused(connection, "/ready")) return 1;
  if (static_cast<const HttpHandlers*>(handlers)->ready()) {
    return Answer(connection, 200, "OK", kText, "ready\n");
  }
  return Answer(connection, 503, "Service Unavailable", kText, "not ready\n");
}

int AnswerMetrics(mg_connection* connection, void* handlers) {
  if (Refused(connection, "/metrics")) return 1;
  return Answer(connection, 200, "OK", kMetricsText,
                static_cast<const HttpHandlers*>(handlers)->metrics());
}

int NotFound(mg_connection* connection, void* /*handlers*/) {
  Refused(connection, "");
  return 1;
}

// civetweb writes its errors to standard error unless told otherwise; ours are in the status.
int DropMessage(const mg_connection* /*connection*/, const char* /*message*/) { return 1; }

}  // namespace

HttpServer::HttpServer(HttpHandlers handlers) : handlers_(std::move(handlers)) {}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& address,
                                                              HttpHandlers handlers) {
  // A comma would be a second address, a trailing letter an option of civetweb's.
  if (address.find_first_not_of("0123456789abcdefABCDEF.:[]") != std::string::npos ||
      !absl::StrContains(address, ':') || address.back() < '0' || address.back() > '9') {
    return absl::InvalidArgumentError(absl::StrCat(
        "HTTP address '", address, "'; expected a numeric host and a port, e.g. 0.0.0.0:8002"));
  }
  if (absl::StartsWith(address, "[") && mg_check_feature(MG_FEATURES_IPV6) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("HTTP address '", address,
                     "' is an IPv6 one, which the HTTP library here was built without; expected "
                     "IPv4, e.g. 0.0.0.0:8002"));
  }
  const char* options[] = {"listening_ports",
                           address.c_str(),
                           "num_threads",
                           "4",
                           "request_timeout_ms",
                           "5000",
                           "tcp_nodelay",
                           "1",
                           nullptr};
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(handlers)));
  mg_callbacks callbacks{};
  callbacks.log_message = DropMessage;
  server->context_ = mg_start(&callbacks, nullptr, options);
  if (server->context_ == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen for HTTP on ", address, ": is the port in use?"));
  }
  mg_server_port port{};
  if (mg_get_server_ports(server->context_, 1, &port) == 1) server->port_ = port.port;
  mg_set_request_handler(server->context_, "/live", AnswerLive, &server->handlers_);
  mg_set_request_handler(server->context_, "/ready", AnswerReady, &server->handlers_);
  mg_set_request_handler(server->context_, "/metrics", AnswerMetrics, &server->handlers_);
  mg_set_request_handler(server->context_, "/", NotFound, nullptr);
  return server;
}

HttpServer::~HttpServer() {
  if (context_ == nullptr) return;
  // civetweb looks whether it is to stop when a connection comes, or else every two seconds.
  const std::future<void> stopped = std::async(std::launch::async, mg_stop, context_);
  while (stopped.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready) {
    std::array<char, 128> error{};
    mg_connection* wake =
        mg_connect_client("127.0.0.1", port_, /*use_ssl=*/0, error.data(), error.size());
    if (wake != nullptr) mg_close_connection(wake);
  }
}

}  // namespace mlp
