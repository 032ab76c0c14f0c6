// Notices clients that close their side of a connection: the HTTP library does not look at a
// connection that waits for us, and waits for the rest of a request that nobody sends any more.

#ifndef MLP_SERVER_REST_GONE_CLIENTS_H_
#define MLP_SERVER_REST_GONE_CLIENTS_H_

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
class GoneClients final {
 public:
  // What is called on a thread of this; `cancel` also on that of BeginRequest.
  struct Callbacks {
    // Once for each connection whose client has closed its side. It must not call this object.
    std::function<void(int descriptor)> gone;
    // For each request of such a client.
    std::function<void(LocalInference::Ticket)> cancel;
  };

  // UNAVAILABLE without a descriptor or thread.
  static absl::StatusOr<std::unique_ptr<GoneClients>> Start(Callbacks callbacks);
  ~GoneClients();
  GoneClients(const GoneClients&) = delete;
  GoneClients& operator=(const GoneClients&) = delete;

  // A connection, which stays open until Forget returns. Without memory it is not watched.
  void Watch(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);
  void Forget(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

  // The request of a watched connection that is under way, until EndRequest.
  void BeginRequest(int descriptor, LocalInference::Ticket ticket) ABSL_LOCKS_EXCLUDED(mutex_);
  void EndRequest(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Connection {
    std::uint32_t number = 0;
    bool has_gone = false;
    std::optional<LocalInference::Ticket> request = std::nullopt;
  };

  GoneClients(Callbacks callbacks, OwnedDescriptor epoll, OwnedDescriptor stop_event);

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

#endif  // MLP_SERVER_REST_GONE_CLIENTS_H_
