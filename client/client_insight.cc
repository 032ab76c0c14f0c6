// The calls of a Client that only mlpserve has.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/channel.h"
#include "client/client.h"
#include "client/client_connection.h"
#include "proto/insight.grpc.pb.h"

namespace mlp {
namespace {

using InsightClock = std::chrono::steady_clock;
using mlpserve::v1::Insight;

// How often a caller is asked whether to continue.
constexpr std::chrono::milliseconds kBetweenAsks(100);

// The bytes of values in one message: whole floats, within the server's limit.
constexpr std::size_t kChunkBytes = 64'000;

// One call, awaited in steps. `ask` is called between the steps, and repeatedly while waiting.
class PolledCall final {
 public:
  PolledCall(const ClientOptions& options, KeepGoing ask)
      : timeout_(options.timeout), ask_(std::move(ask)) {
    AddTokenTo(options.credentials.token, context);
  }
  ~PolledCall() {
    queue.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) {
    }
  }
  PolledCall(const PolledCall&) = delete;
  PolledCall& operator=(const PolledCall&) = delete;

  // Waits for the operation started with tag() and returns its `ok` from gRPC.
  bool Wait() {
    const InsightClock::time_point begin = InsightClock::now();
    Ask();
    for (;;) {
      void* tag = nullptr;
      bool ok = false;
      if (queue.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + kBetweenAsks) ==
          grpc::CompletionQueue::GOT_EVENT) {
        return ok;
      }
      Ask();
      if (!late_ && InsightClock::now() - begin >= timeout_) {
        late_ = true;
        context.TryCancel();
      }
    }
  }

  void* tag() { return this; }

  // Whether the caller or the timeout cancelled the call.
  bool refused() const { return refused_; }
  bool late() const { return late_; }

  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  grpc::Status status;

 private:
  void Ask() {
    if (refused_ || ask_ == nullptr || ask_()) return;
    refused_ = true;
    context.TryCancel();
  }

  const std::chrono::milliseconds timeout_;
  const KeepGoing ask_;
  bool refused_ = false;
  bool late_ = false;
};

// The result of a call. An answer that arrived counts, even if the call was being cancelled.
template <typename Connection>
absl::Status Outcome(const Connection& connection, const PolledCall& call) {
  if (call.status.ok()) return absl::OkStatus();
  if (call.refused()) return absl::CancelledError("interrupted");
  if (call.late()) return connection.NoAnswer();
  return Connection::ToStatus(call.status);
}

absl::Status MalformedBaseline(absl::string_view what) {
  return absl::InternalError(absl::StrCat("malformed answer: ", what));
}

template <typename Response>
absl::StatusOr<BaselineFile> ReadBaselineFile(Response& response) {
  const mlpserve::v1::BaselineSummary& summary = response.summary();
  if (response.baseline().empty()) return MalformedBaseline("an empty baseline");
  if (summary.rows() < 0 || summary.windows() < 0)
    return MalformedBaseline("a baseline with a negative number of rows");
  BaselineFile file;
  file.contents = std::move(*response.mutable_baseline());
  file.model = summary.model_name();
  file.version = summary.model_version();
  file.source = summary.source();
  file.created = summary.created();
  file.rows = summary.rows();
  file.windows = summary.windows();
  for (const auto& target : summary.targets()) {
    BaselineLayer& layer = file.layers.emplace_back();
    layer.name = target.layer();
    layer.components = target.components();
    layer.level = target.level();
    layer.accepted = target.accepted();
  }
  for (const auto& reference : summary.layers()) {
    BaselineLayer& layer = BaselineLayerNamed(reference.layer(), file);
    layer.has_reference = true;
    layer.lower_share = reference.lower_share();
    layer.upper_share = reference.upper_share();
    layer.dead_units = reference.dead_units();
    layer.mean = reference.mean();
    layer.gradient_gain = reference.gradient_gain();
  }
  return file;
}

}  // namespace

