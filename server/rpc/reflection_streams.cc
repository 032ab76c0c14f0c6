#include "server/rpc/reflection_streams.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/message_bytes.h"

namespace mlp {

using grpc::reflection::v1alpha::ServerReflectionRequest;

namespace {

// The generated descriptors. Nothing else refers to the messages of v1, which come as bytes: the
// linker would leave their descriptors out.
const google::protobuf::DescriptorPool& Descriptors() {
  return *grpc::reflection::v1::ServerReflectionRequest::descriptor()->file()->pool();
}

}  // namespace

// One operation is under way at a time, the read at the end apart: it ends with the call.
class ReflectionStreams::Stream final {
 public:
  Stream(ReflectionStreams& owner, Version version) : owner_(owner), version_(version) {
    context_.AsyncNotifyWhenDone(&end_tag_);
    grpc::ServerCompletionQueue* const queue = owner_.loop_.queue();
    if (version == Version::kV1) {
      owner_.services_.v1.RequestServerReflectionInfo(&context_, &stream_, queue, queue,
                                                      &open_tag_);
    } else {
      owner_.services_.v1alpha.RequestServerReflectionInfo(&context_, &stream_, queue, queue,
                                                           &open_tag_);
    }
  }

  // Starts what can be started: the next read, or the end.
  void Proceed() {
    if (!open_ || writing_ || finishing_) return;
    if (ended_ || broken_) {
      Finish(grpc::Status::CANCELLED);
    } else if (owner_.ending_) {
      Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping"));
    } else if (no_more_) {
      Finish(grpc::Status::OK);
    } else if (!reading_) {
      reading_ = true;
      stream_.Read(&message_, &read_tag_);
    }
  }

 private:
  struct Tag final : public CompletionTag {
    Tag(Stream* owner, void (Stream::*then)(bool)) : stream(owner), complete(then) {}
    void Complete(bool ok) override { (stream->*complete)(ok); }
    Stream* stream;
    void (Stream::*complete)(bool);
  };

  void CompleteOpen(bool ok) {
    if (!ok) return;  // the server was shut down
    open_ = true;
    owner_.Opened(version_);
    if (owner_.open_ > kMostStreams) {
      Finish(grpc::Status(
          grpc::StatusCode::RESOURCE_EXHAUSTED,
          absl::StrCat("too many reflection streams are open; expected at most ", kMostStreams)));
      return;
    }
    Proceed();
  }

  void CompleteRead(bool ok) {
    reading_ = false;
    if (!ok) {
      no_more_ = true;
    } else if (!finishing_ && !ended_) {
      Answer();
    }
    Proceed();
    LeaveOnceOver();
  }

  void CompleteWrite(bool ok) {
    writing_ = false;
    if (!ok) broken_ = true;
    Proceed();
  }

  void CompleteFinish(bool /*ok*/) {
    finished_ = true;
    LeaveOnceOver();
  }

  void CompleteEnd(bool /*ok*/) {
    ended_ = true;
    Proceed();
    LeaveOnceOver();
  }

  void Answer() {
    grpc::ByteBuffer bytes;
    const absl::Status status = RefuseWithoutMemory([&] { return MakeAnswer(bytes); });
    message_.Clear();
    if (!status.ok()) {
      Finish(ToGrpcStatus(status));
      return;
    }
    writing_ = true;
    stream_.Write(bytes, &write_tag_);
  }

  // The answer to message_, in `bytes`.
  absl::Status MakeAnswer(grpc::ByteBuffer& bytes) {
    if (message_.Length() > kMostRequestBytes) {
      return absl::InvalidArgumentError(absl::StrCat("a reflection request has ", message_.Length(),
                                                     " bytes; expected at most ",
                                                     kMostRequestBytes));
    }
    ServerReflectionRequest request;
    absl::Status status = DecodeMessage(message_, request);
    if (!status.ok()) return status;
    return EncodeControlAnswer(owner_.answers_.Answer(std::move(request)), bytes);
  }

  void Finish(const grpc::Status& status) {
    finishing_ = true;
    stream_.Finish(status, &finish_tag_);
  }

  void LeaveOnceOver() {
    if (finished_ && ended_ && !reading_) owner_.Over(*this);
  }

  ReflectionStreams& owner_;
  const Version version_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_{&context_};
  Tag open_tag_{this, &Stream::CompleteOpen};
  Tag read_tag_{this, &Stream::CompleteRead};
  Tag write_tag_{this, &Stream::CompleteWrite};
  Tag finish_tag_{this, &Stream::CompleteFinish};
  Tag end_tag_{this, &Stream::CompleteEnd};

  grpc::ByteBuffer message_;
  bool open_ = false;  // a client has opened it
  bool reading_ = false;
  bool writing_ = false;
  bool no_more_ = false;  // the client sends no more
  bool broken_ = false;   // nothing can be sent any more
  bool finishing_ = false;
  bool finished_ = false;
  bool ended_ = false;  // the call is over on gRPC's side
};

ReflectionStreams::ReflectionStreams(CompletionLoop& loop, ReflectionServices& reflection,
                                     std::vector<std::string> services)
    : loop_(loop), services_(reflection), answers_(Descriptors(), std::move(services)) {
  Accept(Version::kV1Alpha);
  Accept(Version::kV1);
}

ReflectionStreams::~ReflectionStreams() = default;

void ReflectionStreams::End() {
  ending_ = true;
  for (const auto& [key, stream] : streams_) stream->Proceed();
}

void ReflectionStreams::Accept(Version version) {
  auto stream = std::make_unique<Stream>(*this, version);
  Stream* const key = stream.get();
  streams_[key] = std::move(stream);
}

void ReflectionStreams::Opened(Version version) {
  ++open_;
  if (!loop_.stopping()) Accept(version);
}

void ReflectionStreams::Over(Stream& stream) {
  --open_;
  const auto found = streams_.find(&stream);
  loop_.DestroyAfterThisTag(std::move(found->second));
  streams_.erase(found);
}

}  // namespace mlp
