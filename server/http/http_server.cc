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
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/http/authorization_values.h"
#include "server/http/held_connections.h"
#include "server/http/http_page.h"
#include "server/http/http_response.h"
#include "server/http/open_sockets.h"
#include "server/http/page_writer.h"
#include "server/sockets/listening_sockets.h"

namespace mlp {
namespace {

constexpr char kMetrics[] = "/metrics";

// An idle connection is closed after this time.
constexpr unsigned kSilentSeconds = 5;

// Memory for a connection's request headers and answer headers.
constexpr std::size_t kConnectionBytes = 8 << 10;

// Descriptors kept for probes when no others are left.
constexpr std::size_t kKeptDescriptors = 4;

// How often a new connection tries to get a place, and how long it waits each time.
constexpr int kLooksForPlace = 50;
constexpr std::chrono::milliseconds kWaitForPlace{10};

// How long a page may be sent before it has to give way to another.
constexpr std::chrono::seconds kLeastSendingTime{1};

int DescriptorOf(MHD_Connection* connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

// Chooses by all of the request's Accept headers, which count as one list.
MetricsFormat AskedFormat(MHD_Connection* connection) {
  std::string accepted;
  MHD_get_connection_values(
      connection, MHD_HEADER_KIND,
      [](void* list, MHD_ValueKind /*kind*/, const char* name, const char* value) -> MHD_Result {
        if (value == nullptr || !absl::EqualsIgnoreCase(name, MHD_HTTP_HEADER_ACCEPT)) {
          return MHD_YES;
        }
        try {
          absl::StrAppend(static_cast<std::string*>(list), value, ",");
          return MHD_YES;
        } catch (const std::bad_alloc&) {
          return MHD_NO;  // the headers so far decide
        }
      },
      &accepted);
  return ChooseMetricsFormat(accepted);
}

// At most a quarter of the descriptors; the others are for gRPC.
unsigned MostConnections(const HttpTls* tls) {
  const unsigned most =
      tls == nullptr ? HttpServer::kMostConnections : HttpServer::kMostTlsConnections;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return most;
  return static_cast<unsigned>(std::clamp<rlim_t>(limit.rlim_cur / 4, 8, most));
}

// Returns a function that writes the metrics and all other pages.
std::function<HttpPage(const PageTarget&)> WriterOf(HttpHandlers handlers) {
  return [metrics = std::move(handlers.metrics),
          page = std::move(handlers.page)](const PageTarget& target) {
    if (target.path != kMetrics) return page(target);
    return HttpPage{.type = ContentTypeOf(target.format), .text = metrics(target.format)};
  };
}

}  // namespace

class HttpServer::Daemon final {
 public:
  Daemon(HttpHandlers handlers, HttpTls* tls)
      : tls_(tls),
        ready_(std::move(handlers.ready)),
        closed_(std::move(handlers.closed)),
        admit_(std::move(handlers.admit)),
        has_pages_(handlers.page != nullptr),
        pages_(WriterOf(std::move(handlers)), 2 * kMostPages, MHD_resume_connection) {
    answers_.reserve(2 * std::size_t{kMostPages});
  }

  bool Start() {
    std::vector<MHD_OptionItem> options = HttpTls::DaemonOptions(tls_);
    daemon_ = MHD_start_daemon(
        HttpTls::DaemonFlags(tls_) | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
            MHD_ALLOW_SUSPEND_RESUME,
        /*port=*/0, nullptr, nullptr, &Daemon::OnRequest, this, MHD_OPTION_ARRAY, options.data(),
        MHD_OPTION_CONNECTION_TIMEOUT, kSilentSeconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        kConnectionBytes, MHD_OPTION_CONNECTION_LIMIT, HttpTls::kNoConnectionLimit,
        MHD_OPTION_NOTIFY_COMPLETED, &Daemon::OnCompleted, this, MHD_OPTION_NOTIFY_CONNECTION,
        &Daemon::OnConnection, this, MHD_OPTION_END);
    return daemon_ != nullptr;
  }