BaselineLayer& BaselineLayerNamed(const std::string& layer, BaselineFile& file) {
  const std::string name = layer == "output" ? "outputs" : layer;
  for (BaselineLayer& existing : file.layers) {
    if (existing.name == name) return existing;
  }
  file.layers.emplace_back();
  file.layers.back().name = name;
  return file.layers.back();
}

absl::StatusOr<std::string> Client::StatusJson(const std::string& model,
                                               const KeepGoing& keep_going) const {
  mlpserve::v1::StatusRequest request;
  request.set_model_name(model);
  mlpserve::v1::StatusResponse response;
  PolledCall call(connection_->options, keep_going);
  const auto reader = connection_->insight->AsyncStatus(&call.context, request, &call.queue);
  reader->Finish(&response, &call.status, call.tag());
  call.Wait();
  if (absl::Status status = Outcome(*connection_, call); !status.ok()) return status;
  return std::move(*response.mutable_json());
}

absl::StatusOr<BaselineFile> Client::Baseline(const std::string& model,
                                              const std::string& version) const {
  mlpserve::v1::GetBaselineRequest request;
  request.set_model_name(model);
  request.set_model_version(version);
  mlpserve::v1::GetBaselineResponse response;
  absl::Status status =
      connection_->Call(*connection_->insight, &Insight::Stub::GetBaseline, request, response);
  if (!status.ok()) return status;
  return ReadBaselineFile(response);
}

absl::StatusOr<BaselineFile> Client::AcceptWindows(const std::string& model,
                                                   const std::string& version) const {
  mlpserve::v1::AcceptWindowsRequest request;
  request.set_model_name(model);
  request.set_model_version(version);
  mlpserve::v1::AcceptWindowsResponse response;
  absl::Status status =
      connection_->Call(*connection_->insight, &Insight::Stub::AcceptWindows, request, response);
  if (!status.ok()) return status;
  return ReadBaselineFile(response);
}

absl::StatusOr<BaselineFile> Client::Calibrate(
    const CalibrationTarget& target, absl::Span<const float> values,
    const std::function<bool(std::int64_t values_sent)>& sent) const {
  const absl::string_view bytes(reinterpret_cast<const char*>(values.data()),
                                values.size() * sizeof(float));
  std::size_t bytes_sent = 0;
  KeepGoing ask;
  if (sent != nullptr) {
    ask = [&] { return sent(static_cast<std::int64_t>(bytes_sent / sizeof(float))); };
  }
  mlpserve::v1::CalibrateResponse response;
  PolledCall call(connection_->options, std::move(ask));
  const auto writer =
      connection_->insight->AsyncCalibrate(&call.context, &response, &call.queue, call.tag());
  bool ok = call.Wait();
  mlpserve::v1::CalibrateRequest message;
  message.mutable_begin()->set_model_name(target.model);
  message.mutable_begin()->set_model_version(target.version);
  message.mutable_begin()->set_install(target.install);
  if (ok) {
    writer->Write(message, call.tag());
    ok = call.Wait();
  }
  while (ok && bytes_sent < bytes.size()) {
    const absl::string_view chunk = bytes.substr(bytes_sent, kChunkBytes);
    message.set_values(chunk.data(), chunk.size());
    writer->Write(message, call.tag());
    ok = call.Wait();
    bytes_sent += chunk.size();
  }
  // If the server refuses, it ends the call before the last message; Finish gives the reason.
  if (ok) {
    writer->WritesDone(call.tag());
    call.Wait();
  }
  writer->Finish(&call.status, call.tag());
  call.Wait();
  if (absl::Status status = Outcome(*connection_, call); !status.ok()) return status;
  absl::StatusOr<BaselineFile> file = ReadBaselineFile(response);
  if (file.ok()) file->warnings.assign(response.warnings().begin(), response.warnings().end());
  return file;
}

}  // namespace mlp
