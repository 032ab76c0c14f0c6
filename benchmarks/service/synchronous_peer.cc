#include "benchmarks/service/synchronous_peer.h"

#include <grpcpp/grpcpp.h>
#include <oneapi/tbb/task_arena.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "model/evaluator/evaluator.h"
#include "proto/open_inference.grpc.pb.h"

namespace mlp {
namespace {

class SynchronousService final : public inference::GRPCInferenceService::Service {
 public:
  explicit SynchronousService(Network network)
      : arena_(1), evaluator_(std::move(network), 0.01, arena_) {}

  grpc::Status ModelInfer(grpc::ServerContext* /*context*/,
                          const inference::ModelInferRequest* request,
                          inference::ModelInferResponse* response) override {
    const TensorSpec& input = evaluator_.network().inputs().front();
    const auto row_bytes = static_cast<std::size_t>(input.width()) * sizeof(float);
    if (request->raw_input_contents_size() != 1 || request->raw_input_contents(0).empty() ||
        request->raw_input_contents(0).size() % row_bytes != 0) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "expected whole rows of raw contents"};
    }
    const std::string& bytes = request->raw_input_contents(0);
    const auto rows = static_cast<std::int64_t>(bytes.size() / row_bytes);

    // Thread-local, because the process has only one service and thus one evaluator.
    thread_local Evaluator::Workspace workspace = evaluator_.MakeWorkspace();
    thread_local NetworkActivity activity = MakeNetworkActivity(evaluator_.network());
    thread_local std::vector<float> values;
    values.resize(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    const NetworkOutput& output = evaluator_.network().outputs().front();
    const std::int64_t width = evaluator_.network().WidthOf(output);
    thread_local std::vector<float> answer;
    answer.resize(static_cast<std::size_t>(rows * width));
    float* answer_data = answer.data();
    evaluator_.Evaluate(rows, values.data(), absl::MakeConstSpan(&answer_data, 1), workspace,
                        activity);

    response->set_model_name(request->model_name());
    response->set_model_version("1");
    response->set_id(request->id());
    auto& tensor = *response->add_outputs();
    tensor.set_name(output.tensor.name);
    tensor.set_datatype("FP32");
    tensor.add_shape(rows);
    tensor.add_shape(width);
    response->add_raw_output_contents(answer.data(), answer.size() * sizeof(float));
    return grpc::Status::OK;
  }

 private:
  tbb::task_arena arena_;
  Evaluator evaluator_;
};

}  // namespace

absl::Status ServeSynchronously(const std::string& address, Network network) {
  SynchronousService service(std::move(network));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
  }
  server->Wait();
  return absl::OkStatus();
}

}  // namespace mlp
