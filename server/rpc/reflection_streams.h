// The streams of grpc.reflection.v1alpha and v1: each answers one request after another. They are
// served by a worker's loop, because gRPC's own service keeps a thread for each open stream.

#ifndef MLP_SERVER_RPC_REFLECTION_STREAMS_H_
#define MLP_SERVER_RPC_REFLECTION_STREAMS_H_

#include <grpcpp/server_builder.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proto/reflection.grpc.pb.h"
#include "proto/reflection_v1.grpc.pb.h"
#include "server/access/call_gate.h"
#include "server/linked_list.h"
#include "server/rpc/call_coroutine.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/open_streams.h"
#include "server/rpc/reflection_answers.h"

namespace mlp {

// The two versions, which differ only in their package. Messages come as bytes, so that the same
// code answers both, and the size of a request is limited before it is decoded.
struct ReflectionServices {
  using V1Alpha = grpc::reflection::v1alpha::ServerReflection;
  using V1 = grpc::reflection::v1::ServerReflection;

  V1Alpha::WithRawMethod_ServerReflectionInfo<V1Alpha::Service> v1alpha;
  V1::WithRawMethod_ServerReflectionInfo<V1::Service> v1;

  void Register(grpc::ServerBuilder& builder) {
    builder.RegisterService(&v1alpha);
    builder.RegisterService(&v1);
  }

  // The full names.
  static std::vector<std::string> Names() {
    return {V1Alpha::service_full_name(), V1::service_full_name()};
  }
};

// After construction, belongs to the loop's thread. All references must outlive it.
class ReflectionStreams final {
 public:
  // The most streams over all connections, each of which has its share (OpenStreams). Further
  // streams are answered with RESOURCE_EXHAUSTED.
  static constexpr std::int64_t kMaxStreams = 256;

  // A longer request ends its stream with INVALID_ARGUMENT. No name that it could ask for is this
  // long, and the time to look up a name grows with the square of its length.
  static constexpr std::size_t kMaxRequestBytes = 1024;

  // `services`: the full names of all services that the server has.
  ReflectionStreams(const CompletionLoop& loop, ReflectionServices& reflection, CallGate& gate,
                    std::vector<std::string> services);

  // Ends every stream with UNAVAILABLE, and all later ones.
  void End();

 private:
  enum class Version { kV1Alpha, kV1 };
  class Stream;

  // One stream from its opening to its end.
  CallCoroutine Serve(Version version);

  const CompletionLoop& loop_;
  ReflectionServices& services_;
  CallGate& gate_;
  const ReflectionAnswers answers_;
  bool ending_ = false;
  OpenStreams open_{kMaxStreams};
  LinkedList<Stream> streams_;  // each in its coroutine's frame
  CallFrames frames_;           // destroyed first: the frames refer to all of the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_REFLECTION_STREAMS_H_
