#include "server/rpc/infer_call.h"

#include "server/rpc/grpc_status.h"
#include "server/rpc/message_bytes.h"

namespace mlp {

InferCall::InferCall(const CompletionLoop& loop, InferService& service, Owner& owner)
    : loop_(loop), service_(service), owner_(owner) {}

void InferCall::Post() {
  LetGo();
  context_.emplace();
  writer_.emplace(&*context_);
  answering_ = false;
  answered_ = false;
  ended_ = false;
  context_->AsyncNotifyWhenDone(&end_tag_);
  service_.RequestModelInfer(&*context_, &message_, &*writer_, loop_.queue(), loop_.queue(),
                             &step_tag_);
}

void InferCall::LetGo() {
  message_.Clear();
  writer_.reset();
  context_.reset();
}

void InferCall::CompleteStep(bool ok) {
  if (answering_) {
    answered_ = true;
    held_answer.Release();
    LeaveOnceOver();
  } else if (ok) {
    arrival = Clock::now();
    deadline = SteadyTime(context_->raw_deadline(), arrival);
    owner_.Arrived(*this, message_);
  }
  // Otherwise the server was shut down before a call came, and no further tag will.
}

void InferCall::CompleteEnd() {
  ended_ = true;
  LeaveOnceOver();
}

void InferCall::LeaveOnceOver() {
  if (answered_ && ended_) owner_.Over(*this);
}

grpc::Status InferCall::Encode(grpc::ByteBuffer& bytes) const {
  return EncodeMessage(answer(), bytes);
}

void InferCall::CancelIfSentBefore(Clock::time_point time) {
  if (answering_ && !answered_ && sent_ < time) context_->TryCancel();
}

void InferCall::SendAnswer() {
  answering_ = true;
  sent_ = Clock::now();
  Reset();
  writer_->Finish(encoded(), grpc::Status::OK, &step_tag_);
  // gRPC shares the bytes, and keeps them no longer than it needs them.
  encoded().Clear();
}

void InferCall::SendError(const absl::Status& status) {
  answering_ = true;
  sent_ = Clock::now();
  held_answer.Release();
  message_.Clear();
  encoded().Clear();
  Reset();
  writer_->FinishWithError(ToGrpcStatus(status), &step_tag_);
}

}  // namespace mlp
