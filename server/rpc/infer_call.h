// One ModelInfer call from its posting to its answer; used again for the next one.

#ifndef MLP_SERVER_RPC_INFER_CALL_H_
#define MLP_SERVER_RPC_INFER_CALL_H_

#include <google/protobuf/arena.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "proto/open_inference.grpc.pb.h"
#include "server/batching/batch.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/infer_request.h"
#include "server/rpc/model_table.h"

namespace mlp {

// Belongs to the loop's thread once it was made. The loop, the service and the models must outlive
// it.
class InferCall final {
 public:
  using Service = inference::GRPCInferenceService::AsyncService;

  // Posts the call. `arrived` is called when a client's request has been received; from then until
  // one of the Finish calls, the call is its owner's to answer.
  InferCall(const CompletionLoop& loop, Service& service, std::function<void(InferCall&)> arrived);

  InferCall(const InferCall&) = delete;
  InferCall& operator=(const InferCall&) = delete;

  // Finds the model that is asked for and checks the request against it. model() is then set where
  // there is such a model, whether the request is right or not.
  absl::Status Read(const ModelTable& models);

  const ServedModel* model() const { return model_; }
  std::int64_t rows() const { return request_.rows; }
  const std::vector<InputValues>& inputs() const { return request_.inputs; }

  // When Read was done.
  std::chrono::steady_clock::time_point read_time() const { return read_time_; }

  // CANCELLED where the client has gone, DEADLINE_EXCEEDED where its deadline has passed, else OK.
  absl::Status StillWanted(std::chrono::system_clock::time_point now) const;

  // Answers with the rows of `batch` from `first_row` on.
  void Finish(const Batch& batch, std::int64_t first_row);

  void FinishWithError(const absl::Status& status);

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

  void Accept();
  void CompleteStep(bool ok);
  void CompleteEnd();
  void AcceptNextOnceOver();

  const CompletionLoop& loop_;
  Service& service_;
  const std::function<void(InferCall&)> arrived_;
  StepTag step_tag_{this};  // the call has come, or its answer has gone
  EndTag end_tag_{this};    // the call is over, by its answer or because the client has gone

  // Messages of the usual size live in here, so that a call allocates next to nothing.
  std::array<char, 4096> arena_block_;
  google::protobuf::Arena arena_;
  inference::ModelInferRequest* message_ = nullptr;  // in the arena
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<inference::ModelInferResponse>> writer_;

  bool answering_ = false;  // between a Finish call and its tag
  bool answered_ = false;
  bool ended_ = false;
  const ServedModel* model_ = nullptr;
  InferRequest request_;
  std::chrono::steady_clock::time_point read_time_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_CALL_H_
