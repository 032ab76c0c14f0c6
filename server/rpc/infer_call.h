// One ModelInfer call from its posting to its answer; used again for the next one.

#ifndef MLP_SERVER_RPC_INFER_CALL_H_
#define MLP_SERVER_RPC_INFER_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/infer_job.h"
#include "server/rpc/infer_service.h"

namespace mlp {

// Belongs to the loop's thread once it was made. The loop, the service and the owner must outlive
// it.
class InferCall final : public InferJob {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;

    // A client's request has been received; from now until one of its Send functions is called, the
    // call is the owner's to answer.
    virtual void Arrived(InferCall& call, grpc::ByteBuffer& message) = 0;

    // The call is over, and may be posted again or destroyed, but not before this returns.
    virtual void Over(InferCall& call) = 0;
  };

  InferCall(const CompletionLoop& loop, InferService& service, Owner& owner);

  // Asks gRPC for the next call of a client.
  void Post();

  // Gives back what a call that is over holds of gRPC, until it is posted again.
  void LetGo();

  bool Cancelled() const override { return ended_ && context_->IsCancelled(); }
  std::string Connection() const override { return context_->peer(); }

  // Cancels the call if its answer has been on its way since before `time`.
  void CancelIfSentBefore(Clock::time_point time);

  void SendAnswer() override;
  void SendError(const absl::Status& status) override;

 protected:
  grpc::Status Encode(grpc::ByteBuffer& bytes) const override;

 private:
  // Tags of the two things a queue tells of a call.
  struct StepTag final : public CompletionTag {
    explicit StepTag(InferCall* owner) : call(owner) {}
    void Complete(bool ok) override { call->CompleteStep(ok); }
    InferCall* call;
  };
  struct EndTag final : public CompletionTag {
    explicit EndTag(InferCall* owner) : call(owner) {}
    void Complete(bool) override { call->CompleteEnd(); }
    InferCall* call;
  };

  void CompleteStep(bool ok);
  void CompleteEnd();
  void LeaveOnceOver();

  const CompletionLoop& loop_;
  InferService& service_;
  Owner& owner_;
  StepTag step_tag_{this};  // the call has come, or its answer has gone
  EndTag end_tag_{this};    // the call is over, by its answer or because the client has gone

  grpc::ByteBuffer message_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> writer_;
  bool answering_ = false;  // between a Send function and its tag
  bool answered_ = false;
  bool ended_ = false;
  Clock::time_point sent_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_CALL_H_
