#include "server/http/http_server.h"

#include <cstddef>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/http/port_daemon.h"

namespace mlp {
namespace {

// Descriptors kept for probes when no others are left.
constexpr std::size_t kKeptDescriptors = 4;

}  // namespace

HttpServer::HttpServer(std::unique_ptr<Listener> listener, std::unique_ptr<PortDaemon> daemon)
    : daemon_(std::move(daemon)), listener_(std::move(listener)) {}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& address,
                                                              HttpHandlers handlers, HttpTls* tls) {
  absl::StatusOr<std::unique_ptr<Listener>> listener =
      Listener::Listen(address, {.kept = kKeptDescriptors});
  if (!listener.ok()) {
    return absl::UnavailableError(absl::StrCat("HTTP: ", listener.status().message()));
  }
  const auto too_little = [] {
    return absl::UnavailableError(
        "HTTP cannot be served: too few file descriptors, threads or memory are left");
  };
  try {
    auto owned = std::make_unique<PortDaemon>(
        std::move(handlers), tls,
        PortDaemon::Limits{.connections = tls == nullptr ? kMaxConnections : kMaxTlsConnections,
                           .pages = kMaxPages});
    if (!owned->Start()) return too_little();
    std::unique_ptr<HttpServer> server(new HttpServer(*std::move(listener), std::move(owned)));
    PortDaemon* const daemon = server->daemon_.get();
    server->listener_->Start(
        [daemon](int /*listening*/, int connection) { daemon->Add(connection); },
        [daemon] { daemon->CountClosed(1); }, [daemon] { daemon->CloseOldest(); },
        [daemon] { daemon->CloseOverdue(); });
    return server;
  } catch (const std::system_error&) {  // no thread could be created
    return too_little();
  }
}

HttpServer::~HttpServer() { listener_->Stop(); }

}  // namespace mlp
