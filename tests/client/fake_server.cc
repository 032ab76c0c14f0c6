#include "tests/client/fake_server.h"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

template <typename Request, typename Response>
grpc::Status Handle(const Handler<Request, Response>& handler, const Request* request,
                    Response* response) {
  if (handler == nullptr) return {grpc::StatusCode::UNIMPLEMENTED, "the test serves no such call"};
  return handler(*request, *response);
}

}  // namespace

class FakeServer::InferenceService final : public inference::GRPCInferenceService::Service {
 public:
  explicit InferenceService(const FakeServer& fake) : fake_(fake) {}

  grpc::Status ServerLive(grpc::ServerContext* /*context*/,
                          const inference::ServerLiveRequest* request,
                          inference::ServerLiveResponse* response) override {
    return Handle(fake_.live, request, response);
  }
  grpc::Status ServerReady(grpc::ServerContext* /*context*/,
                           const inference::ServerReadyRequest* request,
                           inference::ServerReadyResponse* response) override {
    return Handle(fake_.ready, request, response);
  }
  grpc::Status ServerMetadata(grpc::ServerContext* /*context*/,
                              const inference::ServerMetadataRequest* request,
                              inference::ServerMetadataResponse* response) override {
    return Handle(fake_.server_metadata, request, response);
  }
  grpc::Status ModelMetadata(grpc::ServerContext* /*context*/,
                             const inference::ModelMetadataRequest* request,
                             inference::ModelMetadataResponse* response) override {
    return Handle(fake_.metadata, request, response);
  }
  grpc::Status ModelConfig(grpc::ServerContext* /*context*/,
                           const inference::ModelConfigRequest* request,
                           inference::ModelConfigResponse* response) override {
    return Handle(fake_.config, request, response);
  }
  grpc::Status RepositoryModelLoad(grpc::ServerContext* /*context*/,
                                   const inference::RepositoryModelLoadRequest* request,
                                   inference::RepositoryModelLoadResponse* response) override {
    return Handle(fake_.load, request, response);
  }
  grpc::Status RepositoryModelUnload(grpc::ServerContext* /*context*/,
                                     const inference::RepositoryModelUnloadRequest* request,
                                     inference::RepositoryModelUnloadResponse* response) override {
    return Handle(fake_.unload, request, response);
  }
  grpc::Status RepositoryIndex(grpc::ServerContext* /*context*/,
                               const inference::RepositoryIndexRequest* request,
                               inference::RepositoryIndexResponse* response) override {
    return Handle(fake_.index, request, response);
  }
  grpc::Status ModelInfer(grpc::ServerContext* /*context*/,
                          const inference::ModelInferRequest* request,
                          inference::ModelInferResponse* response) override {
    return Handle(fake_.infer, request, response);
  }
  grpc::Status ModelStreamInfer(
      grpc::ServerContext* /*context*/,
      grpc::ServerReaderWriter<inference::ModelStreamInferResponse, inference::ModelInferRequest>*
          stream) override {
    inference::ModelInferRequest request;
    for (int answers = 0; stream->Read(&request); ++answers) {
      if (fake_.answers_of_a_stream > 0 && answers == fake_.answers_of_a_stream) {
        return {grpc::StatusCode::UNAVAILABLE, "the stream breaks"};
      }
      inference::ModelStreamInferResponse response;
      const grpc::Status handled = Handle(fake_.infer, &request, response.mutable_infer_response());
      if (!handled.ok()) response.set_error_message(handled.error_message());
      if (!stream->Write(response)) return grpc::Status::CANCELLED;
    }
    return grpc::Status::OK;
  }

 private:
  const FakeServer& fake_;
};

class FakeServer::HealthService final : public grpc::health::v1::Health::Service {
 public:
  explicit HealthService(const FakeServer& fake) : fake_(fake) {}

  grpc::Status Check(grpc::ServerContext* /*context*/,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* response) override {
    return Handle(fake_.health, request, response);
  }

 private:
  const FakeServer& fake_;
};

class FakeServer::InsightService final : public mlpserve::v1::Insight::Service {
 public:
  explicit InsightService(const FakeServer& fake) : fake_(fake) {}

  grpc::Status Status(grpc::ServerContext* /*context*/, const mlpserve::v1::StatusRequest* request,
                      mlpserve::v1::StatusResponse* response) override {
    return Handle(fake_.status, request, response);
  }
  grpc::Status GetBaseline(grpc::ServerContext* /*context*/,
                           const mlpserve::v1::GetBaselineRequest* request,
                           mlpserve::v1::GetBaselineResponse* response) override {
    return Handle(fake_.baseline, request, response);
  }
  grpc::Status AcceptWindows(grpc::ServerContext* /*context*/,
                             const mlpserve::v1::AcceptWindowsRequest* request,
                             mlpserve::v1::AcceptWindowsResponse* response) override {
    return Handle(fake_.accept_windows, request, response);
  }
  grpc::Status Calibrate(grpc::ServerContext* /*context*/,
                         grpc::ServerReader<mlpserve::v1::CalibrateRequest>* reader,
                         mlpserve::v1::CalibrateResponse* response) override {
    std::vector<mlpserve::v1::CalibrateRequest> messages(1);
    while (reader->Read(&messages.back())) messages.emplace_back();
    messages.pop_back();
    return Handle(fake_.calibrate, &messages, response);
  }

 private:
  const FakeServer& fake_;
};

