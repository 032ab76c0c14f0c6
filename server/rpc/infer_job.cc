#include "server/rpc/infer_job.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/rpc/message_bytes.h"

namespace mlp {
namespace {

using google::protobuf::Arena;

google::protobuf::ArenaOptions StartingIn(std::array<char, 4096>& block) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block.data();
  options.initial_block_size = block.size();
  return options;
}

RejectionReason ReasonOf(const absl::Status& status) {
  if (absl::IsNotFound(status)) return RejectionReason::kUnknownModel;
  return absl::IsUnavailable(status) ? RejectionReason::kNotReady : RejectionReason::kInvalid;
}

// A parameter that is a whole number of 0 or more; 0 if it is missing. Clients send both types.
absl::StatusOr<std::uint64_t> WholeNumber(const inference::ModelInferRequest& message,
                                          const char* key) {
  const auto parameter = message.parameters().find(key);
  if (parameter == message.parameters().end()) return 0;
  const inference::InferParameter& value = parameter->second;
  if (value.parameter_choice_case() == inference::InferParameter::kUint64Param) {
    return value.uint64_param();
  }
  if (value.parameter_choice_case() == inference::InferParameter::kInt64Param &&
      value.int64_param() >= 0) {
    return static_cast<std::uint64_t>(value.int64_param());
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the request has the parameter '", key,
                   "'; expected an int64_param or uint64_param of 0 or more"));
}

}  // namespace

InferJob::InferJob() : arena_(StartingIn(arena_block_)) {}

void InferJob::Begin(AnswerSlot& slot, Clock::time_point its_arrival,
                     Clock::time_point its_deadline) {
  slot_ = &slot;
  arrival = its_arrival;
  deadline = its_deadline;
}

void InferJob::Reset() {
  message_ = nullptr;
  arena_.Reset();
  insight_.reset();
  asks_insight_ = false;
  timing = {};
  model_.reset();
  gathered_ = {};
  classes_ = {};
  request_.words.clear();
  work_per_row = 0;
  rows_taken = 0;
  given_up.reset();
  level = 0;
  deadline = Clock::time_point::max();
  timeout = Clock::time_point::max();
  admitted = false;
  admitted_bytes = 0;
  admitted_rows = 0;
}

std::optional<InferJob::Refusal> InferJob::Read(grpc::ByteBuffer& bytes, const ModelTable& models) {
  message_ = Arena::CreateMessage<inference::ModelInferRequest>(&arena_);
  if (absl::Status decoded = DecodeMessage(bytes, *message_); !decoded.ok()) {
    // The decoded part may contain invalid text, which must not be sent back.
    message_ = nullptr;
    if (absl::IsResourceExhausted(decoded)) {
      return Refusal{RejectionReason::kMemory, StatusOf(RejectionReason::kMemory)};
    }
    return Refusal{RejectionReason::kInvalid, std::move(decoded)};
  }
  absl::StatusOr<std::shared_ptr<const ServedModel>> model =
      models.Find(message_->model_name(), message_->model_version());
  if (!model.ok()) return Refusal{ReasonOf(model.status()), model.status()};
  model_ = *std::move(model);
  absl::Status status = ReadInferRequest(*message_, *model_, request_);
  if (status.ok()) status = ReadParameters();
  if (!status.ok()) return Refusal{RejectionReason::kInvalid, std::move(status)};
  work_per_row = ClassesWorkPerRow(*model_, request_);
  if (asks_insight_) work_per_row += RequestInsight::WorkPerRow(*model_);
  return std::nullopt;
}

absl::Status InferJob::ReadParameters() {
  const Scheduling& scheduling = model_->settings.scheduling;
  level = scheduling.default_level;
  std::chrono::microseconds own_timeout{0};
  if (!message_->parameters().empty()) {
    const absl::StatusOr<std::uint64_t> priority = WholeNumber(*message_, "priority");
    if (!priority.ok()) return priority.status();
    // As in Triton, 0 and any number beyond the levels means the default.
    if (*priority > 0 && *priority <= scheduling.levels.size()) {
      level = static_cast<std::size_t>(*priority - 1);
    }
    const absl::StatusOr<std::uint64_t> asked = WholeNumber(*message_, "timeout");
    if (!asked.ok()) return asked.status();
    // A year or more counts as no timeout, so no sum of times overflows.
    constexpr std::uint64_t kYear = std::uint64_t{365} * 24 * 3600 * 1'000'000;
    if (*asked < kYear) own_timeout = std::chrono::microseconds(static_cast<std::int64_t>(*asked));
    if (absl::Status status = ReadInsight(); !status.ok()) return status;
  }
  std::chrono::microseconds effective = scheduling.levels[level].default_timeout;
  if (own_timeout.count() > 0 && (effective.count() == 0 || own_timeout < effective)) {
    effective = own_timeout;
  }
  timeout = effective.count() > 0 ? arrival + effective : Clock::time_point::max();
  return absl::OkStatus();
}

