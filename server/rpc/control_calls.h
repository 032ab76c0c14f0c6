// Answers everything but inference: liveness, readiness, metadata, health, reflection and the
// control of the repository. It shares a completion queue with a worker that evaluates, between
// whose batches, of some 2 ms, it answers: gRPC 1.51 hands each event from thread to thread where
// more of them wait than are needed, which costs a small request a third of its time. Models are
// loaded by the thread of their manager.

#ifndef MLP_SERVER_RPC_CONTROL_CALLS_H_
#define MLP_SERVER_RPC_CONTROL_CALLS_H_

#include <grpcpp/alarm.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "proto/health.grpc.pb.h"
#include "proto/open_inference.grpc.pb.h"
#include "server/models/model_catalog.h"
#include "server/models/model_manager.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/health.h"
#include "server/rpc/health_watchers.h"
#include "server/rpc/infer_service.h"
#include "server/rpc/message_bytes.h"
#include "server/rpc/reflection_streams.h"
#include "server/rpc/unary_call.h"

namespace mlp {

class ControlCalls final {
 public:
  // All of these must outlive the calls, which belong to the loop's thread once they are posted.
  // `allow_model_files`: whether clients may send models.
  ControlCalls(InferService& inference_service, HealthWatchers::Service& health_service,
               ReflectionServices& reflection_services, const ModelCatalog& models,
               ModelManager& manager, bool allow_model_files, const Health& health,
               CompletionLoop& loop);

  // Posts the calls. Call it once the server has been built and before the loop runs.
  void Post();

  // Tells the health watchers that `health` has changed and, with `ending`, that no more will
  // come: their streams end, and those of reflection. From any thread, after Post and until the
  // loop is stopped. The manager must have stopped by then.
  void HealthChanged(bool ending);

 private:
  struct WakeTag final : public CompletionTag {
    void Complete(bool ok) override;
    ControlCalls* calls = nullptr;
    std::atomic<bool> pending = false;
    std::atomic<bool> ending = false;
  };

  // Posts `calls` calls of one unary method. `request_call` is the service's Request<Method>;
  // `check` decides on requests by their size.
  template <typename Request, typename Response, typename Service, typename Method>
  void Post(Service& service,
            void (Method::*request_call)(grpc::ServerContext*, grpc::ByteBuffer*,
                                         grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*,
                                         grpc::CompletionQueue*, grpc::ServerCompletionQueue*,
                                         void*),
            std::variant<typename UnaryCall<Request, Response>::Answer,
                         typename UnaryCall<Request, Response>::AnswerLater>
                answer,
            int calls, typename UnaryCall<Request, Response>::CheckBytes check = CheckControlBytes);
  void PostQuestions();
  void PostRepositoryControl();
  // Of a RepositoryModelLoad.
  absl::Status CheckLoadBytes(std::size_t bytes) const;

  InferService& inference_service_;
  HealthWatchers::Service& health_service_;
  ReflectionServices& reflection_services_;
  const ModelCatalog& models_;
  ModelManager& manager_;
  const bool allow_model_files_;
  const Health& health_;
  CompletionLoop& loop_;
  std::vector<std::unique_ptr<CompletionTag>> calls_;
  std::optional<HealthWatchers> watchers_;
  std::optional<ReflectionStreams> reflection_;
  grpc::Alarm wake_alarm_;
  WakeTag wake_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_CONTROL_CALLS_H_