// The server's last call may keep this object alive after the server.
class FakeServer::AuthorizationRecord final {
 public:
  void Add(const std::string& value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(value);
  }
  std::vector<std::string> Values() const {
    const std::lock_guard lock(mutex_);
    return values_;
  }

  class Interceptor;
  class Factory;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> values_;
};

class FakeServer::AuthorizationRecord::Interceptor final : public grpc::experimental::Interceptor {
 public:
  explicit Interceptor(std::shared_ptr<AuthorizationRecord> record) : record_(std::move(record)) {}
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            grpc::experimental::InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      const auto* const headers = methods->GetRecvInitialMetadata();
      const auto found = headers->find("authorization");
      record_->Add(found == headers->end()
                       ? std::string()
                       : std::string(found->second.data(), found->second.size()));
    }
    methods->Proceed();
  }

 private:
  std::shared_ptr<AuthorizationRecord> record_;
};

class FakeServer::AuthorizationRecord::Factory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(std::shared_ptr<AuthorizationRecord> record) : record_(std::move(record)) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* /*info*/) override {
    return new AuthorizationRecord::Interceptor(record_);
  }

 private:
  std::shared_ptr<AuthorizationRecord> record_;
};

FakeServer::FakeServer(const std::shared_ptr<grpc::ServerCredentials>& credentials)
    : authorizations_(std::make_shared<AuthorizationRecord>()),
      inference_service_(std::make_unique<InferenceService>(*this)),
      health_service_(std::make_unique<HealthService>(*this)),
      insight_service_(std::make_unique<InsightService>(*this)) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", credentials, &port);
  builder.RegisterService(inference_service_.get());
  builder.RegisterService(health_service_.get());
  builder.RegisterService(insight_service_.get());
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(std::make_unique<AuthorizationRecord::Factory>(authorizations_));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeServer::~FakeServer() {
  // Calls that a test has left open are cancelled immediately.
  server_->Shutdown(std::chrono::system_clock::now());
}

std::vector<std::string> FakeServer::Authorizations() const { return authorizations_->Values(); }

void FakeServer::ServeDoubler() {
  server_metadata = [](const auto& /*request*/, auto& response) {
    response.set_name("fake");
    response.set_version(std::string("1"));
    return grpc::Status::OK;
  };
  metadata = [](const auto& request, auto& response) -> grpc::Status {
    if (request.name() != "doubler") {
      return {grpc::StatusCode::NOT_FOUND,
              absl::StrCat("model '", request.name(), "' is not known")};
    }
    response.set_name("doubler");
    // A string instead of a literal: for a literal, GCC 12 gives a false warning (-Wrestrict).
    response.add_versions(std::string("7"));
    response.set_platform("test");
    auto& input = *response.add_inputs();
    input.set_name("x");
    input.set_datatype("FP32");
    input.add_shape(-1);
    input.add_shape(3);
    for (const char* name : {"twice", "sum"}) {
      auto& output = *response.add_outputs();
      output.set_name(name);
      output.set_datatype("FP32");
      output.add_shape(-1);
      if (output.name() == "twice") output.add_shape(3);
    }
    return grpc::Status::OK;
  };
  config = [](const auto& /*request*/, auto& response) {
    response.mutable_config()->set_max_batch_size(4);
    return grpc::Status::OK;
  };
  infer = [](const inference::ModelInferRequest& request,
             inference::ModelInferResponse& response) -> grpc::Status {
    const auto& input = request.inputs(0);
    if (input.shape_size() != 2 || input.shape(1) != 3) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "input 'x' has the wrong shape; expected [-1,3]"};
    }
    const std::int64_t rows = input.shape(0);
    if (rows > 4) return {grpc::StatusCode::INVALID_ARGUMENT, "more than 4 rows"};
    std::vector<float> twice = RawInput(request);
    std::vector<float> sums(rows, 0.0f);
    for (std::size_t i = 0; i < twice.size(); ++i) sums[i / 3] += twice[i];
    for (float& value : twice) value *= 2;
    response.set_model_name("doubler");
    response.set_model_version("7");
    std::vector<std::string> names;
    for (const auto& output : request.outputs()) names.push_back(output.name());
    if (names.empty()) names = {"twice", "sum"};
    for (const std::string& name : names) {
      if (name == "twice") {
        AddRawOutput(response, name, {rows, 3}, twice);
      } else if (name == "sum") {
        AddRawOutput(response, name, {rows}, sums);
      } else {
        return {grpc::StatusCode::INVALID_ARGUMENT,
                absl::StrCat("output '", name, "' is not known")};
      }
    }
    return grpc::Status::OK;
  };
}

void AddRawOutput(inference::ModelInferResponse& response, const std::string& name,
                  const std::vector<std::int64_t>& shape, const std::vector<float>& values) {
  auto& output = *response.add_outputs();
  output.set_name(name);
  output.set_datatype("FP32");
  for (const std::int64_t length : shape) output.add_shape(length);
  std::string& raw = *response.add_raw_output_contents();
  raw.resize(values.size() * sizeof(float));
  if (!values.empty()) std::memcpy(raw.data(), values.data(), raw.size());
}

std::vector<float> RawInput(const inference::ModelInferRequest& request) {
  const std::string& raw = request.raw_input_contents(0);
  std::vector<float> values(raw.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), raw.data(), values.size() * sizeof(float));
  return values;
}

}  // namespace mlp
