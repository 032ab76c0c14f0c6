#include "server/rpc/infer_call.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include "server/rpc/grpc_status.h"

namespace mlp {

InferCall::InferCall(const CompletionLoop& loop, InferService& service, Owner& owner)
    : loop_(loop), service_(service), owner_(owner) {}

void InferCall::Post() {
  message_.Clear();
  writer_.reset();
  context_.emplace();
  writer_.emplace(&*context_);
  answering_ = false;
  answered_ = false;
  ended_ = false;
  context_->AsyncNotifyWhenDone(&end_tag_);
  service_.RequestModelInfer(&*context_, &message_, &*writer_, loop_.queue(), loop_.queue(),
                             &step_tag_);
}

void InferCall::CompleteStep(bool ok) {
  if (answering_) {
    answered_ = true;
    LeaveOnceOver();
  } else if (ok) {
    arrival = Clock::now();
    deadline = SteadyTime(context_->deadline(), arrival);
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

void InferCall::SendAnswer() {
  answering_ = true;
  // The bytes that stood for the request can go before those of the answer come.
  message_.Clear();
  bool own = false;
  const grpc::Status status = grpc::SerializationTraits<inference::ModelInferResponse>::Serialize(
      answer(), &message_, &own);
  Reset();
  if (status.ok()) {
    writer_->Finish(message_, grpc::Status::OK, &step_tag_);
  } else {
    writer_->FinishWithError(status, &step_tag_);
  }
}

void InferCall::SendError(const absl::Status& status) {
  answering_ = true;
  Reset();
  writer_->FinishWithError(ToGrpcStatus(status), &step_tag_);
}

}  // namespace mlp
