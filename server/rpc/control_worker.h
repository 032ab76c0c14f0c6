// The thread that answers everything but inference: liveness, readiness, metadata, health and the
// control of the repository. It has a completion queue of its own, so that probes are answered
// while all others evaluate; models are loaded by the thread of their manager.

#ifndef MLP_SERVER_RPC_CONTROL_WORKER_H_
#define MLP_SERVER_RPC_CONTROL_WORKER_H_

#include <grpcpp/alarm.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
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
#include "server/rpc/unary_call.h"

namespace mlp {

class ControlWorker final {
 public:
  // All of these must outlive the worker. `allow_model_files`: whether clients may send models.
  // Call Start once the server has been built.
  ControlWorker(InferService& inference_service, HealthWatchers::Service& health_service,
                const ModelCatalog& models, ModelManager& manager, bool allow_model_files,
                const Health& health, std::unique_ptr<grpc::ServerCompletionQueue> queue);

  // Posts the calls and starts the thread.
  void Start();

  // Tells the health watchers that `health` has changed and, with `ending`, that no more will
  // come: their streams end. From any thread, between Start and Stop.
  void HealthChanged(bool ending);

  // Ends the thread. Call it once, after Start, when the server has been shut down and the manager
  // has stopped.
  void Stop();

 private:
  struct WakeTag final : public CompletionTag {
    void Complete(bool ok) override;
    ControlWorker* worker = nullptr;
    std::atomic<bool> pending = false;
    std::atomic<bool> ending = false;
  };

  // Posts calls of one unary method. `request_call` is the service's Request<Method>.
  template <typename Request, typename Response, typename Service, typename Method>
  void Post(Service& service,
            void (Method::*request_call)(grpc::ServerContext*, Request*,
                                         grpc::ServerAsyncResponseWriter<Response>*,
                                         grpc::CompletionQueue*, grpc::ServerCompletionQueue*,
                                         void*),
            std::variant<typename UnaryCall<Request, Response>::Answer,
                         typename UnaryCall<Request, Response>::AnswerLater>
                answer);
  void PostAll();
  void PostRepositoryControl();

  InferService& inference_service_;
  HealthWatchers::Service& health_service_;
  const ModelCatalog& models_;
  ModelManager& manager_;
  const bool allow_model_files_;
  const Health& health_;
  CompletionLoop loop_;
  std::vector<std::unique_ptr<CompletionTag>> calls_;
  std::optional<HealthWatchers> watchers_;
  grpc::Alarm wake_alarm_;
  WakeTag wake_;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_CONTROL_WORKER_H_
