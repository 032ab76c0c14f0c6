#include "server/http/http_server.h"

#include <microhttpd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/http/metrics_writer.h"
#include "server/http/open_sockets.h"

namespace mlp {
namespace {

constexpr char kText[] = "text/plain; charset=utf-8";
// The version is part of the type: Prometheus chooses its parser by it.
constexpr char kMetricsText[] = "text/plain; version=0.0.4; charset=utf-8";

// A connection on which nothing moves is closed after this.
constexpr unsigned kSilentSeconds = 5;

// Of one connection's headers and answer's head.
constexpr std::size_t kConnectionBytes = 8 << 10;

// Descriptors that probes can still have when the others are all taken.
constexpr std::size_t kKeptDescriptors = 4;

struct ResponseDeleter {
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using OwnedResponse = std::unique_ptr<MHD_Response, ResponseDeleter>;

OwnedResponse MakeResponse(const std::string& body, const char* type) {
  // MHD takes bytes that it copies as mutable ones.
  OwnedResponse response(MHD_create_response_from_buffer(
      body.size(), const_cast<char*>(body.data()),  // NOLINT(cppcoreguidelines-pro-type-const-cast)
      MHD_RESPMEM_MUST_COPY));
  if (response != nullptr) {
    MHD_add_response_header(response.get(), MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response.get(), MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  }
  return response;
}

MHD_Result Answer(MHD_Connection* connection, unsigned code, const std::string& body,
                  const char* type = kText) {
  const OwnedResponse response = MakeResponse(body, type);
  // Without memory for the answer, the connection is closed.
  return response == nullptr ? MHD_NO : MHD_queue_response(connection, code, response.get());
}

// A quarter of the descriptors at most: the others are gRPC's.
unsigned MostConnections() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return HttpServer::kMostConnections;
  return static_cast<unsigned>(
      std::clamp<rlim_t>(limit.rlim_cur / 4, 8, HttpServer::kMostConnections));
}

}  // namespace

class HttpServer::Daemon final {
 public:
  explicit Daemon(HttpHandlers handlers)
      : ready_(std::move(handlers.ready)), metrics_(std::move(handlers.metrics), kMostMetrics) {}

  bool Start() {
    daemon_ = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
            MHD_ALLOW_SUSPEND_RESUME,
        /*port=*/0, nullptr, nullptr, &Daemon::OnRequest, this, MHD_OPTION_CONNECTION_TIMEOUT,
        kSilentSeconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes,
        MHD_OPTION_CONNECTION_LIMIT, most_connections_, MHD_OPTION_NOTIFY_COMPLETED,
        &Daemon::OnCompleted, this, MHD_OPTION_NOTIFY_CONNECTION, &Daemon::OnConnection, this,
        MHD_OPTION_END);
    return daemon_ != nullptr;
  }

  ~Daemon() {
    // Every connection that waits for metrics is resumed before.
    metrics_.Stop();
    if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
  }

  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Takes over `connection`, which it closes.
  void Add(int connection) {
    sockets_.MakeRoom(most_connections_);
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (getpeername(connection, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      close(connection);
      return;
    }
    // It closes what it does not take.
    MHD_add_connection(daemon_, connection, reinterpret_cast<sockaddr*>(&address), size);
  }

 private:
  // MHD calls it once a request's head has come, and again for its body, or once it is resumed;
  // `state` is the request's own.
  static MHD_Result OnRequest(void* self, MHD_Connection* connection, const char* url,
                              const char* method, const char* /*version*/, const char* /*body*/,
                              std::size_t* /*body_bytes*/, void** state) {
    return static_cast<Daemon*>(self)->AnswerTo(connection, url, method, state);
  }

  static void OnCompleted(void* /*self*/, MHD_Connection* /*connection*/, void** state,
                          MHD_RequestTerminationCode /*how*/) {
    delete static_cast<MetricsRequest*>(*state);
    *state = nullptr;
  }

  static void OnConnection(void* self, MHD_Connection* connection, void** /*state*/,
                           MHD_ConnectionNotificationCode what) {
    const int descriptor =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    OpenSockets& sockets = static_cast<Daemon*>(self)->sockets_;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      sockets.Add(descriptor);
    } else {
      sockets.Remove(descriptor);
    }
  }

  MHD_Result AnswerTo(MHD_Connection* connection, absl::string_view path, absl::string_view method,
                      void** state) {
    if (*state != nullptr) return SendMetrics(connection, *static_cast<MetricsRequest*>(*state));
    if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD) {
      return Answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are served here\n");
    }
    if (path == "/live") return Answer(connection, MHD_HTTP_OK, "live\n");
    if (path == "/ready") {
      const bool ready = ready_();
      return Answer(connection, ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                    ready ? "ready\n" : "not ready\n");
    }
    if (path == "/metrics") return AskForMetrics(connection, state);
    return Answer(connection, MHD_HTTP_NOT_FOUND, "there are /live, /ready and /metrics\n");
  }

  MHD_Result AskForMetrics(MHD_Connection* connection, void** state) {
    auto request = metrics_.NewRequest(connection);
    if (request == nullptr) {
      return Answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too many ask for the metrics\n");
    }
    MetricsRequest* const asked = request.release();
    *state = asked;  // OnCompleted destroys it
    MHD_suspend_connection(connection);
    metrics_.Ask(*asked);
    return MHD_YES;
  }

  static MHD_Result SendMetrics(MHD_Connection* connection, const MetricsRequest& request) {
    if (request.text == nullptr) {
      return Answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is stopping\n");
    }
    return Answer(connection, MHD_HTTP_OK, *request.text, kMetricsText);
  }

  const std::function<bool()> ready_;
  const unsigned most_connections_ = MostConnections();
  OpenSockets sockets_;
  MetricsWriter metrics_;
  MHD_Daemon* daemon_ = nullptr;
};

HttpServer::HttpServer(std::unique_ptr<Listener> listener, std::unique_ptr<Daemon> daemon)
    : daemon_(std::move(daemon)), listener_(std::move(listener)) {}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& address,
                                                              HttpHandlers handlers) {
  absl::StatusOr<std::unique_ptr<Listener>> listener = Listener::Listen(address, kKeptDescriptors);
  if (!listener.ok()) {
    return absl::UnavailableError(absl::StrCat("HTTP: ", listener.status().message()));
  }
  auto daemon = std::make_unique<Daemon>(std::move(handlers));
  if (!daemon->Start()) {
    return absl::UnavailableError(
        "HTTP cannot be served: too few file descriptors, threads or memory are left");
  }
  std::unique_ptr<HttpServer> server(new HttpServer(*std::move(listener), std::move(daemon)));
  server->listener_->Start([daemon = server->daemon_.get()](
                               int /*listening*/, int connection) { daemon->Add(connection); },
                           [] {});
  return server;
}

HttpServer::~HttpServer() { listener_->Stop(); }

}  // namespace mlp
