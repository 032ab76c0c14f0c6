#include "server/rest/rest_server.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/rest/client_disconnects.h"
#include "server/rest/connection_times.h"
#include "server/rest/http_daemon.h"
#include "server/rpc/open_connections.h"
#include "server/sockets/listener.h"
#include "server/sockets/listening_sockets.h"

namespace mlp {
namespace {

// As many as gRPC's listener leaves.
constexpr std::size_t kDescriptorsLeftByRest = 16;

int MostRestConnections(const ConnectionLimits& limits) {
  int most = RestServer::kMaxConnections;
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    most = static_cast<int>(
        std::clamp<rlim_t>(descriptors.rlim_cur / 4, 8, RestServer::kMaxConnections));
  }
  return limits.connections > 0 ? std::min(most, limits.connections) : most;
}

HttpTimes TimesOf(const RestServerOptions& options) {
  const int idle = options.connections.idle_seconds;
  return {RestServer::kFirstRequest,
          idle > 0 ? std::min(std::chrono::seconds(idle), RestServer::kNextRequest)
                   : RestServer::kNextRequest,
          RestServer::kBodyTime, RestServer::kBodyBytesPerSecond,
          std::chrono::seconds(options.answer_timeout_seconds)};
}

}  // namespace

class RestServer::Impl final {
 public:
  Impl(const RestServerOptions& options, Parts parts, std::unique_ptr<Listener> listener,
       std::unique_ptr<ConnectionTimes> times, std::unique_ptr<ClientDisconnects> disconnects)
      : refused_(parts.metrics.refused_connections()),
        closed_(std::move(parts.closed)),
        open_(MostRestConnections(options.connections),
              options.connections.connections_of_an_address),
        services_{parts.models,
                  parts.inference,
                  parts.answers,
                  parts.metrics,
                  parts.requests,
                  parts.gate,
                  ControlAnswers(parts.models, parts.manager, parts.log, std::move(parts.ready),
                                 options.allow_model_files),
                  options.limits},
        times_(std::move(times)),
        disconnects_(std::move(disconnects)),
        shared_{services_, *times_, *disconnects_, TimesOf(options), parts.tls},
        listener_(std::move(listener)) {}

  bool Begin(const RestServerOptions& options) {
    for (int i = 0; i < options.threads; ++i) {
      daemons_.push_back(HttpDaemon::Start(shared_));
      if (daemons_.back() == nullptr) return false;
    }
    listener_->Start([this](int /*listening*/, int connection) { Take(connection); },
                     [this] { refused_.Count(ConnectionRefusal::kNoDescriptor); }, {},
                     [this] { CloseOverdue(); });
    return true;
  }

  const Listener& listener() const { return *listener_; }
  void BeginStop() { shared_.closing = true; }

  void Stop(Clock::time_point deadline) {
    shared_.closing = true;
    listener_->Stop();
    while (services_.exchanges.load() > 0 && Clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    daemons_.clear();
  }

 private:
  // Called on the listener's thread.
  void Take(int connection) {
    const SocketAddress peer = PeerOf(connection);
    if (peer.size == 0) {
      close(connection);  // the client has gone already
      return;
    }
    const std::optional<ConnectionRefusal> refusal =
        open_.Add(connection, ConnectionOrigin(peer.storage), Clock::now());
    if (refusal) {
      refused_.Count(*refusal);
      close(connection);
      return;
    }
    daemons_[next_++ % daemons_.size()]->Add(connection);
  }

  void CloseOverdue() {
    const int closed = times_->CloseOverdue(/*is_short=*/services_.answers.IsHalfHeld());
    if (closed > 0 && closed_) closed_(closed);
  }

  RefusedConnections& refused_;
  const std::function<void(int)> closed_;
  OpenConnections open_;
  RestServices services_;
  std::unique_ptr<ConnectionTimes> times_;
  std::unique_ptr<ClientDisconnects> disconnects_;
  HttpShared shared_;
  std::vector<std::unique_ptr<HttpDaemon>> daemons_;
  std::size_t next_ = 0;
  std::unique_ptr<Listener> listener_;  // destroyed first: it hands connections to the daemons
};

absl::StatusOr<std::unique_ptr<RestServer>> RestServer::Start(const RestServerOptions& options,
                                                              Parts parts) {
  absl::StatusOr<std::unique_ptr<Listener>> listener =
      Listener::Listen(options.address, {.left = kDescriptorsLeftByRest});
  if (!listener.ok()) {
    return absl::UnavailableError(absl::StrCat("REST: ", listener.status().message()));
  }
  LocalInference& inference = parts.inference;
  auto times = std::make_unique<ConnectionTimes>();
  ConnectionTimes& disconnect_times = *times;
  absl::StatusOr<std::unique_ptr<ClientDisconnects>> disconnects = ClientDisconnects::Start(
      {[&disconnect_times](int descriptor) { disconnect_times.SetDisconnected(descriptor); },
       [&inference](LocalInference::Ticket ticket) { inference.Cancel(ticket); }});
  if (!disconnects.ok())
    return absl::UnavailableError(absl::StrCat("REST: ", disconnects.status().message()));
  try {
    auto impl = std::make_unique<Impl>(options, std::move(parts), *std::move(listener),
                                       std::move(times), *std::move(disconnects));
    std::unique_ptr<RestServer> server(new RestServer(std::move(impl)));
    if (server->impl_->Begin(options)) return server;
  } catch (const std::system_error&) {
    // No thread could be created.
  }
  return absl::UnavailableError(
      "REST cannot be served: too few file descriptors, threads or memory are left");
}

RestServer::RestServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RestServer::~RestServer() { Stop(Clock::now()); }

int RestServer::port() const { return impl_->listener().port(); }

std::string RestServer::addresses() const { return impl_->listener().addresses(); }

void RestServer::BeginStop() { impl_->BeginStop(); }

void RestServer::Stop(Clock::time_point deadline) { impl_->Stop(deadline); }

}  // namespace mlp
