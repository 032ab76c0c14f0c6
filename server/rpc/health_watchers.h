// The streams of grpc.health.v1.Health/Watch: each sends a status immediately, and then its
// changes.
// A caller that may no longer ask is told no more: the next change ends its stream.

#ifndef MLP_SERVER_RPC_HEALTH_WATCHERS_H_
#define MLP_SERVER_RPC_HEALTH_WATCHERS_H_

#include <grpcpp/server_context.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"

#include "proto/health.grpc.pb.h"
#include "server/access/call_gate.h"
#include "server/linked_list.h"
#include "server/rpc/call_coroutine.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/health.h"
#include "server/rpc/open_streams.h"

namespace mlp {

// Whether `service` may be a model: it is neither the server nor inference.
bool IsModelsHealth(const std::string& service);

// Whether the caller may ask for the health of `service`. Anybody may ask for that of the server
// and of inference, unless the gate checks callers of health too. Any other name may be a model,
// which not everybody may ask for.
absl::Status AdmitToHealth(CallGate& gate, const grpc::ServerContext& context,
                           const std::string& service);

// After construction, belongs to the loop's thread. All references must outlive it.
class HealthWatchers final {
 public:
  // Takes requests as bytes, so that their size is limited before they are decoded.
  using Service = grpc::health::v1::Health::WithRawMethod_Check<
      grpc::health::v1::Health::WithRawMethod_Watch<grpc::health::v1::Health::AsyncService>>;

  // The most watches over all connections, each of which has its share (OpenStreams). Further
  // watches are answered with RESOURCE_EXHAUSTED.
  static constexpr std::int64_t kMaxWatchers = 1024;

  HealthWatchers(const CompletionLoop& loop, Service& service, const Health& health,
                 CallGate& gate);

  // Notifies every watcher whose status has changed.
  void Update();

  // Ends every stream with UNAVAILABLE, and all later ones.
  void End();

 private:
  class Watcher;

  // One watch from its beginning to its end.
  CallCoroutine Serve();

  const CompletionLoop& loop_;
  Service& service_;
  const Health& health_;
  CallGate& gate_;
  OpenStreams open_{kMaxWatchers};
  bool ending_ = false;
  LinkedList<Watcher> watchers_;  // each in its coroutine's frame; one is posted
  CallFrames frames_;             // destroyed first: the frames refer to all of the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_HEALTH_WATCHERS_H_
