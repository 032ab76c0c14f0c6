#include "server/rpc/health_watchers.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "proto/open_inference.grpc.pb.h"
#include "server/batching/rejection_reason.h"
#include "server/rpc/admit_call.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/message_bytes.h"

namespace mlp {

namespace {

// A watch keeps its name as long as it lasts, and no service or model has a longer one.
constexpr std::size_t kMaxNameBytes = 256;

}  // namespace

// The gRPC objects of one watch.
class HealthWatchers::Watcher final : public LinkedList<Watcher>::Entry {
 public:
  explicit Watcher(HealthWatchers& owner) : owner_(owner) { owner_.watchers_.Add(*this); }

  // Asks gRPC for the next watch.
  CompletionTag& Post() {
    context_.AsyncNotifyWhenDone(over.Begin());
    grpc::ServerCompletionQueue* const queue = owner_.loop_.queue();
    owner_.service_.RequestWatch(&context_, &message_, &writer_, queue, queue, step_.Begin());
    return step_;
  }

  std::string connection() const { return context_.peer(); }

  absl::Status ReadRequest() {
    absl::Status status = AdmitToHealth(owner_.gate_, context_, "");
    if (status.ok()) status = CheckControlBytes(message_.Length());
    grpc::health::v1::HealthCheckRequest request;
    if (status.ok()) status = DecodeMessage(message_, request);
    message_.Clear();
    if (status.ok() && request.service().size() > kMaxNameBytes) {
      status = absl::InvalidArgumentError(absl::StrCat("the service's name has ",
                                                       request.service().size(),
                                                       " bytes; expected at most ", kMaxNameBytes));
    }
    if (!status.ok()) return status;
    service_name_ = std::move(*request.mutable_service());
    return Admit();
  }

  absl::Status Admit() { return AdmitToHealth(owner_.gate_, context_, service_name_); }

  Health::Status Status() const {
    // A watch may name an unknown service, because it could be added later.
    return owner_.health_.StatusOf(service_name_)
        .value_or(grpc::health::v1::HealthCheckResponse::SERVICE_UNKNOWN);
  }

  bool IsSent() const { return sent_ == Status(); }

  // Sends the status, or returns why it cannot be sent.
  grpc::Status Tell() {
    sent_ = Status();
    grpc::health::v1::HealthCheckResponse response;
    response.set_status(*sent_);
    grpc::ByteBuffer bytes;
    const absl::Status encoded = EncodeControlAnswer(response, bytes);
    if (encoded.ok()) writer_.Write(bytes, step_.Begin());
    return ToGrpcStatus(encoded);
  }
  CompletionTag& Sent() { return step_; }

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
  std::optional<Health::Status> sent_;
};

bool IsModelsHealth(const std::string& service) {
  return !service.empty() && service != inference::GRPCInferenceService::service_full_name();
}

absl::Status AdmitToHealth(CallGate& gate, const grpc::ServerContext& context,
                           const std::string& service) {
  const bool is_of_a_model = IsModelsHealth(service);
  if (!gate.asks_callers() || (!is_of_a_model && !gate.asks_callers_of_health())) {
    return absl::OkStatus();
  }
  absl::StatusOr<CallPass> pass = AdmitCall(gate, context, Role::kObserve, "Health");
  if (!pass.ok()) return pass.status();
  return is_of_a_model ? pass->CheckModel(service) : absl::OkStatus();
}

HealthWatchers::HealthWatchers(const CompletionLoop& loop, Service& service, const Health& health,
                               CallGate& gate)
    : loop_(loop), service_(service), health_(health), gate_(gate) {
  frames_.StartFirst(Serve());
}

CallCoroutine HealthWatchers::Serve() {
  for (bool is_last = false; !is_last;) {
    Watcher watcher(*this);
    if (!co_await watcher.Post()) co_return;  // the server was shut down before a watch came
    const std::optional<OpenStream> open = open_.Enter(watcher.connection());
    is_last = loop_.stopping() || frames_.Start(Serve());

    grpc::Status end;
    if (!open) {
      end = ToGrpcStatus(open_.Refusal("health watches"));
    } else if (!is_last) {
      // There is no new frame, so this frame must take the next watch.
      end = ToGrpcStatus(StatusOf(RejectionReason::kMemory));
    } else {
      end = ToGrpcStatus(watcher.ReadRequest());
    }
    while (end.ok()) {
      co_await watcher.wakeup.Until(
          [this, &watcher] { return watcher.over.done() || ending_ || !watcher.IsSent(); });
      if (watcher.over.done()) {
        end = grpc::Status::CANCELLED;
      } else if (!watcher.IsSent()) {
        // The caller may have been struck off since it was told the status before.
        end = ToGrpcStatus(watcher.Admit());
        if (end.ok()) end = watcher.Tell();
        if (end.ok() && !co_await watcher.Sent()) end = grpc::Status::CANCELLED;
      } else {
        end = ToGrpcStatus(StatusOf(RejectionReason::kStopping));
      }
    }
    co_await watcher.Finish(end);
    co_await watcher.over;
  }
}

void HealthWatchers::Update() {
  watchers_.ForEach([](Watcher& watcher) { watcher.wakeup.Notify(); });
}

void HealthWatchers::End() {
  ending_ = true;
  Update();
}

}  // namespace mlp
