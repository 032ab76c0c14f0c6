// Calls of unknown methods: each is answered with UNIMPLEMENTED.
//
// Left to gRPC 1.51, such calls end the server. gRPC asks for them with a request whose constructor
// races with the other thread of the same completion queue, which then gets a null tag
// (github.com/grpc/grpc/issues/32356). It does not ask if there is a generic service.

#ifndef MLP_SERVER_RPC_UNKNOWN_CALLS_H_
#define MLP_SERVER_RPC_UNKNOWN_CALLS_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/support/byte_buffer.h>

#include "server/rpc/admit_call.h"
#include "server/rpc/call_coroutine.h"
#include "server/rpc/control_call.h"

namespace mlp {

// Refuses one call, or more if there is no memory for another frame. Asks for the next call as soon
// as one has come.
inline CallCoroutine RefuseUnknownCalls(ControlCallOwner& owner, grpc::AsyncGenericService& service,
                                        CallGate& gate) {
  for (bool is_last = false; !is_last;) {
    Wakeup wakeup;
    CompletionTag accepted(wakeup);
    CompletionTag finished(wakeup);
    grpc::GenericServerContext context;
    grpc::GenericServerAsyncReaderWriter stream(&context);
    service.RequestCall(&context, &stream, owner.loop.queue(), owner.loop.queue(),
                        accepted.Begin());
    if (!co_await accepted) co_return;  // the server was shut down before a call came
    is_last = owner.loop.stopping() || owner.frames.Start(RefuseUnknownCalls(owner, service, gate));

    AnswerOnItsWay answer(owner, context, /*bytes=*/0);
    // A caller that the server does not know must not learn which methods it has.
    absl::Status status = absl::UnimplementedError("the server has no such method");
    if (gate.asks_callers()) {
      const auto admitted = AdmitCall(gate, context, Role::kObserve, "unknown");
      if (!admitted.ok()) status = admitted.status();
    }
    stream.Finish(ToGrpcStatus(status), finished.Begin());
    answer.Sent();
    co_await finished;
  }
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_UNKNOWN_CALLS_H_
