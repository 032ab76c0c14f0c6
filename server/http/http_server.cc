#include "server/http/http_server.h"

#include <microhttpd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

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

// An answer of /metrics is sent for so long before it has to give way to another.
constexpr std::chrono::seconds kLeastSendingTime{1};

struct ResponseDeleter {
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using OwnedResponse = std::unique_ptr<MHD_Response, ResponseDeleter>;

// MHD takes bytes that it does not change as mutable ones.
void* BytesOf(absl::string_view text) {
  return const_cast<char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

// A response of text that stays.
OwnedResponse MakeResponse(absl::string_view text) {
  return OwnedResponse(
      MHD_create_response_from_buffer(text.size(), BytesOf(text), MHD_RESPMEM_PERSISTENT));
}

// A response of text that it shares with others.
OwnedResponse MakeResponse(const std::shared_ptr<const std::string>& text) {
  using Share = std::shared_ptr<const std::string>;
  auto share = std::make_unique<Share>(text);
  OwnedResponse response(MHD_create_response_from_buffer_with_free_callback_cls(
      text->size(), BytesOf(*text), [](void* held) { delete static_cast<Share*>(held); },
      share.get()));
  if (response != nullptr) static_cast<void>(share.release());
  return response;
}

// Without memory for the answer, the connection is closed.
MHD_Result Queue(MHD_Connection* connection, unsigned code, const OwnedResponse& response,
                 const char* type) {
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response.get(), MHD_HTTP_HEADER_CONTENT_TYPE, type);
  MHD_add_response_header(response.get(), MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  return MHD_queue_response(connection, code, response.get());
}

// `text` must stay.
MHD_Result Answer(MHD_Connection* connection, unsigned code, const char* text) {
  return Queue(connection, code, MakeResponse(text), kText);
}

int DescriptorOf(MHD_Connection* connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
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
      : ready_(std::move(handlers.ready)),
        closed_(std::move(handlers.closed)),
        metrics_(std::move(handlers.metrics), 2 * kMostMetrics, MHD_resume_connection) {
    answers_.reserve(2 * std::size_t{kMostMetrics});
  }

  bool Start() {
    daemon_ = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
            MHD_ALLOW_SUSPEND_RESUME,
        /*port=*/0, nullptr, nullptr, &Daemon::OnRequest, this, MHD_OPTION_CONNECTION_TIMEOUT,
        kSilentSeconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes,
        MHD_OPTION_CONNECTION_LIMIT, HttpServer::kMostConnections, MHD_OPTION_NOTIFY_COMPLETED,
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
    // The limit of descriptors may change.
    CountClosed(sockets_.MakeRoom(MostConnections()));
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (getpeername(connection, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      close(connection);
      return;
    }
    // It closes what it does not take.
    MHD_add_connection(daemon_, connection, reinterpret_cast<sockaddr*>(&address), size);
  }

  void CloseOverdue() { CountClosed(sockets_.CloseOverdue()); }
  void CloseOldest() { CountClosed(sockets_.CloseOldest()); }
  void CountClosed(int connections) const {
    if (closed_ && connections > 0) closed_(connections);
  }

 private:
  // MHD calls it once a request's head has come, and again for its body, or once it is resumed;
  // `state` is the request's own.
  static MHD_Result OnRequest(void* self, MHD_Connection* connection, const char* url,
                              const char* method, const char* /*version*/, const char* /*body*/,
                              std::size_t* /*body_bytes*/, void** state) {
    auto* const daemon = static_cast<Daemon*>(self);
    try {
      daemon->sockets_.RequestCame(DescriptorOf(connection));
      return daemon->AnswerTo(connection, url, method, state);
    } catch (const std::exception&) {
      // No exception may go through MHD, which is written in C. It closes the connection.
      return MHD_NO;
    }
  }

  static void OnCompleted(void* self, MHD_Connection* connection, void** state,
                          MHD_RequestTerminationCode /*how*/) {
    auto* const daemon = static_cast<Daemon*>(self);
    daemon->sockets_.Answered(DescriptorOf(connection));
    auto* const request = static_cast<MetricsRequest*>(*state);
    *state = nullptr;
    if (request == nullptr) return;
    std::erase_if(daemon->answers_, [=](const auto& answer) { return answer.request == request; });
    delete request;
  }

  static void OnConnection(void* self, MHD_Connection* connection, void** /*state*/,
                           MHD_ConnectionNotificationCode what) {
    const int descriptor = DescriptorOf(connection);
    OpenSockets& sockets = static_cast<Daemon*>(self)->sockets_;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      try {
        sockets.Add(descriptor);
      } catch (const std::bad_alloc&) {
        shutdown(descriptor, SHUT_RDWR);  // or nothing would watch its time
      }
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
    BreakOffSlowestAnswer();
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

  MHD_Result SendMetrics(MHD_Connection* connection, const MetricsRequest& request) {
    if (request.text == nullptr) {
      return Answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                    "there are no metrics: the server is stopping, or has too little memory\n");
    }
    answers_.push_back({&request, DescriptorOf(connection), Clock::now()});
    return Queue(connection, MHD_HTTP_OK, MakeResponse(request.text), kMetricsText);
  }

  // Where many do not read, so that others get the metrics too.
  void BreakOffSlowestAnswer() {
    if (answers_.size() < kMostMetrics) return;
    const auto slowest =
        std::find_if(answers_.begin(), answers_.end(), [](const auto& one) { return !one.ends; });
    if (slowest == answers_.end() || Clock::now() - slowest->since < kLeastSendingTime) return;
    slowest->ends = true;
    CountClosed(sockets_.Close(slowest->descriptor));
  }

  using Clock = std::chrono::steady_clock;

  // An answer of /metrics that is being sent.
  struct MetricsAnswer {
    const MetricsRequest* request;
    int descriptor;
    Clock::time_point since;
    bool ends = false;  // broken off
  };

  const std::function<bool()> ready_;
  const std::function<void(int)> closed_;
  OpenSockets sockets_;
  std::vector<MetricsAnswer> answers_;  // the oldest first; of MHD's thread alone
  MetricsWriter metrics_;
  MHD_Daemon* daemon_ = nullptr;
};

HttpServer::HttpServer(std::unique_ptr<Listener> listener, std::unique_ptr<Daemon> daemon)
    : daemon_(std::move(daemon)), listener_(std::move(listener)) {}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& address,
                                                              HttpHandlers handlers) {
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
    auto owned = std::make_unique<Daemon>(std::move(handlers));
    if (!owned->Start()) return too_little();
    std::unique_ptr<HttpServer> server(new HttpServer(*std::move(listener), std::move(owned)));
    Daemon* const daemon = server->daemon_.get();
    server->listener_->Start(
        [daemon](int /*listening*/, int connection) { daemon->Add(connection); },
        [daemon] { daemon->CountClosed(1); }, [daemon] { daemon->CloseOldest(); },
        [daemon] { daemon->CloseOverdue(); });
    return server;
  } catch (const std::system_error&) {  // there is no thread to be had
    return too_little();
  }
}

HttpServer::~HttpServer() { listener_->Stop(); }

}  // namespace mlp
