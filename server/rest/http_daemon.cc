#include "server/rest/http_daemon.h"

#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <exception>
#include <new>
#include <utility>
#include <vector>

#include "server/http/mhd_connection.h"
#include "server/rest/http_request.h"
#include "server/sockets/listening_sockets.h"

namespace mlp {
namespace {

// Memory for a connection's request headers and answer headers, and for each read of a body.
constexpr std::size_t kRestConnectionBytes = 32 << 10;

// ParseRestPath decodes paths part by part.
std::size_t LeaveAsItIs(void* /*self*/, MHD_Connection* /*connection*/, char* text) {
  return std::strlen(text);
}

}  // namespace

// The library is written in C: no exception may leave its callbacks.
std::unique_ptr<HttpDaemon> HttpDaemon::Start(HttpShared& shared) {
  std::unique_ptr<HttpDaemon> daemon(new HttpDaemon(shared));
  const MHD_AccessHandlerCallback on_request =
      [](void* self, MHD_Connection* connection, const char* url, const char* method,
         const char* /*version*/, const char* body, std::size_t* body_bytes,
         void** state) -> MHD_Result {
    HttpShared& shared_state = static_cast<HttpDaemon*>(self)->shared_;
    auto* request = static_cast<HttpRequest*>(*state);
    bool within_body = false;
    try {
      if (request == nullptr) {
        *state = request = new HttpRequest(shared_state, connection);  // on_completed destroys it
        return request->ReadHead(method, url);
      }
      if (*body_bytes == 0) return request->EndBody();
      within_body = true;
      return request->ReadBody({body, std::exchange(*body_bytes, 0)});
    } catch (const std::bad_alloc&) {
      // Within a body, no answer can be sent.
      if (request == nullptr || within_body) return MHD_NO;
    } catch (const std::exception&) {
      return MHD_NO;
    }
    try {
      return request->SendTooLittleMemory();
    } catch (const std::exception&) {
      return MHD_NO;
    }
  };
  const MHD_RequestCompletedCallback on_completed = [](void* /*self*/,
                                                       MHD_Connection* /*connection*/, void** state,
                                                       MHD_RequestTerminationCode /*how*/) {
    const std::unique_ptr<HttpRequest> request(
        static_cast<HttpRequest*>(std::exchange(*state, nullptr)));
    if (request == nullptr) return;
    try {
      request->Complete();
    } catch (const std::bad_alloc&) {
      // There was no memory for the connection's first deadline either, so it is shut down.
    }
  };
  const MHD_NotifyConnectionCallback on_connection = [](void* self, MHD_Connection* connection,
                                                        void** context,
                                                        MHD_ConnectionNotificationCode what) {
    HttpShared& shared_state = static_cast<HttpDaemon*>(self)->shared_;
    const int descriptor = DescriptorOf(connection);
    if (what != MHD_CONNECTION_NOTIFY_STARTED) {
      shared_state.disconnects.Forget(descriptor);
      shared_state.times.Remove(descriptor);
      HttpTls::End(context);
      return;
    }
    try {
      shared_state.times.Set(
          descriptor, {.at = ConnectionTimes::Clock::now() + shared_state.limits.first_request,
                       .is_reading = true});
      shared_state.disconnects.Watch(descriptor);
      HttpTls::Begin(shared_state.tls, connection, context);
    } catch (const std::bad_alloc&) {
      shutdown(descriptor, SHUT_RDWR);  // otherwise nothing would limit its time
    }
  };
  std::vector<MHD_OptionItem> options = HttpTls::DaemonOptions(shared.tls);
  daemon->daemon_ = MHD_start_daemon(
      HttpTls::DaemonFlags(shared.tls) | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
          MHD_ALLOW_SUSPEND_RESUME,
      /*port=*/0, nullptr, nullptr, on_request, daemon.get(), MHD_OPTION_ARRAY, options.data(),
      MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kRestConnectionBytes,
      MHD_OPTION_CONNECTION_LIMIT, HttpTls::kNoConnectionLimit, MHD_OPTION_NOTIFY_COMPLETED,
      on_completed, daemon.get(), MHD_OPTION_NOTIFY_CONNECTION, on_connection, daemon.get(),
      MHD_OPTION_UNESCAPE_CALLBACK, &LeaveAsItIs, nullptr, MHD_OPTION_END);
  if (daemon->daemon_ == nullptr) return nullptr;
  return daemon;
}

HttpDaemon::~HttpDaemon() {
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

void HttpDaemon::Add(int connection) {
  const SocketAddress peer = PeerOf(connection);
  if (peer.size == 0) {
    close(connection);
    return;
  }
  // The library closes a connection that it does not take.
  MHD_add_connection(daemon_, connection, reinterpret_cast<const sockaddr*>(&peer.storage),
                     peer.size);
}

}  // namespace mlp
