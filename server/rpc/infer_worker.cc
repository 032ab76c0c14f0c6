#include "server/rpc/infer_worker.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <utility>

namespace mlp {
namespace {

// Calls that are posted ahead: as many requests can come at once without gRPC keeping them for us.
constexpr int kPostedCalls = 128;

// Others are posted in the midst of a drain only where fewer than these are left: a call that is
// over is posted again by itself, and posting one before a request is answered would delay that.
constexpr int kLeastPostedCalls = 64;

// How long a thread sleeps at most, so that it lets go of models that went.
constexpr std::chrono::milliseconds kLongestSleep(1000);

// Until the batches of others have made room for one of a model with few instances.
constexpr std::chrono::microseconds kInstanceWait(100);

}  // namespace

InferWorker::InferWorker(InferService& service, const ModelCatalog& models,
                         AdmissionControl& admission, BusyThreads& busy, Metrics& metrics,
                         std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : service_(service),
      admission_(admission),
      busy_threads_(busy),
      metrics_(metrics),
      models_(models),
      loop_(std::move(queue)),
      last_empty_(Clock::now()) {}

void InferWorker::Start() {
  PostCalls(kPostedCalls);
  streams_.push_back(std::make_unique<InferStream>(loop_, service_, stream_owner_));
  thread_ = std::thread([this] { loop_.Run([this] { return EvaluateRound(); }); });
  relief_ = std::thread([this] {
    loop_.Relieve([this] {
      busy_threads_.Begin();  // the thread that is away, with reading
      const Clock::time_point next = EvaluateRound();
      busy_threads_.End();
      return next;
    });
  });
}

void InferWorker::Refuse() {
  refusing_.store(true, std::memory_order_relaxed);
  wake_alarm_.Set(loop_.queue(), gpr_now(GPR_CLOCK_MONOTONIC), &wake_);
}

void InferWorker::Stop() {
  loop_.Stop();
  thread_.join();
  relief_.join();
}

void InferWorker::PostCalls(int least) {
  while (posted_ < least && !loop_.stopping()) {
    std::unique_ptr<InferCall> call;
    if (idle_calls_.empty()) {
      call = std::make_unique<InferCall>(loop_, service_, call_owner_);
    } else {
      call = std::move(idle_calls_.back());
      idle_calls_.pop_back();
    }
    InferCall& posted = *call;
    calls_[&posted] = std::move(call);
    posted.Post();
    ++posted_;
  }
}

void InferWorker::Arrived(InferCall& call, grpc::ByteBuffer& message) {
  // However many requests wait, others can come, if only to be refused.
  --posted_;
  PostCalls(kLeastPostedCalls);
  Submit(call, message);
}

void InferWorker::Over(InferCall& call) {
  if (loop_.stopping()) return;
  if (posted_ < kPostedCalls) {
    call.Post();
    ++posted_;
    return;
  }
  const auto found = calls_.find(&call);
  // The call is in the midst of its last step: it goes with the next drain.
  idle_calls_.push_back(std::move(found->second));
  calls_.erase(found);
}

void InferWorker::Opened(InferStream& /*stream*/) {
  if (loop_.stopping()) return;
  streams_.push_back(std::make_unique<InferStream>(loop_, service_, stream_owner_));
  if (streams_ended_) streams_.back()->End();
}

void InferWorker::Arrived(InferJob& job, grpc::ByteBuffer& message) { Submit(job, message); }

void InferWorker::Over(InferStream& stream) {
  streams_.remove_if(
      [&](const std::unique_ptr<InferStream>& other) { return other.get() == &stream; });
}

void InferWorker::Submit(InferJob& job, grpc::ByteBuffer& message) {
  arrivals_.store(arrivals() + 1, std::memory_order_relaxed);
  if (refusing_.load(std::memory_order_relaxed)) {
    return Refuse(job, RejectionReason::kStopping);
  }
  const auto bytes = static_cast<std::int64_t>(message.Length());
  if (const auto reason = admission_.Enter(bytes, Standing(), job.arrival)) {
    return Refuse(job, *reason);
  }
  // Whoever was told that a model is loaded finds it.
  models_changed_ |= models_.Refresh();
  job.admitted = true;
  job.admitted_bytes = bytes;
  if (const auto refusal = job.Read(message, models_.table())) {
    return Refuse(job, refusal->reason, refusal->status);
  }
  if (const auto reason = admission_.AddRows(job.rows())) {
    return Refuse(job, *reason);
  }
  job.admitted_rows = job.rows();
  if (!LaneOf(job.model()).Push(job)) Refuse(job, RejectionReason::kQueueSize);
}

void InferWorker::Refuse(InferJob& job, RejectionReason reason, const absl::Status& status) {
  metrics_.rejections().Count(reason);
  if (const ServedModel* model = job.model().get(); model != nullptr) {
    model->instruments.metrics->CountRequest(status.code());
    model->instruments.statistics->AddFailure(Clock::now() - job.arrival);
  } else {
    metrics_.unknown_model_requests().Count(status.code());
  }
  Release(job);
  job.SendError(status);
}

void InferWorker::Release(InferJob& job) {
  if (job.admitted) admission_.Leave(job.admitted_bytes, job.admitted_rows);
  job.admitted = false;
}

AdmissionControl::Standing InferWorker::Standing() const {
  AdmissionControl::Standing standing;
  standing.last_empty = last_empty_;
  for (const auto& [model, lane] : lanes_) {
    standing.wait += lane->cost().per_row() * static_cast<double>(lane->queue().waiting_rows());
    standing.batch = std::max(standing.batch, lane->cost().batch());
  }
  return standing;
}

InferLane& InferWorker::LaneOf(const std::shared_ptr<const ServedModel>& model) {
  std::unique_ptr<InferLane>& lane = lanes_[model.get()];
  if (lane == nullptr) {
    lane = std::make_unique<InferLane>(
        model, busy_threads_, [this](InferJob& job) { Release(job); },
        [this](InferJob& job, RejectionReason reason) { Refuse(job, reason); });
  }
  return *lane;
}

InferWorker::Clock::time_point InferWorker::EvaluateRound() {
  const bool refusing = refusing_.load(std::memory_order_relaxed);
  busy_.store(true, std::memory_order_relaxed);
  Clock::time_point next = Clock::now() + kLongestSleep;
  bool empty = true;
  for (const auto& [model, lane] : lanes_) {
    // Nobody waits for others to come where none will.
    const bool evaluated = lane->EvaluateIfReady(Clock::now(), refusing);
    if (lane->queue().empty()) continue;
    empty = false;
    const Clock::time_point ready = lane->queue().ReadyAt();
    next = std::min(next, evaluated ? ready : std::max(ready, Clock::now() + kInstanceWait));
  }
  if (empty) last_empty_ = Clock::now();
  busy_.store(!empty, std::memory_order_relaxed);
  EndStreamsOnceRefusing();
  models_changed_ |= models_.Refresh();
  if (models_changed_) DropLanesOfModelsThatWent();
  if (idle_calls_.size() > kPostedCalls) idle_calls_.resize(kPostedCalls);
  return next;
}

void InferWorker::DropLanesOfModelsThatWent() {
  models_changed_ = false;
  absl::erase_if(lanes_, [this](const auto& entry) {
    const InferLane& lane = *entry.second;
    const auto found = models_.table().Find(lane.model()->name, lane.model()->version);
    if (found.ok() && *found == lane.model()) return false;
    // It goes when its last request has.
    if (!lane.queue().empty()) models_changed_ = true;
    return lane.queue().empty();
  });
}

void InferWorker::EndStreamsOnceRefusing() {
  if (streams_ended_ || !refusing_.load(std::memory_order_relaxed)) return;
  streams_ended_ = true;
  for (const std::unique_ptr<InferStream>& stream : streams_) stream->End();
}

}  // namespace mlp