absl::Status InferJob::ReadInsight() {
  const auto parameter = message_->parameters().find("insight");
  if (parameter == message_->parameters().end()) return absl::OkStatus();
  if (parameter->second.parameter_choice_case() != inference::InferParameter::kBoolParam) {
    return absl::InvalidArgumentError(
        "the request has the parameter 'insight'; expected a bool_param");
  }
  asks_insight_ = parameter->second.bool_param();
  return absl::OkStatus();
}

void InferJob::AddInsight(std::int64_t first_row, std::int64_t rows) {
  if (!asks_insight_) return;
  if (!insight_) insight_.emplace(*model_);
  insight_->AddRows(request_.inputs, first_row, rows);
}

void InferJob::Gather(const Batch& batch, std::int64_t row_in_batch, std::int64_t first_row,
                      std::int64_t rows) {
  const Network& network = *model_->network;
  ReadBatch(batch, row_in_batch, rows);
  AddInsight(first_row, rows);
  gathered_.resize(network.outputs().size());
  for (const RequestedOutput& requested : request_.outputs) {
    if (requested.best_units > 0) continue;
    const std::size_t i = requested.index;
    const std::int64_t width = network.WidthOf(network.outputs()[i]);
    gathered_[i].resize(static_cast<std::size_t>(request_.rows * width));
    const float* from = outputs_[i];
    std::copy(from, from + rows * width, gathered_[i].data() + first_row * width);
  }
}

std::int64_t InferJob::answer_bytes() const {
  return request_.answer_bytes + static_cast<std::int64_t>(message_->id().size()) +
         (asks_insight_ ? RequestInsight::MostBytes(*model_) : 0);
}

bool InferJob::WriteOutputs() {
  inference::ModelStreamInferResponse* envelope = nullptr;
  inference::ModelInferResponse* answer = nullptr;
  if (slot_->form() == AnswerSlot::Form::kStreamed) {
    envelope = Arena::CreateMessage<inference::ModelStreamInferResponse>(&arena_);
    answer = envelope->mutable_infer_response();
  } else {
    answer = Arena::CreateMessage<inference::ModelInferResponse>(&arena_);
  }
  WriteInferResponse(*model_, request_, message_->id(), outputs_, classes_, *answer);
  // Clients of Triton's decoupled models, which may answer a request more than once, ask which
  // answer is the last. Here, each answer is.
  const auto asked = message_->parameters().find("triton_enable_empty_final_response");
  if (asked != message_->parameters().end() && asked->second.bool_param()) {
    (*answer->mutable_parameters())["triton_final_response"].set_bool_param(true);
  }
  if (insight_) insight_->Write(*answer);
  const grpc::Status encoded = envelope == nullptr ? EncodeMessage(*answer, slot_->bytes)
                                                   : EncodeMessage(*envelope, slot_->bytes);
  return encoded.ok() && slot_->bytes.Length() <= slot_->most_bytes();
}

bool InferJob::EncodeStreamedError(const absl::Status& status) {
  try {
    auto* const envelope = Arena::CreateMessage<inference::ModelStreamInferResponse>(&arena_);
    envelope->set_error_message(std::string(status.message()));
    // Tells the client which of its requests this is.
    if (!id().empty()) envelope->mutable_infer_response()->set_id(id());
    return EncodeMessage(*envelope, slot_->bytes).ok();
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void InferJob::SendAnswer() {
  AnswerSlot& slot = *slot_;
  Reset();
  slot.Answer(absl::OkStatus());
}

void InferJob::SendError(const absl::Status& status) {
  AnswerSlot& slot = *slot_;
  slot.held.Release();
  slot.bytes.Clear();
  absl::Status answer = status;
  // In a stream, an error is one of its answers, and the stream goes on. An error is short: if it
  // cannot be encoded, there is no memory at all.
  if (slot.form() == AnswerSlot::Form::kStreamed && EncodeStreamedError(status)) {
    answer = absl::OkStatus();
  }
  Reset();
  slot.Answer(std::move(answer));
}

void InferJob::ReadBatch(const Batch& batch, std::int64_t row_in_batch, std::int64_t rows) {
  outputs_.clear();
  for (std::size_t i = 0; i < model_->network->outputs().size(); ++i) {
    outputs_.push_back(batch.Output(i, row_in_batch));
  }
  if (work_per_row > 0) AddClasses(*model_, request_, rows, outputs_, classes_);
}

bool InferJob::WriteAnswer(const Batch& batch, std::int64_t row_in_batch) {
  ReadBatch(batch, row_in_batch, rows());
  AddInsight(/*first_row=*/0, rows());
  return WriteOutputs();
}

bool InferJob::WriteEmptyAnswer() {
  static constexpr float kNoValue = 0;
  outputs_.assign(model_->network->outputs().size(), &kNoValue);
  classes_.assign(request_.outputs.size(), {});
  AddInsight(/*first_row=*/0, /*rows=*/0);
  return WriteOutputs();
}

bool InferJob::WriteGatheredAnswer() {
  outputs_.clear();
  for (const std::vector<float>& output : gathered_) outputs_.push_back(output.data());
  return WriteOutputs();
}

}  // namespace mlp
