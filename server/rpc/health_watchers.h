// The streams of grpc.health.v1.Health/Watch: each tells a status at once and then its changes.
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

// Whether the caller may ask for the health of `service`: that of the server and of inference is
// everybody's, unless the gate asks for it too; that of a model, or of what may be one, is not.
absl::Status AdmitToHealth(CallGate& gate, const grpc::ServerContext& context,
                           const std::string& service);

// Belongs to the loop's thread once it was made. All that it takes must outlive it.
class HealthWatchers final {
 public:
  // Takes requests as their bytes, so that their size is limited before they are decoded.
  using Service = grpc::health::v1::Health::WithRawMethod_Check<
      grpc::health::v1::Health::WithRawMethod_Watch<grpc::health::v1::Health::AsyncService>>;

  // Over all connections, of which each has its share (OpenStreams). A watch beyond it is answered
  // with RESOURCE_EXHAUSTED.
  static constexpr std::int64_t kMostWatchers = 1024;

  HealthWatchers(const CompletionLoop& loop, Service& service, const Health& health,
                 CallGate& gate);

  // Tells every watcher whose status has changed.
  void Update();

  // Ends every stream with UNAVAILABLE, those that will come too.
  void End();

 private:
  class Watcher;

  // One watch from its beginning to its end.
  CallCoroutine Serve();

  const CompletionLoop& loop_;
  Service& service_;
  const Health& health_;
  CallGate& gate_;
  OpenStreams open_{kMostWatchers};
  bool ending_ = false;
  LinkedList<Watcher> watchers_;  // each in its coroutine's frame; one is posted
  CallFrames frames_;             // goes first: what is in the frames refers to all of the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_HEALTH_WATCHERS_H_
