// Serves KServe's and Triton's V2 protocol over HTTP and JSON, in addition to gRPC:
// docs/reference/rest.md.
//
// A few threads serve all connections by events. They read and write JSON. gRPC's workers evaluate
// the requests (LocalInference), with the same admission, queues and batches as gRPC's own
// requests.

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
  ConnectionLimits connections;     // only the numbers of connections and the idle time
  int answer_timeout_seconds = 60;  // for a client that does not read an answer
  bool allow_model_files = false;   // whether clients may send models
};

// Serves from Start to Stop.
class RestServer final {
 public:
  using Clock = std::chrono::steady_clock;

  // The most open connections; a quarter of the file descriptors if that is less.
  static constexpr int kMaxConnections = 4'096;

  // A new connection, or one that has been answered, is closed after this long without a request.
  static constexpr std::chrono::seconds kFirstRequest{10};
  static constexpr std::chrono::seconds kNextRequest{120};

  // A request's body may take this long, plus a second for every kBodyBytesPerSecond bytes.
  static constexpr std::chrono::seconds kBodyTime{20};
  static constexpr std::int64_t kBodyBytesPerSecond = std::int64_t{1} << 20;

  // The parts that the server uses. All of them must outlive it.
  struct Parts {
    const ModelCatalog& models;
    ModelManager& manager;
    LocalInference& inference;
    AnswerBudget& answers;
    Metrics& metrics;
    RequestLog& requests;
    LogControl& log;
    CallGate& gate;
    std::function<bool()> ready;      // whether the server is serving
    std::function<void(int)> closed;  // gets the number of connections closed for lack of time
    HttpTls* tls = nullptr;           // null for plaintext
  };

  // UNAVAILABLE if it cannot listen on the address, or lacks threads or descriptors.
  static absl::StatusOr<std::unique_ptr<RestServer>> Start(const RestServerOptions& options,
                                                           Parts parts);
  // Stops immediately, unless already stopped.
  ~RestServer();
  RestServer(const RestServer&) = delete;
  RestServer& operator=(const RestServer&) = delete;

  int port() const;
  // As Listener::addresses.
  std::string addresses() const;

  // From now on connections are closed after their next answer, so that clients go elsewhere.
  void BeginStop();

  // Accepts no more connections, waits until `deadline` at most for answers to be sent, and closes
  // all connections. Call it after LocalInference is closed and the manager has begun to stop.
  void Stop(Clock::time_point deadline);

 private:
  class Impl;
  explicit RestServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_REST_SERVER_H_
