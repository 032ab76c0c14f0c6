// One request over HTTP and its answer.

#ifndef MLP_SERVER_REST_REST_EXCHANGE_H_
#define MLP_SERVER_REST_REST_EXCHANGE_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/access/call_gate.h"
#include "server/batching/answer_budget.h"
#include "server/observe/metrics.h"
#include "server/observe/trace_id.h"
#include "server/rest/control_answers.h"
#include "server/rest/infer_body.h"
#include "server/rest/rest_path.h"
#include "server/rest/rest_reply.h"
#include "server/rpc/local_inference.h"
#include "server/rpc/request_log.h"
#include "server/served_models/model_catalog.h"

namespace mlp {

// What comes of a body that was refused is read and forgotten, so that its client, which may look
// for the answer only afterwards, gets it; up to so much.
inline constexpr std::int64_t kMostDiscardedBytes = std::int64_t{64} << 20;

// How large a request may be.
struct RestLimits {
  std::int64_t message_bytes = 0;  // of the request as gRPC would bring it
  std::int64_t memory_bytes = 0;   // of all bodies that are on their way; 0 for any number
};

// What all exchanges share.
struct RestServices {
  const ModelCatalog& models;
  LocalInference& inference;
  AnswerBudget& answers;
  Metrics& metrics;
  RequestLog& requests;
  CallGate& gate;
  ControlAnswers control;
  RestLimits limits;
  std::atomic<std::int64_t> body_bytes = 0;  // of all bodies that are on their way
  std::atomic<std::int64_t> exchanges = 0;   // that have begun and are not over
};

// Who asks.
struct RestCaller {
  absl::Span<const absl::string_view> authorization;  // values of the header
  absl::string_view from;                             // the client's address
  bool is_encrypted = false;                          // nobody on the way reads it
};

// What is known of a request before its body.
struct RestHead {
  absl::string_view method;
  absl::string_view path;
  absl::string_view content_encoding;   // empty where there is none
  absl::string_view transfer_encoding;  // the same
  absl::string_view content_length;
  absl::string_view json_bytes;  // Inference-Header-Content-Length
  absl::string_view traceparent;
  RestCaller caller;
  bool expects_continue = false;
  // Whether a header that says where the body ends stands twice, or any has a blank in its name:
  // others may read the same bytes as other requests.
  bool is_ambiguous = false;
};

// Belongs to the HTTP thread that it came by, but for the answer that others bring.
class RestExchange final {
 public:
  using Clock = std::chrono::steady_clock;

  // What is to be done next.
  enum class Step {
    kReadBody,
    kWait,       // for the answer that Begin's `answered` tells of
    kSendReply,  // TakeReply has it
    kClose,      // the connection, without an answer
  };

  // A body of a JSON request may be so many times as long as the same in binary.
  static constexpr std::int64_t kJsonBytesPerByte = 6;

  // `services` must outlive the exchange. `connection` names the connection (AnswerBudget).
  RestExchange(RestServices& services, std::string connection);
  ~RestExchange();
  RestExchange(const RestExchange&) = delete;
  RestExchange& operator=(const RestExchange&) = delete;

  // Decides by the head. With kSendReply, the body is not read.
  Step ReadHead(const RestHead& head);

  // Takes more of the body.
  Step ReadBody(absl::string_view bytes);

  // The body has come. With kWait, Begin is to be called. `caller` is asked where the callers have
  // changed since the head.
  Step EndBody(absl::FunctionRef<RestCaller()> caller);

  // Has the request answered; calls `answered` once, on any thread and perhaps before this returns.
  // Gives what LocalInference calls it, where it is an inference.
  std::optional<LocalInference::Ticket> Begin(std::function<void()> answered);

  // In place of `answered`, where Begin found no memory.
  void Fail(RejectionReason reason) {
    answer_ = LocalAnswer::Uncounted(reason);
    change_ = answer_.status;
    Audit(change_);
  }

  // The same where reading the head or the body found none: counts it, and TakeReply has it.
  void FailToRead(RejectionReason reason);

  // After `answered` was called: the reply is there.
  void Finish();

  // What is to be sent, once.
  RestReply TakeReply() { return std::move(reply_); }
  // A method that the path has, where the request's is another.
  const char* allowed_method() const { return allowed_method_; }
  // The most bytes that the body may have.
  std::int64_t most_body_bytes() const { return most_body_bytes_; }

 private:
  Step Decide(const RestHead& head);
  // Why the caller may not make the call.
  absl::Status Admit(const RestCaller& caller);
  absl::Status AdmitAgain(absl::FunctionRef<RestCaller()> caller);
  // Answers with an error once the body has come.
  Step Refuse(RestReply reply);
  Step RefuseCaller(const absl::Status& denied);
  // The same, of an inference, which is counted.
  Step RefuseInference(RejectionReason reason, const absl::Status& status, int code);
  Step RefuseInference(RejectionReason reason, const absl::Status& status);
  Step RefuseHead(const char* message, int code);
  Step RefuseSize();
  Step RefuseBody();  // for want of memory
  Step ReadInference();
  void FinishInference();
  void WriteAnswer();
  void DropBody();
  // Writes an admin call down, once. Not in Finish, which is not called once the client has gone.
  void Audit(const absl::Status& result);

  RestServices& services_;
  const std::string connection_;
  const Clock::time_point arrival_ = Clock::now();
  TraceId trace_;
  RestPath path_;
  std::optional<CallPass> pass_;  // none of calls that everybody may make
  bool is_inference_ = false;
  std::optional<std::size_t> json_bytes_;
  std::int64_t most_body_bytes_ = 0;
  std::string body_;
  std::int64_t counted_bytes_ = 0;  // of the body, in services_.body_bytes
  std::int64_t discarded_bytes_ = 0;
  bool refused_ = false;
  AnswerForm form_;
  grpc::ByteBuffer message_;
  LocalAnswer answer_;
  absl::Status change_;
  HeldAnswer held_;  // what JSON takes beyond the bytes of the answer
  RestReply reply_;
  const char* allowed_method_ = nullptr;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_REST_EXCHANGE_H_