  ~Daemon() {
    // First resumes every connection that waits for a page.
    pages_.Stop();
    if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
  }

  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Takes ownership of `connection`.
  void Add(int connection) {
    // Computed each time, because the limit of descriptors may change.
    const unsigned most = MostConnections(tls_);
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (getpeername(connection, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      close(connection);
      return;
    }
    if (!TakesPlace(connection, most)) {
      close(connection);
      CountClosed(1);
      return;
    }
    // MHD closes a connection that it does not take.
    if (MHD_add_connection(daemon_, connection, reinterpret_cast<sockaddr*>(&address), size) !=
        MHD_YES) {
      held_.Release(connection);
    }
  }

  void CloseOverdue() { CountClosed(sockets_.CloseOverdue()); }
  void CloseOldest() { CountClosed(sockets_.CloseOldest()); }
  void CountClosed(int connections) const {
    if (closed_ && connections > 0) closed_(connections);
  }

 private:
  // MHD calls this when a request's head has arrived, and again for its body or when it is resumed.
  // `state` belongs to the request.
  static MHD_Result OnRequest(void* self, MHD_Connection* connection, const char* url,
                              const char* method, const char* /*version*/, const char* /*body*/,
                              std::size_t* /*body_bytes*/, void** state) {
    auto* const daemon = static_cast<Daemon*>(self);
    try {
      daemon->sockets_.RequestCame(DescriptorOf(connection));
      return daemon->AnswerTo(connection, url, method, state);
    } catch (const std::exception&) {
      // No exception may pass through MHD, which is written in C. MHD closes the connection.
      return MHD_NO;
    }
  }

  static void OnCompleted(void* self, MHD_Connection* connection, void** state,
                          MHD_RequestTerminationCode /*how*/) {
    auto* const daemon = static_cast<Daemon*>(self);
    daemon->sockets_.Answered(DescriptorOf(connection));
    auto* const request = static_cast<PageRequest*>(*state);
    *state = nullptr;
    if (request == nullptr) return;
    std::erase_if(daemon->answers_, [=](const auto& answer) { return answer.request == request; });
    delete request;
  }

  static void OnConnection(void* self, MHD_Connection* connection, void** context,
                           MHD_ConnectionNotificationCode what) {
    const int descriptor = DescriptorOf(connection);
    auto* const daemon = static_cast<Daemon*>(self);
    OpenSockets& sockets = daemon->sockets_;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      try {
        sockets.Add(descriptor);
        HttpTls::Begin(daemon->tls_, connection, context);
      } catch (const std::bad_alloc&) {
        shutdown(descriptor, SHUT_RDWR);  // otherwise nothing would limit its time
      }
    } else {
      sockets.Remove(descriptor);
      daemon->held_.Release(descriptor);
      HttpTls::End(context);
    }
  }

