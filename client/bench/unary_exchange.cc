#include "client/bench/unary_exchange.h"

#include "absl/strings/string_view.h"
#include "client/bench/wire.h"
#include "client/channel.h"

namespace mlp {

UnaryExchange::UnaryExchange(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                             absl::Span<const grpc::ByteBuffer> messages,
                             std::chrono::milliseconds deadline, const std::string& token,
                             grpc::CompletionQueue& queue, AnswerTally& tally)
    : method_(kInferMethod),
      messages_(messages),
      deadline_(deadline),
      token_(token),
      queue_(queue),
      tally_(tally) {
  stubs_.reserve(channels.size());
  for (const std::shared_ptr<grpc::Channel>& channel : channels) stubs_.emplace_back(channel);
}

void UnaryExchange::Send(const SentRequest& request) {
  if (idle_.empty()) idle_.push_back(&calls_.emplace_back());
  Call& call = *idle_.back();
  idle_.pop_back();
  call.request = request;
  call.context.emplace();
  AddTokenTo(token_, *call.context);
  if (deadline_.count() > 0) {
    call.context->set_deadline(std::chrono::system_clock::now() + deadline_);
  }
  grpc::GenericStub& stub = stubs_[next_stub_];
  next_stub_ = next_stub_ + 1 == stubs_.size() ? 0 : next_stub_ + 1;
  call.reader = stub.PrepareUnaryCall(&*call.context, method_, messages_[request.message], &queue_);
  call.reader->StartCall();
  call.reader->Finish(&call.response, &call.status, &call);
}

void UnaryExchange::Take(void* tag, bool /*ok*/, LoadClock::time_point now) {
  Call& call = *static_cast<Call*>(tag);
  if (!call.status.ok()) {
    tally_.AddError(call.status.error_code(), call.status.error_message());
  } else if (tally_.needs_answers()) {
    const grpc::Slice answer = Flatten(call.response);
    tally_.AddAnswer(call.request, BytesOf(answer), now);
  } else {
    tally_.AddAnswer(call.request, absl::string_view(), now);
  }
  call.reader.reset();
  call.context.reset();
  call.response.Clear();
  call.status = grpc::Status();
  idle_.push_back(&call);
}

void UnaryExchange::Cancel() {
  for (Call& call : calls_) {
    if (call.context.has_value()) call.context->TryCancel();
  }
}

}  // namespace mlp
