#include "server/rpc/infer_stream.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "server/batching/rejection_reason.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/message_bytes.h"

namespace mlp {

// A request of the stream, and then its answer.
class InferStream::Entry final : public InferJob {
 public:
  explicit Entry(InferStream& stream) : stream_(stream) {}

  void Begin() {
    Reset();
    done_ = false;
    arrival = Clock::now();
    deadline = SteadyTime(stream_.context_.raw_deadline(), arrival);
  }

  bool Cancelled() const override { return stream_.broken_; }

  std::string Connection() const override { return stream_.connection_; }

  void SendAnswer() override {
    envelope_ = nullptr;
    Reset();
    done_ = true;
    stream_.Proceed();
  }

  void SendError(const absl::Status& status) override {
    auto* envelope =
        google::protobuf::Arena::CreateMessage<inference::ModelStreamInferResponse>(&arena());
    envelope->set_error_message(std::string(status.message()));
    // So that the client knows which of its requests it was.
    if (!id().empty()) envelope->mutable_infer_response()->set_id(id());
    held_answer.Release();
    encoded().Clear();
    envelope_ = envelope;
    // An error is short: it is encoded, or there is no memory at all.
    if (!Encode(encoded()).ok()) stream_.context_.TryCancel();
    SendAnswer();
  }

  // Gives everything back.
  void Forget() {
    held_answer.Release();
    encoded().Clear();
  }

  bool done() const { return done_; }
  const grpc::ByteBuffer& bytes() { return encoded(); }

 protected:
  inference::ModelInferResponse* NewAnswer(google::protobuf::Arena& arena) override {
    envelope_ = google::protobuf::Arena::CreateMessage<inference::ModelStreamInferResponse>(&arena);
    return envelope_->mutable_infer_response();
  }

  grpc::Status Encode(grpc::ByteBuffer& bytes) const override {
    return EncodeMessage(*envelope_, bytes);
  }

 private:
  InferStream& stream_;
  inference::ModelStreamInferResponse* envelope_ = nullptr;  // in the arena
  bool done_ = false;
};

InferStream::InferStream(const CompletionLoop& loop, InferService& service, Owner& owner)
    : loop_(loop), service_(service), owner_(owner) {
  context_.AsyncNotifyWhenDone(&end_tag_);
  service_.RequestModelStreamInfer(&context_, &stream_, loop_.queue(), loop_.queue(), &open_tag_);
}

InferStream::~InferStream() = default;

void InferStream::Refuse(RejectionReason reason) {
  finishing_ = true;
  stream_.Finish(ToGrpcStatus(StatusOf(reason)), &finish_tag_);
}

void InferStream::End() {
  no_more_ = true;
  ending_ = true;
  Proceed();
}

void InferStream::CancelIfSentBefore(QueuedRequest::Clock::time_point time) {
  if (writing_ && sent_ < time) context_.TryCancel();
}

void InferStream::CompleteOpen(bool ok) {
  if (!ok) return;  // the server was shut down
  open_ = true;
  connection_ = context_.peer();
  owner_.Opened(*this);
  Proceed();
}

void InferStream::CompleteRead(bool ok) {
  reading_ = false;
  if (!ok) {
    no_more_ = true;
  } else if (!broken_ && !no_more_) {
    std::unique_ptr<Entry> entry;
    if (spare_.empty()) {
      entry = std::make_unique<Entry>(*this);
    } else {
      entry = std::move(spare_.back());
      spare_.pop_back();
    }
    entry->Begin();
    entries_.push_back(std::move(entry));
    // The owner may answer at once.
    in_arrived_ = true;
    owner_.Arrived(*entries_.back(), read_message_);
    in_arrived_ = false;
    read_message_.Clear();
  }
  Proceed();
  LeaveOnceOver();
}

void InferStream::CompleteWrite(bool ok) {
  writing_ = false;
  if (!ok) broken_ = true;
  if (spare_.size() < kMostSpare) {
    entries_.front()->Forget();
    spare_.push_back(std::move(entries_.front()));
  }
  entries_.pop_front();
  Proceed();
}

void InferStream::CompleteFinish(bool /*ok*/) {
  finished_ = true;
  LeaveOnceOver();
}

void InferStream::CompleteEnd(bool /*ok*/) {
  ended_ = true;
  if (context_.IsCancelled()) broken_ = true;
  Proceed();
  LeaveOnceOver();
}

void InferStream::LeaveOnceOver() {
  if (finished_ && ended_ && !reading_) owner_.Over(*this);
}

void InferStream::ReadNext() {
  if (reading_ || no_more_ || broken_ || entries_.size() >= kMostUnderWay) return;
  reading_ = true;
  stream_.Read(&read_message_, &read_tag_);
}

void InferStream::WriteNext() {
  if (writing_ || entries_.empty() || !entries_.front()->done()) return;
  if (broken_) {
    while (!entries_.empty() && entries_.front()->done()) entries_.pop_front();
    return;
  }
  writing_ = true;
  sent_ = QueuedRequest::Clock::now();
  // Without the hint that more follows at once: with it, the first of two answers that were ready
  // together never went out in a test (gRPC 1.51).
  stream_.Write(entries_.front()->bytes(), &write_tag_);
}

void InferStream::Proceed() {
  if (!open_ || in_arrived_ || finishing_) return;
  ReadNext();
  WriteNext();
  if (!entries_.empty() || writing_ || !(no_more_ || broken_)) return;
  // Where it is we who end, the read that is still under way ends with the call.
  if (reading_ && !ending_) return;
  finishing_ = true;
  grpc::Status status;
  if (broken_) {
    status = grpc::Status::CANCELLED;
  } else if (ending_) {
    status = ToGrpcStatus(StatusOf(RejectionReason::kStopping));
  }
  stream_.Finish(status, &finish_tag_);
}

}  // namespace mlp
