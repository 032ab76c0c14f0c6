#include "server/rpc/health_watchers.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/message_bytes.h"

namespace mlp {

// What one watch has of gRPC.
class HealthWatchers::Watcher final {
 public:
  explicit Watcher(HealthWatchers& owner) : owner_(owner) { owner_.watchers_.insert(this); }
  ~Watcher() { owner_.watchers_.erase(this); }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // Asks gRPC for a client's watch.
  CompletionTag& Post() {
    context_.AsyncNotifyWhenDone(over.Begin());
    grpc::ServerCompletionQueue* const queue = owner_.loop_.queue();
    owner_.service_.RequestWatch(&context_, &message_, &writer_, queue, queue, step_.Begin());
    return step_;
  }

  absl::Status ReadRequest() {
    absl::Status status = CheckControlBytes(message_.Length());
    grpc::health::v1::HealthCheckRequest request;
    if (status.ok()) status = DecodeMessage(message_, request);
    message_.Clear();
    service_name_ = std::move(*request.mutable_service());
    return status;
  }

  Health::Status Status() const {
    // A watch may ask for a service that there is not: it could come into being.
    return owner_.health_.StatusOf(service_name_)
        .value_or(grpc::health::v1::HealthCheckResponse::SERVICE_UNKNOWN);
  }

  bool IsTold() const { return told_ == Status(); }

  // Tells the status, or says why it cannot be told.
  grpc::Status Tell() {
    told_ = Status();
    grpc::health::v1::HealthCheckResponse response;
    response.set_status(*told_);
    grpc::ByteBuffer bytes;
    const absl::Status encoded = EncodeControlAnswer(response, bytes);
    if (encoded.ok()) writer_.Write(bytes, step_.Begin());
    return ToGrpcStatus(encoded);
  }
  CompletionTag& Told() { return step_; }

  CompletionTag& Finish(const grpc::Status& status) {
    message_.Clear();
    writer_.Finish(status, step_.Begin());
    return step_;
  }

  Wakeup wakeup;
  CompletionTag over{wakeup};

 private:
  HealthWatchers& owner_;
  CompletionTag step_{wakeup};
  grpc::ServerContext context_;
  grpc::ByteBuffer message_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_{&context_};
  std::string service_name_;
  std::optional<Health::Status> told_;
};

HealthWatchers::HealthWatchers(const CompletionLoop& loop, Service& service, const Health& health)
    : loop_(loop), service_(service), health_(health) {
  frames_.StartFirst(Serve());
}

CallCoroutine HealthWatchers::Serve() {
  Watcher watcher(*this);
  if (!co_await watcher.Post()) co_return;  // the server was shut down before a watch came
  const bool too_many = watchers_.size() > kMostWatchers;
  if (!loop_.stopping()) static_cast<void>(frames_.Start(Serve()));

  grpc::Status end;
  if (too_many) {
    end = grpc::Status(
        grpc::StatusCode::RESOURCE_EXHAUSTED,
        absl::StrCat("too many health watches are open; expected at most ", kMostWatchers));
  } else {
    end = ToGrpcStatus(watcher.ReadRequest());
  }
  while (end.ok()) {
    co_await watcher.wakeup.Until(
        [this, &watcher] { return watcher.over.done() || ending_ || !watcher.IsTold(); });
    if (watcher.over.done()) {
      end = grpc::Status::CANCELLED;
    } else if (!watcher.IsTold()) {
      end = watcher.Tell();
      if (end.ok() && !co_await watcher.Told()) end = grpc::Status::CANCELLED;
    } else {
      end = grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping");
    }
  }
  co_await watcher.Finish(end);
  co_await watcher.over;
}

void HealthWatchers::Update() {
  for (Watcher* const watcher : watchers_) watcher->wakeup.Notify();
}

void HealthWatchers::End() {
  ending_ = true;
  Update();
}

}  // namespace mlp
