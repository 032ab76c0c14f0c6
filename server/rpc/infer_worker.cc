#include "server/rpc/infer_worker.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "server/memory_room.h"

namespace mlp {
namespace {

// Calls that are posted ahead: as many requests can come at once without gRPC keeping them for us.
constexpr int kPostedCalls = 128;

// Others are posted in the midst of a drain only where fewer than these are left: a call that is
// over is posted again by itself, and posting one before a request is answered would delay that.
constexpr int kLeastPostedCalls = 64;

// How long a thread sleeps at most while it looks after calls or models that went.
constexpr std::chrono::milliseconds kLongestSleep(1'000);

// How long a client may take for an answer where others are refused for want of bytes.
constexpr std::chrono::seconds kPatienceWhenShort(2);

// Until the batches of others have made room for one of a model with few instances.
constexpr std::chrono::microseconds kInstanceWait(100);

}  // namespace

InferWorker::InferWorker(InferService& service, const ModelCatalog& models, Limits limits,
                         BusyThreads& busy, Metrics& metrics,
                         std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : service_(service),
      limits_(limits),
      busy_threads_(busy),
      metrics_(metrics),
      models_(models),
      loop_(std::move(queue), [&metrics] { metrics.loop_takeovers().Increment(); }) {}

void InferWorker::Start() {
  PostCalls(kPostedCalls);
  PostStream();
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

void InferWorker::LookAfter(bool models_changed) {
  if (models_changed) return loop_.CallOwnerSoon();
  loop_.WakeReliefIfKept();
}

void InferWorker::BeginStop() { loop_.Stop(); }

void InferWorker::Stop() {
  thread_.join();
  relief_.join();
}

InferStream& InferWorker::PostStream() {
  auto stream = std::make_unique<InferStream>(loop_, service_, stream_owner_);
  InferStream& posted = *stream;
  streams_[&posted] = std::move(stream);
  return posted;
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
  // What it holds of gRPC would keep its connection's descriptor and memory.
  call.LetGo();
  idle_calls_.push_back(std::move(found->second));
  calls_.erase(found);
}

void InferWorker::Opened(InferStream& stream) {
  if (!limits_.streams.Enter()) {
    metrics_.rejections().Count(RejectionReason::kOpenStreams);
    stream.Refuse(RejectionReason::kOpenStreams);
  }
  if (loop_.stopping()) return;
  InferStream& posted = PostStream();
  if (streams_ended_) posted.End();
}

void InferWorker::Arrived(InferJob& job, grpc::ByteBuffer& message) { Submit(job, message); }

void InferWorker::Over(InferStream& stream) {
  limits_.streams.Leave();
  const auto found = streams_.find(&stream);
  loop_.DestroyAfterThisTag(std::move(found->second));
  streams_.erase(found);
}

void InferWorker::Submit(InferJob& job, grpc::ByteBuffer& message) {
  arrivals_.store(arrivals() + 1, std::memory_order_relaxed);
  if (refusing_.load(std::memory_order_relaxed)) {
    return Refuse(job, RejectionReason::kStopping);
  }
  // What cannot be had for one request must not end the others.
  try {
    Admit(job, message);
  } catch (const std::bad_alloc&) {
    Refuse(job, RejectionReason::kMemory);
  }
}

void InferWorker::Admit(InferJob& job, grpc::ByteBuffer& message) {
  if (const absl::Status status = ReadRequestWire(message, wire_); !status.ok()) {
    return Refuse(job, RejectionReason::kInvalid, status);
  }
  // Whoever was told that a model is loaded finds it.
  models_changed_ |= models_.Refresh();
  const std::int64_t bytes =
      std::max(static_cast<std::int64_t>(message.Length()), wire_.decoded_bytes);
  const AdmissionControl::Standing standing = StandingOf(bytes, job.arrival);
  if (const auto reason = limits_.admission.Enter(bytes, standing, job.arrival)) {
    return Refuse(job, *reason);
  }
  job.admitted = true;
  job.admitted_bytes = bytes;
  if (!HasMemoryRoom(bytes)) return Refuse(job, RejectionReason::kMemory);
  if (const auto refusal = Read(job, message)) {
    return Refuse(job, refusal->reason, refusal->status);
  }
  // Gathered, in the answer and encoded.
  if (!HasMemoryRoom(3 * job.answer_bytes())) return Refuse(job, RejectionReason::kMemory);
  if (const auto reason = limits_.admission.AddRows(job.rows())) {
    return Refuse(job, *reason);
  }
  job.admitted_rows = job.rows();
  if (const auto reason = limits_.answers.Hold(
          job.answer_bytes(), [&job] { return job.Connection(); }, job.held_answer)) {
    short_of_answer_bytes_ |= limits_.answers.IsHalfHeld();
    return Refuse(job, *reason);
  }
  Enqueue(job);
}

std::optional<InferJob::Refusal> InferWorker::Read(InferJob& job, grpc::ByteBuffer& message) {
  const RefusableWork work;
  return job.Read(message, models_.table());
}

void InferWorker::Enqueue(InferJob& job) {
  InferLane& lane = LaneOf(job.model());
  // Before the lane has the job, as there may be no memory for it.
  if (waiting_.size() == waiting_.capacity()) waiting_.reserve(2 * waiting_.size() + 1);
  const InferLane::Seconds waited = lane.WaitingTime();
  const InferLane::Seconds turn = lane.TurnTime();
  if (!lane.Push(job)) return Refuse(job, RejectionReason::kQueueSize);
  if (!lane.listed) {
    waiting_.push_back(&lane);
    lane.listed_since = job.arrival;
  }
  lane.listed = true;
  waiting_time_ += lane.WaitingTime() - waited;
  turn_time_ += lane.TurnTime() - turn;
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
  if (job.admitted) limits_.admission.Leave(job.admitted_bytes, job.admitted_rows);
  job.admitted = false;
}

AdmissionControl::Standing InferWorker::StandingOf(std::int64_t bytes,
                                                   Clock::time_point now) const {
  AdmissionControl::Standing standing;
  standing.last_empty = now;
  if (waiting_.empty()) return standing;
  InferLane::Seconds others = waiting_time_;
  InferLane::Seconds turn_of_others = turn_time_;
  std::size_t other_lanes = waiting_.size();
  double turns = 1;
  const auto model = models_.table().Find(wire_.model_name, wire_.model_version);
  const auto found = model.ok() ? lanes_.find(model->get()) : lanes_.end();
  if (found != lanes_.end()) {
    const InferLane& lane = *found->second;
    // The values are most of a request; what else is in it makes it a little larger than it is.
    const std::int64_t rows =
        std::clamp<std::int64_t>(bytes / (*model)->row_bytes, 1, (*model)->max_batch_rows);
    standing.own = lane.TimeOf(rows);
    standing.wait = lane.TimeBefore(rows);
    // By the same pace as the wait, too: the last batch may have been a quick one.
    standing.batch = std::max(lane.cost().batch(), lane.FullTurnTime());
    if (lane.listed) {
      standing.last_empty = lane.listed_since;
      others -= lane.WaitingTime();
      turn_of_others -= lane.TurnTime();
      --other_lanes;
    }
    // Each of its own batches waits for one of each other model.
    turns = std::max(turns, std::ceil((standing.wait + standing.own) / lane.FullTurnTime()));
  }
  if (other_lanes == 0) return standing;
  standing.wait += std::min(others, turns * turn_of_others);
  standing.batch_of_others = turn_of_others / static_cast<double>(other_lanes);
  return standing;
}

InferLane& InferWorker::LaneOf(const std::shared_ptr<const ServedModel>& model) {
  const auto found = lanes_.find(model.get());
  if (found != lanes_.end()) return *found->second;
  // Without memory for it, there is no entry either.
  if (!HasMemoryRoom(model->evaluator->workspace_bytes())) throw std::bad_alloc();
  const RefusableWork work;
  auto lane = std::make_unique<InferLane>(
      model, busy_threads_, [this](InferJob& job) { Release(job); },
      [this](InferJob& job, RejectionReason reason) { Refuse(job, reason); });
  return *lanes_.emplace(model.get(), std::move(lane)).first->second;
}

InferWorker::Clock::time_point InferWorker::EvaluateRound() {
  const bool refusing = refusing_.load(std::memory_order_relaxed);
  busy_.store(true, std::memory_order_relaxed);
  Clock::time_point next = Clock::time_point::max();
  waiting_time_ = turn_time_ = InferLane::Seconds(0);
  std::size_t kept = 0;
  for (InferLane* const lane : waiting_) {
    // Nobody waits for others to come where none will.
    const bool evaluated = lane->EvaluateIfReady(Clock::now(), refusing);
    lane->listed = !lane->queue().empty();
    if (!lane->listed) continue;
    waiting_[kept++] = lane;
    waiting_time_ += lane->WaitingTime();
    turn_time_ += lane->TurnTime();
    const Clock::time_point ready = lane->queue().ReadyAt();
    next = std::min(next, evaluated ? ready : std::max(ready, Clock::now() + kInstanceWait));
  }
  waiting_.resize(kept);
  busy_.store(!waiting_.empty(), std::memory_order_relaxed);
  EndStreamsOnceRefusing();
  CancelUntakenAnswers(Clock::now());
  models_changed_ |= models_.Refresh();
  if (models_changed_) DropLanesOfModelsThatWent();
  if (idle_calls_.size() > kPostedCalls) idle_calls_.resize(kPostedCalls);
  if (models_changed_ || HasCallsUnderWay()) next = std::min(next, Clock::now() + kLongestSleep);
  return next;
}

bool InferWorker::HasCallsUnderWay() const {
  // One stream is always posted.
  return static_cast<int>(calls_.size()) > posted_ || streams_.size() > 1;
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
  for (const auto& [key, stream] : streams_) stream->End();
}

void InferWorker::CancelUntakenAnswers(Clock::time_point now) {
  if (now - last_cancelled_ < kLongestSleep) return;
  last_cancelled_ = now;
  // Where answers are refused for those that nobody takes, nobody may be slow.
  const Clock::duration patience =
      short_of_answer_bytes_
          ? std::min<Clock::duration>(kPatienceWhenShort, limits_.answer_patience)
          : limits_.answer_patience;
  short_of_answer_bytes_ = false;
  for (const auto& [key, call] : calls_) call->CancelIfSentBefore(now - patience);
  for (const auto& [key, stream] : streams_) stream->CancelIfSentBefore(now - patience);
}

}  // namespace mlp
