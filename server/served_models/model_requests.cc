#include "server/served_models/model_requests.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

absl::Status Stopping() { return absl::UnavailableError("the server is stopping"); }

}  // namespace

ModelRequests::ModelRequests(std::size_t most_waiting_bytes)
    : most_waiting_bytes_(most_waiting_bytes) {}

void ModelRequests::Add(Request request) {
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    refused = TryAdd(request);
  }
  if (!refused.ok()) request.done(refused);
}

absl::Status ModelRequests::TryAdd(Request& request) {
  if (stopped_) return Stopping();
  // Counted by kind, so that loads do not keep unloads out.
  const auto is_alike = [&](const Request& other) { return other.kind == request.kind; };
  if (std::count_if(waiting_.begin(), waiting_.end(), is_alike) >= kMaxWaiting) {
    return absl::ResourceExhaustedError(
        absl::StrCat(kMaxWaiting, " requests to ", request.kind == Kind::kLoad ? "load" : "unload",
                     " models are already waiting"));
  }
  if (absl::Status room = CheckWaitingBytes(request.bytes); !room.ok()) return room;
  const std::size_t bytes = request.bytes;
  waiting_.push_back(std::move(request));
  waiting_bytes_ += bytes;  // last, because push_back may throw
  wake_.notify_all();
  return absl::OkStatus();
}

absl::Status ModelRequests::CheckWaitingBytes(std::size_t bytes) const {
  if (bytes == 0 || waiting_bytes_ == 0 || waiting_bytes_ + bytes <= most_waiting_bytes_) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(absl::StrCat("waiting model files have ", waiting_bytes_,
                                                   " bytes; ", bytes, " more would exceed ",
                                                   most_waiting_bytes_));
}

absl::Status ModelRequests::CheckRoomFor(std::size_t bytes) const {
  const std::lock_guard lock(mutex_);
  return CheckWaitingBytes(bytes);
}

std::deque<ModelRequests::Request>::iterator ModelRequests::NextOf(Kind kind) {
  const std::optional<std::string>& elsewhere =
      at_work(kind == Kind::kLoad ? Kind::kUnload : Kind::kLoad).model;
  for (auto request = waiting_.begin(); request != waiting_.end(); ++request) {
    const auto of_its_model = [&](const Request& other) { return other.model == request->model; };
    if (request->kind == kind && request->model != elsewhere &&
        std::none_of(waiting_.begin(), request, of_its_model)) {
      return request;
    }
  }
  return waiting_.end();
}

std::optional<ModelRequests::Work> ModelRequests::Take(Kind kind, Clock::time_point until) {
  std::unique_lock lock(mutex_);
  auto next = waiting_.end();
  const auto called = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    next = NextOf(kind);
    return stopped_ || next != waiting_.end();
  };
  if (!wake_.wait_until(lock, until, called) || stopped_) return std::nullopt;
  waiting_bytes_ -= next->bytes;
  at_work(kind) = {std::move(next->model), std::move(next->done)};
  std::optional<Work> work = std::move(next->work);
  waiting_.erase(next);
  return work;
}

void ModelRequests::Answer(Kind kind, const absl::Status& status) {
  // Under the lock, so that Stop returns after the last call.
  const std::lock_guard lock(mutex_);
  const AtWork over = std::exchange(at_work(kind), {});
  if (over.done) over.done(status);
  // The other thread may wait for this model.
  wake_.notify_all();
}

void ModelRequests::Stop() {
  std::deque<Request> left;
  Done load;
  Done unload;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    left.swap(waiting_);
    load.swap(load_at_work_.done);
    unload.swap(unload_at_work_.done);
    wake_.notify_all();
  }
  if (load) load(Stopping());
  if (unload) unload(Stopping());
  for (const Request& request : left) request.done(Stopping());
}

bool ModelRequests::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

bool ModelRequests::CallUnlessStopped(const std::function<void()>& call) const {
  const std::lock_guard lock(mutex_);
  if (stopped_) return false;
  call();
  return true;
}

}  // namespace mlp