  // Connections that MHD has not begun cannot be shut down yet, and connections that were shut down
  // keep their places until MHD closes them. So this waits for MHD's thread; meanwhile, clients
  // wait in the listener's backlog.
  bool TakesPlace(int connection, unsigned most) {
    try {
      for (int i = 0; i < kLooksForPlace; ++i) {
        CountClosed(sockets_.MakeRoom(most));
        if (held_.Take(connection, most, kWaitForPlace)) return true;
      }
      return false;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  MHD_Result AnswerTo(MHD_Connection* connection, absl::string_view path, absl::string_view method,
                      void** state) {
    if (*state != nullptr) return SendPage(connection, *static_cast<PageRequest*>(*state));
    if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD) {
      return Answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are served here\n");
    }
    if (path == "/live") return Answer(connection, MHD_HTTP_OK, "live\n");
    if (path == "/ready") {
      const bool ready = ready_();
      return Answer(connection, ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                    ready ? "ready\n" : "not ready\n");
    }
    if (path == kMetrics || (has_pages_ && IsOfPages(path))) {
      switch (Admit(connection, path)) {
        case HttpAdmission::kGranted:
          return AskForPage(connection, path, state);
        case HttpAdmission::kUnknownCaller:
          return AskForPassword(connection,
                                "expected a token, sent as a bearer token or as a password\n");
        case HttpAdmission::kDenied:
          return Answer(connection, MHD_HTTP_FORBIDDEN, "the caller may not see this\n");
        case HttpAdmission::kUndecided:
          return Answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is out of memory\n");
      }
    }
    if (!has_pages_) {
      return Answer(connection, MHD_HTTP_NOT_FOUND,
                    "not found; expected /live, /ready or /metrics\n");
    }
    return Answer(connection, MHD_HTTP_NOT_FOUND,
                  "not found; expected /, /models/NAME, /status.json, /live, /ready or /metrics\n");
  }

  HttpAdmission Admit(MHD_Connection* connection, absl::string_view path) const {
    if (!admit_) return HttpAdmission::kGranted;
    const AuthorizationValues shown(connection);
    return admit_({path, shown.get(), PeerTextOf(DescriptorOf(connection))});
  }

  static bool IsOfPages(absl::string_view path) {
    return path == "/" || path == "/status.json" || absl::StartsWith(path, "/models/");
  }

  MHD_Result AskForPage(MHD_Connection* connection, absl::string_view path, void** state) {
    BreakOffSlowestAnswer();
    const char* const refresh =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "refresh");
    auto request = pages_.NewRequest(
        connection, {.path = std::string(path),
                     .refreshes = refresh == nullptr || absl::string_view(refresh) != "0",
                     .format = path == kMetrics ? AskedFormat(connection) : MetricsFormat::kText});
    if (request == nullptr) {
      return Answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too many requests for pages\n");
    }
    PageRequest* const asked = request.release();
    *state = asked;  // OnCompleted destroys it
    MHD_suspend_connection(connection);
    pages_.Ask(*asked);
    return MHD_YES;
  }

  MHD_Result SendPage(MHD_Connection* connection, const PageRequest& request) {
    if (request.page == nullptr) {
      return Answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                    "the page cannot be written: the server is stopping or out of memory\n");
    }
    answers_.push_back({&request, DescriptorOf(connection), Clock::now()});
    return AnswerPage(connection, request.page);
  }

  // If many clients do not read their pages, breaks one off so that others get theirs.
  void BreakOffSlowestAnswer() {
    if (answers_.size() < kMostPages) return;
    const auto slowest =
        std::find_if(answers_.begin(), answers_.end(), [](const auto& one) { return !one.ends; });
    if (slowest == answers_.end() || Clock::now() - slowest->since < kLeastSendingTime) return;
    slowest->ends = true;
    CountClosed(sockets_.Close(slowest->descriptor));
  }

  using Clock = std::chrono::steady_clock;

  // A page that is being sent.
  struct PageAnswer {
    const PageRequest* request;
    int descriptor;
    Clock::time_point since;
    bool ends = false;  // broken off
  };

  HttpTls* const tls_;
  const std::function<bool()> ready_;
  const std::function<void(int)> closed_;
  const std::function<HttpAdmission(const HttpCaller&)> admit_;
  OpenSockets sockets_;
  HeldConnections held_;
  std::vector<PageAnswer> answers_;  // oldest first; only for MHD's thread
  const bool has_pages_;
  PageWriter pages_;
  MHD_Daemon* daemon_ = nullptr;
};

HttpServer::HttpServer(std::unique_ptr<Listener> listener, std::unique_ptr<Daemon> daemon)
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
    auto owned = std::make_unique<Daemon>(std::move(handlers), tls);
    if (!owned->Start()) return too_little();
    std::unique_ptr<HttpServer> server(new HttpServer(*std::move(listener), std::move(owned)));
    Daemon* const daemon = server->daemon_.get();
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
