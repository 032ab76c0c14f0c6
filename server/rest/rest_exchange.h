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
#include "server/rest/infer_message.h"
#include "server/rest/rest_body.h"
#include "server/rest/rest_path.h"
#include "server/rest/rest_reply.h"
#include "server/rpc/local_inference.h"
#include "server/rpc/request_log.h"
#include "server/served_models/model_catalog.h"

namespace mlp {

// After a body is refused, up to this much of it is still read and discarded, because a client may
// look for the answer only after it has sent everything.
inline constexpr std::int64_t kMaxDiscardedBytes = std::int64_t{64} << 20;

// How large a request may be.
struct RestLimits {
  std::int64_t message_bytes = 0;  // of the request as a gRPC message
  std::int64_t memory_bytes = 0;   // of all bodies in flight; 0: no limit
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
  std::atomic<std::int64_t> body_bytes = 0;  // of all bodies in flight
  std::atomic<std::int64_t> exchanges = 0;   // in progress
};

// The client that makes a request.
struct RestCaller {
  absl::Span<const absl::string_view> authorization;  // values of the header
  absl::string_view from;                             // the client's address
  bool is_encrypted = false;                          // nobody on the way can read it
};

// What is known about a request before its body arrives.
struct RestHead {
  absl::string_view method;
  absl::string_view path;
  absl::string_view content_encoding;   // empty if there is none
  absl::string_view transfer_encoding;  // the same
  absl::string_view content_length;
  absl::string_view json_bytes;  // Inference-Header-Content-Length
  absl::string_view traceparent;
  RestCaller caller;
  bool expects_continue = false;
  // Whether a header that says where the body ends appears twice, or any header has a blank in its
  // name. Other programs may then read the same bytes as different requests.
  bool is_ambiguous = false;
};

// Belongs to the HTTP thread that it arrived on, except that other threads deliver the answer.
class RestExchange final {
 public:
  using Clock = std::chrono::steady_clock;

  // What to do next.
  enum class Step {
    kReadBody,
    kWait,       // until Begin calls `answered`
    kSendReply,  // the one that TakeReply returns
    kClose,      // the connection, without an answer
  };

  // A JSON body may be this many times as long as the same request in binary.
  static constexpr std::int64_t kJsonBytesPerByte = 6;

  // `services` must outlive the exchange. `connection` names the connection (AnswerBudget).
  RestExchange(RestServices& services, std::string connection);
  ~RestExchange();
  RestExchange(const RestExchange&) = delete;
  RestExchange& operator=(const RestExchange&) = delete;

  // Decides by the head. If it returns kSendReply, the body is not read.
  Step ReadHead(const RestHead& head);

  // Takes the next bytes of the body.
  Step ReadBody(absl::string_view bytes);

  // Call it when the body is complete; if it returns kWait, call Begin next. It calls `caller` if
  // the access list has changed since the head.
  Step EndBody(absl::FunctionRef<RestCaller()> caller);

  // Starts answering the request. Calls `answered` once, on any thread and perhaps before this
  // returns. Returns LocalInference's ticket if the request is an inference.
  std::optional<LocalInference::Ticket> Begin(std::function<void()> answered);

  // Call it instead of waiting for `answered` if Begin ran out of memory.
  void Fail(RejectionReason reason) {
    answer_ = LocalAnswer::Uncounted(reason);
    change_ = answer_.status;
    Audit(change_);
  }

  // Call it if reading the head or the body ran out of memory. Counts the refusal; TakeReply then
  // has the reply.
  void FailToRead(RejectionReason reason);

  // Call it after `answered` was called: prepares the reply.
  void Finish();

  // The reply to send. Call it once.
  RestReply TakeReply() { return std::move(reply_); }
  // The methods that the path has, if the request used another one; otherwise null.
  const char* allowed_method() const { return allowed_method_; }
  // The most bytes that the body may have.
  std::int64_t most_body_bytes() const { return body_.most_bytes(); }

 private:
  Step Decide(const RestHead& head);
  // Why the caller may not make the call.
  absl::Status Admit(const RestCaller& caller);
  absl::Status AdmitAgain(absl::FunctionRef<RestCaller()> caller);
  // Answers with an error after the body has been read.
  Step Refuse(RestReply reply);
  Step RefuseCaller(const absl::Status& denied);
  // The same for an inference, and counts it.
  Step RefuseInference(const InferRefusal& refusal);
  Step RefuseHead(const char* message, int code);
  Step RefuseSize();
  Step RefuseBody();  // for lack of memory
  Step ReadInference();
  void FinishInference();
  void WriteAnswer();
  // Audits an admin call, once. Not done in Finish, which is not called if the client has gone.
  void Audit(const absl::Status& result);

  RestServices& services_;
  const std::string connection_;
  const Clock::time_point arrival_ = Clock::now();
  TraceId trace_;
  RestPath path_;
  std::optional<CallPass> pass_;  // empty if everyone may make the call
  bool is_inference_ = false;
  std::optional<std::size_t> json_bytes_;
  RestBody body_;
  std::int64_t discarded_bytes_ = 0;
  bool refused_ = false;
  AnswerForm form_;
  grpc::ByteBuffer message_;
  LocalAnswer answer_;
  absl::Status change_;
  HeldAnswer held_;  // for the bytes by which JSON exceeds the answer
  RestReply reply_;
  const char* allowed_method_ = nullptr;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_REST_EXCHANGE_H_
