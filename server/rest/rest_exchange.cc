#include "server/rest/rest_exchange.h"

#include <new>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/memory_room.h"
#include "server/rest/rest_access.h"
#include "server/rpc/message_bytes.h"
#include "server/rpc/refusal_counts.h"

namespace mlp {
namespace {

constexpr int kBadRequest = 400;
constexpr int kMethodNotAllowed = 405;
constexpr int kUnsupportedMediaType = 415;

}  // namespace

RestExchange::RestExchange(RestServices& services, std::string connection)
    : services_(services),
      connection_(std::move(connection)),
      body_(services.body_bytes, services.limits.memory_bytes) {
  services_.exchanges.fetch_add(1);
}

RestExchange::~RestExchange() { services_.exchanges.fetch_sub(1); }

void RestExchange::Audit(const absl::Status& result) {
  if (!pass_ || RoleOf(path_.call) != Role::kAdmin) return;
  pass_->Audit(result);
  pass_.reset();
}

RestExchange::Step RestExchange::Refuse(RestReply reply) {
  body_.Drop();
  refused_ = true;
  reply_ = std::move(reply);
  return Step::kReadBody;
}

RestExchange::Step RestExchange::RefuseInference(const InferRefusal& refusal) {
  const absl::Status& status = refusal.status;
  // Counts a request once, even if memory runs out in what follows.
  if (!std::exchange(refused_, true)) {
    const auto model = services_.models.Get()->Find(path_.model, path_.version);
    const Clock::duration total = Clock::now() - arrival_;
    CountRefusal(services_.metrics, model.ok() ? model->get() : nullptr, refusal.reason,
                 status.code(), total);
    if (services_.requests.Wants(total, status.code())) {
      RequestRecord record;
      if (model.ok()) record.model = *model;
      record.status = status;
      record.total = total;
      record.trace = trace_;
      services_.requests.Write(std::move(record));
    }
  }
  return Refuse(ErrorReply(refusal.code, {status.message().data(), status.message().size()}));
}

RestExchange::Step RestExchange::RefuseHead(const char* message, int code) {
  if (!is_inference_) {
    Audit(absl::InvalidArgumentError(message));
    return Refuse(ErrorReply(code, message));
  }
  return RefuseInference({RejectionReason::kInvalid, absl::InvalidArgumentError(message), code});
}

RestExchange::Step RestExchange::RefuseBody() {
  const absl::Status status = StatusOf(RejectionReason::kMemory);
  Audit(status);
  return is_inference_ ? RefuseInference({RejectionReason::kMemory, status})
                       : Refuse(ErrorReply(status));
}

RestExchange::Step RestExchange::RefuseSize() {
  const absl::Status status = absl::ResourceExhaustedError(
      absl::StrCat("the request's body has more than ", body_.most_bytes(), " bytes",
                   is_inference_ ? "; the server's --max-message-bytes is the limit" : ""));
  if (is_inference_) {
    return RefuseInference({RejectionReason::kInvalid, status, kContentTooLarge});
  }
  Audit(status);
  return Refuse(ErrorReply(kContentTooLarge, {status.message().data(), status.message().size()}));
}

absl::Status RestExchange::Admit(const RestCaller& caller) {
  return AdmitRestCall(services_.gate, path_,
                       {.authorization = caller.authorization, .encrypted = caller.is_encrypted},
                       caller.from, pass_);
}

// A body may take a while to arrive. Meanwhile a token may expire, or its line may be deleted.
absl::Status RestExchange::AdmitAgain(absl::FunctionRef<RestCaller()> caller) {
  if (!pass_) return absl::OkStatus();
  return pass_->IsCurrent() ? pass_->CheckModel(path_.model) : Admit(caller());
}

RestExchange::Step RestExchange::RefuseCaller(const absl::Status& denied) {
  pass_.reset();  // the refusal is already in the audit
  if (is_inference_) {
    services_.metrics.CountRefusalWithoutModel(RejectionReason::kDenied, denied.code());
  }
  return Refuse(ErrorReply(denied));
}

RestExchange::Step RestExchange::ReadHead(const RestHead& head) {
  const Step step = Decide(head);
  // The client has not sent the body yet.
  return refused_ && head.expects_continue ? Step::kSendReply : step;
}

RestExchange::Step RestExchange::Decide(const RestHead& head) {
  absl::StatusOr<RestPath> path = ParseRestPath(head.path);
  if (!path.ok()) return Refuse(ErrorReply(path.status()));
  path_ = *std::move(path);
  if (head.is_ambiguous) {
    // A proxy in front may have read another body, and so another request after it.
    reply_ = ErrorReply(kBadRequest,
                        "a header that says where the body ends occurs twice or is misspelt");
    return Step::kSendReply;
  }
  const bool was_post = head.method == "POST";
  if (was_post) path_.call = PostCallOf(path_.call);
  const bool is_post = IsPost(path_.call);
  if (is_post != was_post || (!was_post && head.method != "GET" && head.method != "HEAD")) {
    allowed_method_ = is_post ? "POST" : "GET, HEAD";
    return Refuse(
        ErrorReply(kMethodNotAllowed, absl::StrCat("expected the method ", allowed_method_)));
  }
  if (!head.transfer_encoding.empty() &&
      (!head.content_length.empty() ||
       !absl::EqualsIgnoreCase(head.transfer_encoding, "chunked"))) {
    // It is uncertain where the body ends.
    reply_ = ErrorReply(kBadRequest, "expected Transfer-Encoding: chunked, or a Content-Length");
    return Step::kSendReply;
  }
  is_inference_ = path_.call == RestCall::kInfer;
  if (absl::Status denied = Admit(head.caller); !denied.ok()) return RefuseCaller(denied);
  trace_ = ParseTraceparent(head.traceparent);
  if (!head.content_encoding.empty() &&
      !absl::EqualsIgnoreCase(head.content_encoding, "identity")) {
    return RefuseHead("the request's body is compressed; expected it uncompressed",
                      kUnsupportedMediaType);
  }
  if (!head.json_bytes.empty()) {
    std::size_t bytes = 0;
    if (!absl::SimpleAtoi(head.json_bytes, &bytes)) {
      return RefuseHead("Inference-Header-Content-Length is not a whole number", kBadRequest);
    }
    json_bytes_ = bytes;
  }
  const std::int64_t message_bytes = services_.limits.message_bytes;
  auto most_body_bytes = static_cast<std::int64_t>(kMaxControlBytes);
  if (is_inference_) {
    most_body_bytes = json_bytes_ ? message_bytes : kJsonBytesPerByte * message_bytes;
  }
  // Model files are sent in base64.
  if (path_.call == RestCall::kModelLoad) most_body_bytes = message_bytes / 3 * 4;
  body_.SetMostBytes(most_body_bytes);
  std::uint64_t length = 0;
  if (absl::SimpleAtoi(head.content_length, &length) &&
      length > static_cast<std::uint64_t>(most_body_bytes)) {
    const Step step = RefuseSize();
    return length > static_cast<std::uint64_t>(kMaxDiscardedBytes) ? Step::kSendReply : step;
  }
  return Step::kReadBody;
}

RestExchange::Step RestExchange::ReadBody(absl::string_view bytes) {
  if (refused_) {
    discarded_bytes_ += static_cast<std::int64_t>(bytes.size());
    return discarded_bytes_ <= kMaxDiscardedBytes ? Step::kReadBody : Step::kClose;
  }
  switch (body_.Append(bytes)) {
    case RestBody::Result::kTaken:
      break;
    case RestBody::Result::kTooLong:
      return RefuseSize();
    case RestBody::Result::kTooLittleMemory:
      return RefuseBody();
  }
  return Step::kReadBody;
}

RestExchange::Step RestExchange::EndBody(absl::FunctionRef<RestCaller()> caller) {
  if (refused_) return Step::kSendReply;
  if (absl::Status denied = AdmitAgain(caller); !denied.ok()) {
    RefuseCaller(denied);
    return Step::kSendReply;
  }
  switch (path_.call) {
    case RestCall::kInfer:
      return ReadInference();
    case RestCall::kModelLoad:
    case RestCall::kModelUnload:
      return Step::kWait;
    default:
      reply_ = services_.control.Answer(path_, body_.bytes());
      Audit(reply_.code == 200 ? absl::OkStatus()
                               : absl::InvalidArgumentError("the settings are refused"));
      return Step::kSendReply;
  }
}

RestExchange::Step RestExchange::ReadInference() {
  std::optional<InferRefusal> refusal;
  {
    const RefusableWork work;
    refusal = ReadInferMessage(path_, body_, json_bytes_, services_.limits.message_bytes, form_,
                               message_);
  }
  if (!refusal) return Step::kWait;
  RefuseInference(*refusal);
  return Step::kSendReply;
}

std::optional<LocalInference::Ticket> RestExchange::Begin(std::function<void()> answered) {
  if (is_inference_) {
    return services_.inference.Submit({message_, connection_, arrival_, trace_,
                                       [this, answered = std::move(answered)](LocalAnswer answer) {
                                         answer_ = std::move(answer);
                                         answered();
                                       }});
  }
  services_.control.Change(path_, body_.bytes(), [this, answered](const absl::Status& status) {
    change_ = status;
    Audit(status);
    answered();
  });
  return std::nullopt;
}

void RestExchange::Finish() {
  if (is_inference_) {
    FinishInference();
    return;
  }
  if (!change_.ok()) reply_ = ErrorReply(change_);
}

void RestExchange::FailToRead(RejectionReason reason) {
  const bool is_counted = refused_ || !is_inference_;
  if (is_counted) {
    Audit(StatusOf(reason));
    Refuse(ErrorReply(StatusOf(reason)));
  } else {
    RefuseInference(InferRefusal(reason));
  }
}

void RestExchange::FinishInference() {
  if (answer_.uncounted) {
    RefuseInference({*answer_.uncounted, answer_.status});
    return;
  }
  if (!answer_.status.ok()) {
    refused_ = true;  // and already counted
    reply_ = ErrorReply(answer_.status);
    return;
  }
  try {
    const RefusableWork work;
    WriteAnswer();
  } catch (const std::bad_alloc&) {
    RefuseInference(InferRefusal(RejectionReason::kMemory));
  }
  answer_.bytes.Clear();
}

void RestExchange::WriteAnswer() {
  const auto bytes = static_cast<std::int64_t>(answer_.bytes.Length());
  RestReply reply;
  if (const std::optional<InferRefusal> refusal = WriteInferReply(answer_.bytes, form_, reply)) {
    RefuseInference(*refusal);
    return;
  }
  const std::int64_t more = static_cast<std::int64_t>(reply.body.size()) - bytes;
  if (more > AnswerBudget::kSmallBytes) {
    const auto refusal = services_.answers.Hold(
        more, [this] { return connection_; }, held_);
    if (refusal) {
      RefuseInference(InferRefusal(*refusal));
      return;
    }
  }
  reply_ = std::move(reply);
}

}  // namespace mlp
