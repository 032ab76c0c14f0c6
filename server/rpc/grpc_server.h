// The gRPC server: listens, and runs the workers that answer.

#ifndef MLP_SERVER_RPC_GRPC_SERVER_H_
#define MLP_SERVER_RPC_GRPC_SERVER_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/access/call_gate.h"
#include "server/batching/admission_control.h"
#include "server/batching/answer_budget.h"
#include "server/observe/log_control.h"
#include "server/observe/metrics.h"
#include "server/rpc/connection_limits.h"
#include "server/rpc/control_calls.h"
#include "server/rpc/health.h"
#include "server/rpc/infer_worker.h"
#include "server/rpc/insight_handlers.h"
#include "server/rpc/insight_service.h"
#include "server/rpc/local_inference.h"
#include "server/rpc/open_streams.h"
#include "server/rpc/reflection_streams.h"
#include "server/rpc/request_log.h"
#include "server/rpc/worker_watch.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_manager.h"
#include "server/sockets/listener.h"
#include "server/sockets/settings_handshake.h"

namespace mlp {

struct GrpcServerOptions {
  std::string address;  // host:port; port 0 picks a free one
  int threads = 1;      // that evaluate, each with a completion queue
  ConnectionLimits limits;
  AdmissionOptions admission;
  int answer_timeout_seconds = 60;  // for a client that does not take an answer
  bool allow_model_files = false;   // whether clients may send models
  int unix_socket_mode = 0600;      // of the socket, if the address is a unix: one
  std::string admin_address;        // another address, in plaintext; empty for none
  int admin_socket_mode = 0600;     // the same of the admin address
};

// Who may call, and how connections are kept private.
struct GrpcSecurity {
  CallGate& gate;
  // For connections to the address. Null for plaintext.
  std::shared_ptr<grpc::ServerCredentials> credentials;
};

// Serves from Start to Stop. It answers immediately, but reports SERVING only after SetServing.
class GrpcServer final {
 public:
  // Nobody can set it, unlike the wall clock, so a drain lasts as long as it should.
  using Clock = std::chrono::steady_clock;

  // UNAVAILABLE if it cannot listen on an address. The models, their manager, what the insight
  // handlers refer to, the budget of answers, the metrics, the logs and the gate must outlive the
  // server. The manager stops first.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const GrpcServerOptions& options, const ModelCatalog& models, ModelManager& manager,
      InsightHandlers insight, AnswerBudget& answers, Metrics& metrics, RequestLog& requests,
      LogControl& log, GrpcSecurity security);
  ~GrpcServer();

  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  int port() const { return listener_->port(); }
  // In Listener's form.
  std::string addresses() const { return listener_->addresses(); }

  // The same for the admin address; empty if there is none.
  std::string admin_addresses() const {
    return admin_listener_ == nullptr ? std::string() : admin_listener_->addresses();
  }

  // Where other parts of the process submit requests, until Stop.
  LocalInference& local_inference() { return *local_inference_; }

  // The longest request that it accepts, encoded.
  std::int64_t message_bytes() const { return message_bytes_; }

  // Makes the health checks report SERVING. Thread-safe.
  void SetServing();
  bool serving() const { return health_.serving(); }

  // Tells the health watchers that models have come or gone. Thread-safe, until Stop.
  void ModelsChanged() { control_calls_->HealthChanged(/*ending=*/false); }

  // Reports NOT_SERVING, but continues to serve. Thread-safe.
  void SetNotServing();

  // Drains for at most `grace`, and stops. First reports NOT_SERVING but still answers, so that
  // load balancers can send their requests elsewhere. This lasts until no request has come for a
  // while, or half of `grace` is over. Then refuses new requests, and finally closes all
  // connections. Requests through local_inference() are answered and refused like all others.
  // Returns when everything is over.
  void Stop(std::chrono::seconds grace);

 private:
  GrpcServer(const ModelCatalog& models, InsightHandlers insight, const AdmissionOptions& admission,
             int most_streams)
      : insight_(std::move(insight)),
        health_(models),
        admission_(admission),
        open_streams_(most_streams) {}

  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
  struct Door {
    Listener& listener;
    CallGate* audit = nullptr;  // is told who connects to a unix: address, unless it is null
  };
  // Takes connections from the door's listener. If they are plaintext over TCP, `handshake` holds
  // them back until their clients have acknowledged the settings.
  absl::Status Accept(const GrpcServerOptions& options, bool is_plaintext,
                      std::shared_ptr<Acceptor> acceptor, RefusedConnections& refused, Door door,
                      std::unique_ptr<SettingsHandshake>& handshake);

  // Waits until no request has come for a while, or until `deadline`.
  void WaitUntilQuiet(Clock::time_point deadline) const;

  const InsightHandlers insight_;
  Health health_;
  AdmissionControl admission_;
  OpenStreams open_streams_;
  BusyThreads busy_threads_;
  std::int64_t message_bytes_ = 0;
  InferService inference_service_;
  HealthWatchers::Service health_service_;
  InsightService insight_service_;
  ReflectionServices reflection_services_;
  grpc::AsyncGenericService unknown_calls_;
  // The calls are destroyed first: they belong to the server, and control calls use a worker's
  // queue.
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<InferWorker>> infer_workers_;
  std::optional<LocalInference> local_inference_;
  std::unique_ptr<ControlCalls> control_calls_;
  std::unique_ptr<WorkerWatch> worker_watch_;
  std::unique_ptr<SettingsHandshake> handshake_;
  std::unique_ptr<SettingsHandshake> admin_handshake_;
  // Destroyed first: they begin handshakes.
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Listener> admin_listener_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_GRPC_SERVER_H_
