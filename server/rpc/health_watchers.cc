#include "server/rpc/health_watchers.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/message_bytes.h"

namespace mlp {

namespace {
using Response = grpc::health::v1::HealthCheckResponse;
}  // namespace

class HealthWatchers::Watcher final : public CompletionTag {
 public:
  explicit Watcher(HealthWatchers& owner) : owner_(owner), end_tag_(this), writer_(&context_) {
    context_.AsyncNotifyWhenDone(&end_tag_);
    owner_.service_.RequestWatch(&context_, &message_, &writer_, owner_.loop_.queue(),
                                 owner_.loop_.queue(), this);
  }

  void Complete(bool ok) override {
    busy_ = false;
    if (finishing_) {
      finished_ = true;
      LeaveOnceOver();
      return;
    }
    if (!taken_) {
      if (!ok) return;  // the server was shut down
      taken_ = true;
      const bool too_many = owner_.watchers_.size() > kMostWatchers;
      owner_.Taken();
      if (too_many) {
        Finish(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED,
                            "too many health watches are open; expected at most 1024"));
        return;
      }
      if (const absl::Status read = ReadRequest(); !read.ok()) {
        Finish(ToGrpcStatus(read));
        return;
      }
    }
    Update();
  }

  // Sends the status if it is another than was sent last.
  void Update() {
    if (!taken_ || busy_ || finishing_) return;
    if (ended_) {
      Finish(grpc::Status::CANCELLED);
      return;
    }
    // A watch may ask for a service that there is not: it could come into being.
    const Health::Status status =
        owner_.health_.StatusOf(service_name_).value_or(Response::SERVICE_UNKNOWN);
    if (status != sent_) {
      sent_ = status;
      Response response;
      response.set_status(status);
      grpc::ByteBuffer bytes;
      if (const absl::Status encoded = EncodeControlAnswer(response, bytes); !encoded.ok()) {
        Finish(ToGrpcStatus(encoded));
        return;
      }
      busy_ = true;
      writer_.Write(bytes, this);
    } else if (owner_.ending_) {
      Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping"));
    }
  }

 private:
  struct EndTag final : public CompletionTag {
    explicit EndTag(Watcher* owner) : watcher(owner) {}
    void Complete(bool) override {
      watcher->ended_ = true;
      watcher->Update();
      watcher->LeaveOnceOver();
    }
    Watcher* watcher;
  };

  absl::Status ReadRequest() {
    absl::Status status = CheckControlBytes(message_.Length());
    grpc::health::v1::HealthCheckRequest request;
    if (status.ok()) status = DecodeMessage(message_, request);
    message_.Clear();
    service_name_ = std::move(*request.mutable_service());
    return status;
  }

  void Finish(const grpc::Status& status) {
    finishing_ = true;
    busy_ = true;
    message_.Clear();
    writer_.Finish(status, this);
  }

  void LeaveOnceOver() {
    if (finished_ && ended_) owner_.Over(*this);
  }

  HealthWatchers& owner_;
  EndTag end_tag_;
  grpc::ServerContext context_;
  grpc::ByteBuffer message_;
  std::string service_name_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_;
  std::optional<Health::Status> sent_;
  bool taken_ = false;  // a client's call has come
  bool busy_ = false;   // a write or the finish is under way
  bool finishing_ = false;
  bool finished_ = false;
  bool ended_ = false;  // the call is over on gRPC's side
};

HealthWatchers::HealthWatchers(CompletionLoop& loop, Service& service, const Health& health)
    : loop_(loop), service_(service), health_(health) {
  Accept();
}

HealthWatchers::~HealthWatchers() = default;

void HealthWatchers::Update() {
  for (const auto& [key, watcher] : watchers_) watcher->Update();
}

void HealthWatchers::End() {
  ending_ = true;
  Update();
}

void HealthWatchers::Accept() {
  auto watcher = std::make_unique<Watcher>(*this);
  Watcher* const key = watcher.get();
  watchers_[key] = std::move(watcher);
}

void HealthWatchers::Taken() {
  if (!loop_.stopping()) Accept();
}

void HealthWatchers::Over(Watcher& watcher) {
  const auto found = watchers_.find(&watcher);
  loop_.DestroyAfterThisTag(std::move(found->second));
  watchers_.erase(found);
}

}  // namespace mlp
