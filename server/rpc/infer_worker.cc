#include "server/rpc/infer_worker.h"

#include <chrono>
#include <utility>

#include "absl/time/time.h"

namespace mlp {

InferWorker::Lane::Lane(const ServedModel& served)
    : model(served), batch(*served.evaluator, served.max_batch_rows) {}

InferWorker::InferWorker(InferCall::Service& service, const ModelTable& models, Metrics& metrics,
                         std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : service_(service),
      models_(models),
      metrics_(metrics),
      loop_(std::move(queue)),
      lanes_(models.served().size()) {}

void InferWorker::Start(int calls) {
  for (int i = 0; i < calls; ++i) {
    calls_.emplace_back(loop_, service_, [this](InferCall& call) { Arrived(call); });
  }
  thread_ = std::thread([this] { loop_.Run([this] { EvaluateArrived(); }); });
}

void InferWorker::Stop() {
  loop_.Stop();
  thread_.join();
}

void InferWorker::Arrived(InferCall& call) {
  arrivals_.store(arrivals() + 1, std::memory_order_relaxed);
  absl::Status status = call.Read(models_);
  if (status.ok() && refusing_.load(std::memory_order_relaxed)) {
    status = absl::UnavailableError("the server is stopping");
  }
  if (status.ok()) {
    arrived_.push_back(&call);
    return;
  }
  if (call.model() != nullptr) {
    call.model()->instruments.metrics->CountRequest(status.code());
  } else {
    metrics_.unknown_model_requests().Count(status.code());
  }
  call.FinishWithError(status);
}

void InferWorker::EvaluateArrived() {
  if (arrived_.empty()) return;
  evaluating_.store(true, std::memory_order_relaxed);
  const auto now = std::chrono::system_clock::now();
  for (InferCall* call : arrived_) {
    if (const absl::Status status = call->StillWanted(now); !status.ok()) {
      call->model()->instruments.metrics->CountRequest(status.code());
      call->FinishWithError(status);
      continue;
    }
    Lane& lane = LaneOf(*call->model());
    if (!lane.batch.Fits(call->rows())) Evaluate(lane);
    lane.riders.push_back({call, lane.batch.Add(call->rows(), call->values())});
  }
  arrived_.clear();
  for (std::optional<Lane>& lane : lanes_) {
    if (lane.has_value() && !lane->riders.empty()) Evaluate(*lane);
  }
  evaluating_.store(false, std::memory_order_relaxed);
}

void InferWorker::Evaluate(Lane& lane) {
  using Clock = std::chrono::steady_clock;
  ModelMetrics& metrics = *lane.model.instruments.metrics;
  const Clock::time_point start = Clock::now();
  lane.batch.Evaluate();
  const Clock::time_point end = Clock::now();
  metrics.ObserveBatch(lane.batch.rows(), absl::FromChrono(end - start));
  // Counted before any answer leaves, so that whoever has an answer finds it counted.
  lane.model.instruments.activity->Add(lane.batch.rows(), lane.batch.activity(), end);
  for (const Lane::Rider& rider : lane.riders) {
    const Clock::time_point read_time = rider.call->read_time();
    metrics.CountRequest(absl::StatusCode::kOk);
    rider.call->Finish(lane.batch, rider.first_row);
    metrics.ObserveRequest(absl::FromChrono(Clock::now() - read_time),
                           absl::FromChrono(start - read_time));
  }
  lane.riders.clear();
  lane.batch.Clear();
}

InferWorker::Lane& InferWorker::LaneOf(const ServedModel& model) {
  std::optional<Lane>& lane = lanes_[model.index];
  if (!lane.has_value()) lane.emplace(model);
  return *lane;
}

}  // namespace mlp
