#include "benchmarks/service/echo_peer.h"

#include <grpcpp/grpcpp.h>
#include <oneapi/tbb/task_arena.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/service/repeated_batch.h"
#include "proto/open_inference.grpc.pb.h"

namespace mlp {
namespace {

using EchoService = inference::GRPCInferenceService::WithRawMethod_ModelInfer<
    inference::GRPCInferenceService::AsyncService>;

// Number of calls that each thread posts in advance; the same as mlp-server's.
constexpr int kPostedEchoCalls = 128;

// A call from posting to answer, reused repeatedly.
class EchoCall final {
 public:
  // `batch` may be null.
  EchoCall(EchoService& service, grpc::ServerCompletionQueue& queue, const grpc::ByteBuffer& answer,
           RepeatedBatch* batch)
      : service_(service), queue_(queue), answer_(answer), batch_(batch) {
    Post();
  }

  // A call has arrived or its answer was sent; `ok` is false if the server shuts down.
  void Complete(bool ok) {
    if (answering_) {
      Post();
    } else if (ok) {
      answering_ = true;
      if (batch_ != nullptr) batch_->EvaluateRow();
      writer_->Finish(answer_, grpc::Status::OK, this);
    }
  }

 private:
  void Post() {
    answering_ = false;
    message_.Clear();
    writer_.reset();
    context_.emplace();
    writer_.emplace(&*context_);
    service_.RequestModelInfer(&*context_, &message_, &*writer_, &queue_, &queue_, this);
  }

  EchoService& service_;
  grpc::ServerCompletionQueue& queue_;
  const grpc::ByteBuffer& answer_;
  RepeatedBatch* batch_;
  grpc::ByteBuffer message_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> writer_;
  bool answering_ = false;
};

void RunEchoThread(EchoService& service, grpc::ServerCompletionQueue& queue,
                   const grpc::ByteBuffer& answer, RepeatedBatch* batch) {
  std::vector<std::unique_ptr<EchoCall>> calls;
  calls.reserve(kPostedEchoCalls);
  for (int i = 0; i < kPostedEchoCalls; ++i) {
    calls.push_back(std::make_unique<EchoCall>(service, queue, answer, batch));
  }
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) static_cast<EchoCall*>(tag)->Complete(ok);
}

}  // namespace

absl::Status ServeEcho(const std::string& address, int threads, const std::string& answer,
                       std::optional<EchoEvaluation> evaluation) {
  tbb::task_arena arena(1);
  std::optional<Evaluator> evaluator;
  if (evaluation) evaluator.emplace(std::move(evaluation->network), 0.01, arena);
  const grpc::Slice slice(answer);
  const grpc::ByteBuffer bytes(&slice, 1);
  EchoService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  queues.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) queues.push_back(builder.AddCompletionQueue());
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
  }
  std::vector<std::thread> running;
  running.reserve(queues.size());
  for (const auto& queue : queues) {
    running.emplace_back([&, queue = queue.get()] {
      std::optional<RepeatedBatch> batch;
      if (evaluator) batch.emplace(*evaluator, evaluation->rows);
      RunEchoThread(service, *queue, bytes, batch ? &*batch : nullptr);
    });
  }
  for (std::thread& thread : running) thread.join();
  return absl::OkStatus();
}

}  // namespace mlp
