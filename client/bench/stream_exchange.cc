#include "client/bench/stream_exchange.h"

#include <algorithm>
#include <utility>

#include "client/bench/wire.h"
#include "client/channel.h"

namespace mlp {

// At most one write and one read are in progress at a time, as gRPC requires.
class StreamExchange::Stream final {
 public:
  enum class Step { kStart, kWrite, kRead, kClose, kFinish };

  // The target of the queue's tags.
  struct Event {
    Stream* stream;
    Step step;
  };

  Stream(const std::shared_ptr<grpc::Channel>& channel, absl::Span<const grpc::ByteBuffer> messages,
         const std::string& token, grpc::CompletionQueue& queue, AnswerTally& tally)
      : stub_(channel),
        method_(kStreamInferMethod),
        messages_(messages),
        token_(token),
        queue_(queue),
        tally_(tally) {}

  bool open() const { return context_.has_value(); }

  void Send(const SentRequest& request) {
    if (!open()) Open();
    unsent_.push_back(request);
    WriteNext();
  }

  void Take(Step step, bool ok, LoadClock::time_point now) {
    --events_in_flight_;
    switch (step) {
      case Step::kStart:
        started_ = ok;
        if (ok) {
          WriteNext();
          ReadNext();
        } else {
          Finish();
        }
        break;
      case Step::kWrite:
        writing_ = false;
        if (!ok) break;  // the read will fail as well
        WriteNext();
        if (closing_) EndWrites();
        break;
      case Step::kRead:
        if (ok && TakeAnswer(now)) {
          ReadNext();
        } else {
          Finish();
        }
        break;
      case Step::kClose:
        break;
      case Step::kFinish:
        finished_ = true;
        break;
    }
    if (finished_ && events_in_flight_ == 0) End();
  }

  void Cancel() {
    if (open()) context_->TryCancel();
  }

  void Close() {
    if (!open() || closing_) return;
    closing_ = true;
    // An answer may arrive before gRPC reports that its request was written.
    if (!writing_) EndWrites();
  }

 private:
  void Open() {
    context_.emplace();
    AddTokenTo(token_, *context_);
    call_ = stub_.PrepareCall(&*context_, method_, &queue_);
    ++events_in_flight_;
    call_->StartCall(&start_);
  }

  void WriteNext() {
    if (!started_ || writing_ || finishing_ || unsent_.empty()) return;
    writing_ = true;
    unanswered_.push_back(unsent_.front());
    unsent_.pop_front();
    ++events_in_flight_;
    call_->Write(messages_[unanswered_.back().message], &write_);
  }

  void ReadNext() {
    ++events_in_flight_;
    call_->Read(&answer_, &read_);
  }

  void EndWrites() {
    if (finishing_) return;
    ++events_in_flight_;
    call_->WritesDone(&close_);
  }

  void Finish() {
    finishing_ = true;
    ++events_in_flight_;
    call_->Finish(&status_, &finish_);
  }

  // Whether the answer is well-formed and belongs to one of our requests.
  bool TakeAnswer(LoadClock::time_point now) {
    const grpc::Slice bytes = Flatten(answer_);
    const std::optional<StreamAnswer> answer = ParseStreamAnswer(BytesOf(bytes));
    if (!answer.has_value() || unanswered_.empty()) {
      malformed_ = true;
      context_->TryCancel();
      return false;
    }
    if (answer->error_message.empty()) {
      tally_.AddAnswer(unanswered_.front(), answer->infer_response, now);
    } else {
      tally_.AddError(grpc::StatusCode::UNKNOWN, answer->error_message);
    }
    unanswered_.pop_front();
    return true;
  }

  // Counts the requests lost with the stream, and resets it for reopening.
  void End() {
    if (malformed_) {
      status_ = {grpc::StatusCode::INTERNAL,
                 "malformed answer: not a message of the stream, or more answers than requests"};
    } else if (status_.ok()) {
      status_ = {grpc::StatusCode::UNKNOWN, "the stream ended before all answers arrived"};
    }
    for (std::size_t i = unanswered_.size() + unsent_.size(); i > 0; --i) {
      tally_.AddError(status_.error_code(), status_.error_message());
    }
    unanswered_.clear();
    unsent_.clear();
    call_.reset();
    context_.reset();
    status_ = grpc::Status();
    started_ = writing_ = closing_ = finishing_ = finished_ = malformed_ = false;
  }

  grpc::GenericStub stub_;
  const std::string method_;
  absl::Span<const grpc::ByteBuffer> messages_;
  const std::string& token_;
  grpc::CompletionQueue& queue_;
  AnswerTally& tally_;

  std::optional<grpc::ClientContext> context_;  // set while the stream is open
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  grpc::ByteBuffer answer_;
  grpc::Status status_;
  std::deque<SentRequest> unsent_;      // wait for the current write
  std::deque<SentRequest> unanswered_;  // written, in order
  int events_in_flight_ = 0;
  bool started_ = false;
  bool writing_ = false;
  bool closing_ = false;
  bool finishing_ = false;
  bool finished_ = false;
  bool malformed_ = false;
  Event start_{this, Step::kStart};
  Event write_{this, Step::kWrite};
  Event read_{this, Step::kRead};
  Event close_{this, Step::kClose};
  Event finish_{this, Step::kFinish};
};

StreamExchange::StreamExchange(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                               absl::Span<const grpc::ByteBuffer> messages,
                               const std::string& token, grpc::CompletionQueue& queue,
                               AnswerTally& tally) {
  streams_.reserve(channels.size());
  for (const std::shared_ptr<grpc::Channel>& channel : channels) {
    streams_.push_back(std::make_unique<Stream>(channel, messages, token, queue, tally));
  }
}

StreamExchange::~StreamExchange() = default;

void StreamExchange::Send(const SentRequest& request) {
  streams_[next_stream_]->Send(request);
  next_stream_ = (next_stream_ + 1) % streams_.size();
}

void StreamExchange::Take(void* tag, bool ok, LoadClock::time_point now) {
  const Stream::Event& event = *static_cast<Stream::Event*>(tag);
  event.stream->Take(event.step, ok, now);
}

void StreamExchange::Cancel() {
  for (const std::unique_ptr<Stream>& stream : streams_) stream->Cancel();
}

void StreamExchange::Close() {
  for (const std::unique_ptr<Stream>& stream : streams_) stream->Close();
}

bool StreamExchange::closed() const {
  return std::none_of(streams_.begin(), streams_.end(),
                      [](const std::unique_ptr<Stream>& stream) { return stream->open(); });
}

}  // namespace mlp
