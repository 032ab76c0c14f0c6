// Detects clients that close their side of a connection. The HTTP library does not: it ignores a
// connection that waits for our answer, and keeps waiting for the rest of a request after its
// client has gone.

#ifndef MLP_SERVER_REST_CLIENT_DISCONNECTS_H_
#define MLP_SERVER_REST_CLIENT_DISCONNECTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "server/rpc/local_inference.h"
#include "server/sockets/owned_descriptor.h"

namespace mlp {

// Thread-safe.
class ClientDisconnects final {
 public:
  // Called on this object's thread; `cancel` also on the thread that calls BeginRequest.
  struct Callbacks {
    // Called once for each connection whose client has closed its side. It must not call this
    // object.
    std::function<void(int descriptor)> disconnected;
    // Called for each request of such a client.
    std::function<void(LocalInference::Ticket)> cancel;
  };

  // UNAVAILABLE if no descriptor or thread is left.
  static absl::StatusOr<std::unique_ptr<ClientDisconnects>> Start(Callbacks callbacks);
  ~ClientDisconnects();
  ClientDisconnects(const ClientDisconnects&) = delete;
  ClientDisconnects& operator=(const ClientDisconnects&) = delete;

  // Watches a connection, which must stay open until Forget returns. If there is no memory, it is
  // not watched.
  void Watch(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);
  void Forget(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

  // Notes the request in progress on a watched connection, until EndRequest. If the client has gone
  // already, cancels the request.
  void BeginRequest(int descriptor, LocalInference::Ticket ticket) ABSL_LOCKS_EXCLUDED(mutex_);
  void EndRequest(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Connection {
    std::uint32_t number = 0;
    bool has_disconnected = false;
    std::optional<LocalInference::Ticket> request = std::nullopt;
  };

  ClientDisconnects(Callbacks callbacks, OwnedDescriptor epoll, OwnedDescriptor stop_event);

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeEvent(std::uint64_t event) ABSL_LOCKS_EXCLUDED(mutex_);

  const Callbacks callbacks_;
  OwnedDescriptor epoll_;
  OwnedDescriptor stop_event_;
  std::mutex mutex_;
  absl::flat_hash_map<int, Connection> connections_ ABSL_GUARDED_BY(mutex_);
  std::uint32_t last_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_CLIENT_DISCONNECTS_H_
