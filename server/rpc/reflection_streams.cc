#include "server/rpc/reflection_streams.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/batching/rejection_reason.h"
#include "server/rpc/admit_call.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/message_bytes.h"

namespace mlp {

using grpc::reflection::v1alpha::ServerReflectionRequest;

namespace {

// The generated descriptors. The messages of v1 come as bytes, so nothing else refers to them, and
// the linker would leave their descriptors out.
const google::protobuf::DescriptorPool& Descriptors() {
  return *grpc::reflection::v1::ServerReflectionRequest::descriptor()->file()->pool();
}

}  // namespace

// The gRPC objects of one stream.
class ReflectionStreams::Stream final : public LinkedList<Stream>::Entry {
 public:
  Stream(ReflectionStreams& owner, Version version) : owner_(owner), version_(version) {
    owner_.streams_.Add(*this);
  }

  // Asks gRPC for the next stream.
  CompletionTag& Post() {
    context_.AsyncNotifyWhenDone(over.Begin());
    grpc::ServerCompletionQueue* const queue = owner_.loop_.queue();
    if (version_ == Version::kV1) {
      owner_.services_.v1.RequestServerReflectionInfo(&context_, &stream_, queue, queue,
                                                      step_.Begin());
    } else {
      owner_.services_.v1alpha.RequestServerReflectionInfo(&context_, &stream_, queue, queue,
                                                           step_.Begin());
    }
    return step_;
  }

  std::string connection() const { return context_.peer(); }

  absl::Status Admit() {
    if (!owner_.gate_.asks_callers()) return absl::OkStatus();
    return AdmitCall(owner_.gate_, context_, Role::kObserve, "ServerReflectionInfo").status();
  }

  void Read() { stream_.Read(&message_, read.Begin()); }

  // Answers what was read, or returns the status that the stream ends with.
  grpc::Status Answer() {
    grpc::ByteBuffer bytes;
    const absl::Status status = RefuseWithoutMemory([&] { return MakeAnswer(bytes); });
    message_.Clear();
    if (status.ok()) stream_.Write(bytes, step_.Begin());
    return ToGrpcStatus(status);
  }
  CompletionTag& Answered() { return step_; }

  CompletionTag& Finish(const grpc::Status& status) {
    stream_.Finish(status, step_.Begin());
    return step_;
  }

  Wakeup wakeup;
  CompletionTag over{wakeup};
  CompletionTag read{wakeup};

 private:
  // Makes the answer to message_, in `bytes`.
  absl::Status MakeAnswer(grpc::ByteBuffer& bytes) {
    if (message_.Length() > kMaxRequestBytes) {
      return absl::InvalidArgumentError(absl::StrCat("a reflection request has ", message_.Length(),
                                                     " bytes; expected at most ",
                                                     kMaxRequestBytes));
    }
    ServerReflectionRequest request;
    absl::Status status = DecodeMessage(message_, request);
    if (!status.ok()) return status;
    return EncodeControlAnswer(owner_.answers_.Answer(std::move(request)), bytes);
  }

  ReflectionStreams& owner_;
  const Version version_;
  CompletionTag step_{wakeup};
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_{&context_};
  grpc::ByteBuffer message_;
};

ReflectionStreams::ReflectionStreams(const CompletionLoop& loop, ReflectionServices& reflection,
                                     CallGate& gate, std::vector<std::string> services)
    : loop_(loop),
      services_(reflection),
      gate_(gate),
      answers_(Descriptors(), std::move(services)) {
  frames_.StartFirst(Serve(Version::kV1Alpha));
  frames_.StartFirst(Serve(Version::kV1));
}

CallCoroutine ReflectionStreams::Serve(Version version) {
  for (bool is_last = false; !is_last;) {
    Stream stream(*this, version);
    if (!co_await stream.Post()) co_return;  // the server was shut down before a stream came
    const std::optional<OpenStream> open = open_.Enter(stream.connection());
    is_last = loop_.stopping() || frames_.Start(Serve(version));

    grpc::Status end;
    if (!open) {
      end = ToGrpcStatus(open_.Refusal("reflection streams"));
    } else if (!is_last) {
      // There is no new frame, so this frame must take the next stream.
      end = ToGrpcStatus(StatusOf(RejectionReason::kMemory));
    } else {
      end = ToGrpcStatus(stream.Admit());
    }
    while (end.ok()) {
      stream.Read();
      co_await stream.wakeup.Until(
          [this, &stream] { return stream.read.done() || stream.over.done() || ending_; });
      if (stream.over.done()) {
        end = grpc::Status::CANCELLED;
      } else if (!stream.read.done()) {
        end = ToGrpcStatus(StatusOf(RejectionReason::kStopping));
      } else if (!stream.read.ok()) {
        break;  // the client sends no more
      } else {
        // The caller may have lost its access since.
        end = ToGrpcStatus(stream.Admit());
        if (end.ok()) end = stream.Answer();
        if (end.ok() && !co_await stream.Answered()) end = grpc::Status::CANCELLED;
      }
    }
    co_await stream.Finish(end);
    // The read under way ends with the call.
    co_await stream.wakeup.Until(
        [&stream] { return stream.over.done() && !stream.read.pending(); });
  }
}

void ReflectionStreams::End() {
  ending_ = true;
  streams_.ForEach([](Stream& stream) { stream.wakeup.Notify(); });
}

}  // namespace mlp
