// Notices clients that go while they wait for an answer: the HTTP library does not look at a
// connection that waits for us.

#ifndef MLP_SERVER_REST_GONE_CLIENTS_H_
#define MLP_SERVER_REST_GONE_CLIENTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
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
  // `cancel` is called on a thread of this, for each request whose client has closed its side of
  // the connection. UNAVAILABLE without a descriptor or thread.
  static absl::StatusOr<std::unique_ptr<GoneClients>> Start(
      std::function<void(LocalInference::Ticket)> cancel);
  ~GoneClients();
  GoneClients(const GoneClients&) = delete;
  GoneClients& operator=(const GoneClients&) = delete;

  // The client of `ticket` is at `descriptor`, which stays open until Forget. Gives what that
  // takes. Without memory it is not watched.
  std::uint64_t Watch(int descriptor, LocalInference::Ticket ticket) ABSL_LOCKS_EXCLUDED(mutex_);
  void Forget(int descriptor, std::uint64_t watched) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  GoneClients(std::function<void(LocalInference::Ticket)> cancel, OwnedDescriptor epoll,
              OwnedDescriptor stop_event);

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::function<void(LocalInference::Ticket)> cancel_;
  OwnedDescriptor epoll_;
  OwnedDescriptor stop_event_;
  std::mutex mutex_;
  // By a number of its own: a descriptor may be another connection's by the time of its event.
  absl::flat_hash_map<std::uint64_t, LocalInference::Ticket> watched_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t last_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_GONE_CLIENTS_H_
