// KServe's and Triton's V2 protocol over HTTP and JSON, beside gRPC: docs/reference/rest.md.
//
// A few threads serve all connections by events. They read and write JSON; what a request asks is
// evaluated by gRPC's workers (LocalInference), whose admission, queues and batches it shares.

#ifndef MLP_SERVER_REST_REST_SERVER_H_
#define MLP_SERVER_REST_REST_SERVER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/access/call_gate.h"
#include "server/batching/answer_budget.h"
#include "server/observe/log_control.h"
#include "server/observe/metrics.h"
#include "server/rest/rest_exchange.h"
#include "server/rpc/connection_limits.h"
#include "server/rpc/local_inference.h"
#include "server/rpc/request_log.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_manager.h"
#include "server/tls/http_tls.h"

namespace mlp {

struct RestServerOptions {
  std::string address;  // host:port; port 0 picks a free one
  int threads = 1;
  RestLimits limits;
  ConnectionLimits connections;     // of these, the numbers of connections, and the idle time
  int answer_timeout_seconds = 60;  // for a client that does not take an answer
  bool allow_model_files = false;   // whether clients may send models
};

// Serves from Start to Stop.
class RestServer final {
 public:
  using Clock = std::chrono::steady_clock;

  // Connections at once, or a quarter of the file descriptors if that is less.
  static constexpr int kMostConnections = 4'096;

  // A new connection, or one that was served, is closed without a request after these.
  static constexpr std::chrono::seconds kFirstRequest{10};
  static constexpr std::chrono::seconds kNextRequest{120};

  // A request's body may take so long, and a second more for each of so many bytes.
  static constexpr std::chrono::seconds kBodyTime{20};
  static constexpr std::int64_t kBodyBytesPerSecond = std::int64_t{1} << 20;

  // What others do for it; all of them must outlive the server.
  struct Parts {
    const ModelCatalog& models;
    ModelManager& manager;
    LocalInference& inference;
    AnswerBudget& answers;
    Metrics& metrics;
    RequestLog& requests;
    LogControl& log;
    CallGate& gate;
    std::function<bool()> ready;      // whether the server serves
    std::function<void(int)> closed;  // told of connections that are closed for want of time
    HttpTls* tls = nullptr;           // null for plaintext
  };

  // UNAVAILABLE where the address cannot be had, or threads or descriptors.
  static absl::StatusOr<std::unique_ptr<RestServer>> Start(const RestServerOptions& options,
                                                           Parts parts);
  // Stops at once, if it has not.
  ~RestServer();
  RestServer(const RestServer&) = delete;
  RestServer& operator=(const RestServer&) = delete;

  int port() const;
  // As Listener has them.
  std::string addresses() const;

  // From now on connections are closed after their next answer, so that clients go elsewhere.
  void BeginStop();

  // Accepts no more, waits until `deadline` at most for answers to be sent, and closes all
  // connections. Once LocalInference is closed and the manager has begun to stop.
  void Stop(Clock::time_point deadline);

 private:
  class Impl;
  explicit RestServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_REST_SERVER_H_
