#include "server/rpc/infer_call.h"

#include <utility>

#include "server/rpc/grpc_status.h"
#include "server/rpc/infer_response.h"

namespace mlp {
namespace {

google::protobuf::ArenaOptions StartingIn(std::array<char, 4096>& block) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block.data();
  options.initial_block_size = block.size();
  return options;
}

}  // namespace

InferCall::InferCall(const CompletionLoop& loop, Service& service,
                     std::function<void(InferCall&)> arrived)
    : loop_(loop),
      service_(service),
      arrived_(std::move(arrived)),
      arena_(StartingIn(arena_block_)) {
  Accept();
}

void InferCall::Accept() {
  writer_.reset();
  context_.emplace();
  writer_.emplace(&*context_);
  message_ = nullptr;
  arena_.Reset();
  message_ = google::protobuf::Arena::CreateMessage<inference::ModelInferRequest>(&arena_);
  answering_ = false;
  answered_ = false;
  ended_ = false;
  model_ = nullptr;
  context_->AsyncNotifyWhenDone(&end_tag_);
  service_.RequestModelInfer(&*context_, message_, &*writer_, loop_.queue(), loop_.queue(),
                             &step_tag_);
}

void InferCall::CompleteStep(bool ok) {
  if (answering_) {
    answered_ = true;
    AcceptNextOnceOver();
  } else if (ok) {
    arrived_(*this);
  }
  // Otherwise the server was shut down before a call came, and no further tag will.
}

void InferCall::CompleteEnd() {
  ended_ = true;
  AcceptNextOnceOver();
}

void InferCall::AcceptNextOnceOver() {
  if (answered_ && ended_ && !loop_.stopping()) Accept();
}

absl::Status InferCall::Read(const ModelTable& models) {
  absl::StatusOr<const ServedModel*> model =
      models.Find(message_->model_name(), message_->model_version());
  if (!model.ok()) return std::move(model).status();
  model_ = *model;
  absl::Status status = ReadInferRequest(*message_, *model_, request_);
  read_time_ = std::chrono::steady_clock::now();
  return status;
}

absl::Status InferCall::StillWanted(std::chrono::system_clock::time_point now) const {
  if (context_->deadline() <= now) {
    return absl::DeadlineExceededError("the deadline passed before the request was evaluated");
  }
  if (ended_ && context_->IsCancelled()) {
    return absl::CancelledError("the call was cancelled before it was evaluated");
  }
  return absl::OkStatus();
}

void InferCall::Finish(const Batch& batch, std::int64_t first_row) {
  auto* response = google::protobuf::Arena::CreateMessage<inference::ModelInferResponse>(&arena_);
  WriteInferResponse(*model_, request_, message_->id(), batch, first_row, *response);
  answering_ = true;
  writer_->Finish(*response, grpc::Status::OK, &step_tag_);
}

void InferCall::FinishWithError(const absl::Status& status) {
  answering_ = true;
  writer_->FinishWithError(ToGrpcStatus(status), &step_tag_);
}

}  // namespace mlp
