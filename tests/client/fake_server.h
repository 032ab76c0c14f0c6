// A server in this process, on a real socket, whose answers the test sets.

#ifndef MLP_TESTS_CLIENT_FAKE_SERVER_H_
#define MLP_TESTS_CLIENT_FAKE_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proto/health.grpc.pb.h"
#include "proto/insight.grpc.pb.h"
#include "proto/open_inference.grpc.pb.h"

namespace mlp {

template <typename Request, typename Response>
using Handler = std::function<grpc::Status(const Request&, Response&)>;

// ModelStreamInfer answers each request as `infer` does, in order. Each call answers UNIMPLEMENTED
// until its handler is set. Set handlers before the first call: gRPC's threads call them, and no
// lock guards them. Whatever a handler refers to must outlive the server, because the call of a
// client that has gone may still be running.
class FakeServer final {
 public:
  FakeServer() : FakeServer(grpc::InsecureServerCredentials()) {}

  // Listens with `credentials`, for instance for TLS. Records the header "authorization" of each
  // call.
  explicit FakeServer(const std::shared_ptr<grpc::ServerCredentials>& credentials);
  ~FakeServer();

  // "127.0.0.1:<port>".
  const std::string& address() const { return address_; }

  // The values of "authorization" of all calls so far; "" for a call without one.
  std::vector<std::string> Authorizations() const;

  // Sets handlers for a model "doubler" of version 7, with the input "x" [-1,3] and the outputs
  // "twice" [-1,3] and "sum" [-1]. It accepts at most 4 rows in a request and gives raw answers.
  void ServeDoubler();

  Handler<inference::ServerLiveRequest, inference::ServerLiveResponse> live;
  Handler<inference::ServerReadyRequest, inference::ServerReadyResponse> ready;
  Handler<inference::ServerMetadataRequest, inference::ServerMetadataResponse> server_metadata;
  Handler<inference::ModelMetadataRequest, inference::ModelMetadataResponse> metadata;
  Handler<inference::ModelConfigRequest, inference::ModelConfigResponse> config;
  Handler<inference::RepositoryIndexRequest, inference::RepositoryIndexResponse> index;
  Handler<inference::RepositoryModelLoadRequest, inference::RepositoryModelLoadResponse> load;
  Handler<inference::RepositoryModelUnloadRequest, inference::RepositoryModelUnloadResponse> unload;
  Handler<inference::ModelInferRequest, inference::ModelInferResponse> infer;
  Handler<grpc::health::v1::HealthCheckRequest, grpc::health::v1::HealthCheckResponse> health;

  Handler<mlpserve::v1::StatusRequest, mlpserve::v1::StatusResponse> status;
  Handler<mlpserve::v1::GetBaselineRequest, mlpserve::v1::GetBaselineResponse> baseline;
  Handler<mlpserve::v1::AcceptWindowsRequest, mlpserve::v1::AcceptWindowsResponse> accept_windows;
  // The handler gets all messages of the call.
  Handler<std::vector<mlpserve::v1::CalibrateRequest>, mlpserve::v1::CalibrateResponse> calibrate;

  // Number of answers after which a stream ends with UNAVAILABLE; 0 for never.
  int answers_of_a_stream = 0;

 private:
  class InferenceService;
  class HealthService;
  class InsightService;
  class AuthorizationRecord;

  std::shared_ptr<AuthorizationRecord> authorizations_;
  std::unique_ptr<InferenceService> inference_service_;
  std::unique_ptr<HealthService> health_service_;
  std::unique_ptr<InsightService> insight_service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

// Adds an FP32 output with raw contents.
void AddRawOutput(inference::ModelInferResponse& response, const std::string& name,
                  const std::vector<std::int64_t>& shape, const std::vector<float>& values);

// The raw contents of `request`'s first input.
std::vector<float> RawInput(const inference::ModelInferRequest& request);

}  // namespace mlp

#endif  // MLP_TESTS_CLIENT_FAKE_SERVER_H_
