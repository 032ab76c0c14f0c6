#include "server/http/port_daemon.h"

#include <microhttpd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <utility>
#include <vector>

#include "server/http/mhd_connection.h"
#include "server/sockets/listening_sockets.h"

namespace mlp {
namespace {

// An idle connection is closed after this time.
constexpr unsigned kSilentSeconds = 5;

// Memory for a connection's request headers and answer headers.
constexpr std::size_t kConnectionBytes = 8 << 10;

// How often a new connection tries to get a place, and how long it waits each time.
constexpr int kLooksForPlace = 50;
constexpr std::chrono::milliseconds kWaitForPlace{10};

// At most a quarter of the descriptors; the others are for gRPC.
unsigned MostConnections(unsigned most) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return most;
  return static_cast<unsigned>(std::clamp<rlim_t>(limit.rlim_cur / 4, 8, most));
}

}  // namespace

PortDaemon::PortDaemon(HttpHandlers handlers, HttpTls* tls, const Limits& limits)
    : tls_(tls),
      limits_(limits),
      closed_(std::move(handlers.closed)),
      answers_(std::move(handlers), limits.pages,
               [this](int descriptor) { CountClosed(sockets_.Close(descriptor)); }) {}

PortDaemon::~PortDaemon() {
  answers_.Stop();
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

bool PortDaemon::Start() {
  const MHD_AccessHandlerCallback on_request =
      [](void* self, MHD_Connection* connection, const char* url, const char* method,
         const char* /*version*/, const char* /*body*/, std::size_t* /*body_bytes*/,
         void** state) -> MHD_Result {
    auto& daemon = *static_cast<PortDaemon*>(self);
    try {
      daemon.sockets_.RequestCame(DescriptorOf(connection));
      return daemon.answers_.AnswerTo(connection, url, method, state);
    } catch (const std::exception&) {
      // No exception may pass through MHD, which is written in C. MHD closes the connection.
      return MHD_NO;
    }
  };
  const MHD_RequestCompletedCallback on_completed =
      [](void* self, MHD_Connection* connection, void** state, MHD_RequestTerminationCode /*how*/) {
        auto& daemon = *static_cast<PortDaemon*>(self);
        daemon.sockets_.Answered(DescriptorOf(connection));
        daemon.answers_.End(state);
      };
  const MHD_NotifyConnectionCallback on_connection = [](void* self, MHD_Connection* connection,
                                                        void** context,
                                                        MHD_ConnectionNotificationCode what) {
    auto& daemon = *static_cast<PortDaemon*>(self);
    const int descriptor = DescriptorOf(connection);
    if (what != MHD_CONNECTION_NOTIFY_STARTED) {
      daemon.sockets_.Remove(descriptor);
      daemon.held_.Release(descriptor);
      HttpTls::End(context);
      return;
    }
    try {
      daemon.sockets_.Add(descriptor);
      HttpTls::Begin(daemon.tls_, connection, context);
    } catch (const std::bad_alloc&) {
      shutdown(descriptor, SHUT_RDWR);  // otherwise nothing would limit its time
    }
  };
  std::vector<MHD_OptionItem> options = HttpTls::DaemonOptions(tls_);
  daemon_ = MHD_start_daemon(HttpTls::DaemonFlags(tls_) | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
                                 MHD_ALLOW_SUSPEND_RESUME,
                             /*port=*/0, nullptr, nullptr, on_request, this, MHD_OPTION_ARRAY,
                             options.data(), MHD_OPTION_CONNECTION_TIMEOUT, kSilentSeconds,
                             MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes,
                             MHD_OPTION_CONNECTION_LIMIT, HttpTls::kNoConnectionLimit,
                             MHD_OPTION_NOTIFY_COMPLETED, on_completed, this,
                             MHD_OPTION_NOTIFY_CONNECTION, on_connection, this, MHD_OPTION_END);
  return daemon_ != nullptr;
}

void PortDaemon::Add(int connection) {
  // Computed each time, because the limit of descriptors may change.
  const unsigned most = MostConnections(limits_.connections);
  const SocketAddress peer = PeerOf(connection);
  if (peer.size == 0) {
    close(connection);
    return;
  }
  if (!TakesPlace(connection, most)) {
    close(connection);
    CountClosed(1);
    return;
  }
  // MHD closes a connection that it does not take.
  if (MHD_add_connection(daemon_, connection, reinterpret_cast<const sockaddr*>(&peer.storage),
                         peer.size) != MHD_YES) {
    held_.Release(connection);
  }
}

// Connections that MHD has not begun cannot be shut down yet, and connections that were shut down
// keep their places until MHD closes them. So this waits for MHD's thread; meanwhile, clients wait
// in the listener's backlog.
bool PortDaemon::TakesPlace(int connection, unsigned most) {
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

}  // namespace mlp
