// A call of a cheap unary method, answered on the thread that serves its completion queue and then
// used again for the next one.

#ifndef MLP_SERVER_RPC_UNARY_CALL_H_
#define MLP_SERVER_RPC_UNARY_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>

#include <functional>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/grpc_status.h"

namespace mlp {

// Belongs to the loop's thread once it was made.
template <typename Request, typename Response>
class UnaryCall final : public CompletionTag {
 public:
  using Writer = grpc::ServerAsyncResponseWriter<Response>;
  // Asks gRPC for the next call of the method, to be handed to `tag`.
  using Accept = std::function<void(grpc::ServerContext*, Request*, Writer*, void* tag)>;
  using Answer = std::function<absl::Status(const Request&, Response&)>;

  UnaryCall(const CompletionLoop& loop, Accept accept, Answer answer)
      : loop_(loop), accept_(std::move(accept)), answer_(std::move(answer)) {
    AcceptNext();
  }

  void Complete(bool ok) override {
    if (answered_) {
      if (!loop_.stopping()) AcceptNext();
      return;
    }
    if (!ok) return;  // the server was shut down, so that no call came
    answered_ = true;
    Response response;
    const absl::Status status = answer_(request_, response);
    if (status.ok()) {
      writer_->Finish(response, grpc::Status::OK, this);
    } else {
      writer_->FinishWithError(ToGrpcStatus(status), this);
    }
  }

 private:
  void AcceptNext() {
    answered_ = false;
    request_.Clear();
    writer_.reset();
    context_.emplace();
    writer_.emplace(&*context_);
    accept_(&*context_, &request_, &*writer_, this);
  }

  const CompletionLoop& loop_;
  const Accept accept_;
  const Answer answer_;
  bool answered_ = false;
  Request request_;
  std::optional<grpc::ServerContext> context_;
  std::optional<Writer> writer_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_UNARY_CALL_H_
