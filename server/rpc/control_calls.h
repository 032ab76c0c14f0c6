// Answers everything except inference: liveness, readiness, metadata, health, reflection and
// repository control. It shares a completion queue with a worker that evaluates, and answers
// between its batches of about 2 ms. If more threads wait in gRPC 1.51 than are needed, gRPC hands
// each event from thread to thread, which costs a small request a third of its time. Models are
// loaded by the manager's thread.

#ifndef MLP_SERVER_RPC_CONTROL_CALLS_H_
#define MLP_SERVER_RPC_CONTROL_CALLS_H_

#include <grpcpp/alarm.h>
#include <grpcpp/generic/async_generic_service.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>

#include "proto/health.grpc.pb.h"
#include "proto/open_inference.grpc.pb.h"
#include "server/access/call_gate.h"
#include "server/observe/log_control.h"
#include "server/rpc/answer_gate.h"
#include "server/rpc/calibrate_calls.h"
#include "server/rpc/call_coroutine.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/control_call.h"
#include "server/rpc/health.h"
#include "server/rpc/health_watchers.h"
#include "server/rpc/infer_service.h"
#include "server/rpc/insight_answers.h"
#include "server/rpc/insight_handlers.h"
#include "server/rpc/insight_service.h"
#include "server/rpc/message_bytes.h"
#include "server/rpc/reflection_streams.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_manager.h"

namespace mlp {

class ControlCalls final {
 public:
  // All references must outlive the calls, which belong to the loop's thread once they are posted.
  // `unknown` delivers calls of unknown methods. `allow_model_files`: whether clients may send
  // models.
  ControlCalls(InferService& inference_service, HealthWatchers::Service& health_service,
               InsightService& insight_service, ReflectionServices& reflection_services,
               grpc::AsyncGenericService& unknown, const ModelCatalog& models,
               ModelManager& manager, const InsightHandlers& insight, bool allow_model_files,
               const Health& health, LogControl& log, CallGate& gate, CompletionLoop& loop);

  // Posts the calls. Call it once the server has been built and before the loop runs.
  void Post();

  // Tells the health watchers that `health` has changed and, with `ending`, that it will not change
  // again: their streams end, and those of reflection. Call it from any thread, after Post and
  // until the loop is stopped. The manager must have stopped by then.
  void HealthChanged(bool ending);

  // Gives up the insight answers that another thread makes, and later ones too: UNAVAILABLE. Call
  // it from any thread except the loop's, before the loop is stopped.
  void StopAnswers() {
    insight_gate_.Close();
    insight_answers_.Stop();
  }

 private:
  using CheckBytes = std::function<absl::Status(std::size_t bytes)>;

  // Posts calls of one unary method. `request_call` is the service's Request<Method>, `access` says
  // who may make the calls, and `check` decides on requests by their size.
  template <typename Request, typename Response, typename Service, typename Method>
  void Post(Service& service, Method request_call,
            typename ControlMethod<Request, Response>::Access access,
            typename ControlMethod<Request, Response>::AnyAnswer answer,
            CheckBytes check = CheckControlBytes);
  void PostQuestions();
  void PostRepositoryControl();
  void PostInsight();
  // Notifies the streams each time that HealthChanged was called.
  CallCoroutine FollowHealth();
  // Checks the size of a RepositoryModelLoad.
  absl::Status CheckLoadBytes(std::size_t bytes) const;

  InferService& inference_service_;
  HealthWatchers::Service& health_service_;
  InsightService& insight_service_;
  ReflectionServices& reflection_services_;
  grpc::AsyncGenericService& unknown_;
  const ModelCatalog& models_;
  ModelManager& manager_;
  const InsightHandlers& insight_;
  AnswerGate insight_gate_;
  InsightAnswers insight_answers_;
  const bool allow_model_files_;
  const Health& health_;
  LogControl& log_;
  CallGate& gate_;
  CompletionLoop& loop_;
  std::optional<HealthWatchers> watchers_;
  std::optional<ReflectionStreams> reflection_;
  std::atomic<bool> ending_ = false;
  std::atomic<bool> health_change_pending_ = false;
  Wakeup health_wakeup_;
  CompletionTag health_changed_{health_wakeup_};
  grpc::Alarm wake_alarm_;
  ControlCallOwner owner_;  // destroyed early: its frames refer to all of the above
  std::optional<CalibrateCalls> calibrations_;  // destroyed first: its frames refer to the owner
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_CONTROL_CALLS_H_
