#include "tests/e2e/inference_client.h"

#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace mlp {
namespace {

using inference::GRPCInferenceService;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

constexpr auto kPatience = std::chrono::seconds(60);

}  // namespace

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  // Otherwise channels to one address would share a connection, and so tests would share limits.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

ModelInferRequest RawRequest(const std::string& model, std::int64_t rows, std::int64_t width,
                             absl::Span<const float> values) {
  ModelInferRequest request;
  request.set_model_name(model);
  ModelInferRequest::InferInputTensor& input = *request.add_inputs();
  input.set_name("pixels");
  input.set_datatype("FP32");
  input.add_shape(rows);
  input.add_shape(width);
  request.add_raw_input_contents(values.data(), values.size() * sizeof(float));
  return request;
}

ModelInferRequest DigitsRequest(const std::string& model, std::int64_t rows) {
  std::vector<float> values(static_cast<std::size_t>(rows * 64));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 17) / 16.0F;
  return RawRequest(model, rows, 64, values);
}

grpc::Status Infer(GRPCInferenceService::Stub& stub, const ModelInferRequest& request,
                   ModelInferResponse& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  return stub.ModelInfer(&context, request, &response);
}

grpc::Status CallWithBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                           const std::string& bytes) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  grpc::CompletionQueue queue;
  const grpc::Slice slice(bytes);
  const auto reader = stub.PrepareUnaryCall(&context, path, grpc::ByteBuffer(&slice, 1), &queue);
  reader->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  reader->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return status;
}

std::vector<float> RawOutput(const ModelInferResponse& response, int index) {
  const std::string& bytes = response.raw_output_contents(index);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

void InferMany(
    const std::shared_ptr<grpc::Channel>& channel, int in_flight,
    const std::function<std::optional<ModelInferRequest>(int)>& request,
    const std::function<void(int, const grpc::Status&, const ModelInferResponse&)>& check) {
  struct Call {
    int index;
    grpc::ClientContext context;
    ModelInferResponse response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<ModelInferResponse>> reader;
  };
  const auto stub = GRPCInferenceService::NewStub(channel);
  grpc::CompletionQueue queue;
  int sent = 0;
  int open = 0;
  const auto send = [&] {
    const std::optional<ModelInferRequest> next = request(sent);
    if (!next.has_value()) return false;
    auto call = std::make_unique<Call>();
    call->index = sent++;
    call->context.set_deadline(std::chrono::system_clock::now() + kPatience);
    call->reader = stub->AsyncModelInfer(&call->context, *next, &queue);
    Call* raw = call.release();
    raw->reader->Finish(&raw->response, &raw->status, raw);
    ++open;
    return true;
  };
  while (open < in_flight && send()) {
  }
  void* tag = nullptr;
  bool ok = false;
  while (open > 0 && queue.Next(&tag, &ok)) {
    const std::unique_ptr<Call> call(static_cast<Call*>(tag));
    --open;
    check(call->index, call->status, call->response);
    send();
  }
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
}

}  // namespace mlp
