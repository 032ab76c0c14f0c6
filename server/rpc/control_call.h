// A call of a unary method. It is answered on the thread that serves its completion queue:
// immediately if that is cheap, otherwise when another thread has done the work. Its request
// arrives as bytes, which can be refused before they are decoded.

#ifndef MLP_SERVER_RPC_CONTROL_CALL_H_
#define MLP_SERVER_RPC_CONTROL_CALL_H_

#include <grpc/support/time.h>
#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/access/call_gate.h"
#include "server/batching/rejection_reason.h"
#include "server/rpc/call_coroutine.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/message_bytes.h"
#include "server/rpc/unread_answers.h"

namespace mlp {

// How the calls of one method are taken and answered. All functions except Done are called on the
// loop's thread.
template <typename Request, typename Response>
struct ControlMethod {
  using Writer = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;
  using Answer = std::function<absl::Status(const Request&, Response&)>;
  // Answers the call. Must be called once, from any thread, while the loop runs.
  using Done = std::function<void(const absl::Status&)>;
  // Makes sure that Done is called, unless it throws bad_alloc, which refuses the call. The request
  // lives until this has returned, and may be moved from. The response lives until Done is called.
  using AnswerLater = std::function<void(Request&, Response&, Done)>;
  using AnyAnswer = std::variant<Answer, AnswerLater>;

  // Asks gRPC for the next call of the method, with `tag`.
  std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, Writer*, void* tag)> accept;
  // OK if a request of `bytes` is decoded, otherwise the error that refuses it.
  std::function<absl::Status(std::size_t bytes)> check_bytes;
  AnyAnswer answer;

  // Who may make the calls. An empty function checks nothing.
  struct Access {
    // Decides before the request is decoded. Without a pass, nothing more is checked for the call.
    std::function<absl::StatusOr<std::optional<CallPass>>(const grpc::ServerContext&)> admit;
    // Decides once the request is decoded, before anything else.
    std::function<absl::Status(const grpc::ServerContext&, const Request&,
                               std::optional<CallPass>&)>
        check;
    // Removes from an immediate answer what the caller may not see.
    std::function<void(const CallPass&, Response&)> hide;
    bool is_audited = false;
  };
  Access access{};
};

// The status that a coroutine of the loop's thread awaits from another thread.
class LaterStatus final {
 public:
  explicit LaterStatus(const CompletionLoop& loop) : loop_(loop) { tag_.Begin(); }

  // For the other thread, once. This object may be gone when it returns.
  void Set(const absl::Status& status) {
    status_ = status;
    is_set_.store(true, std::memory_order_release);
    alarm_.Set(loop_.queue(), gpr_now(GPR_CLOCK_MONOTONIC), &tag_);
  }

  // To be awaited.
  CompletionTag& IsSet() { return tag_; }

  // Valid once it is set.
  const absl::Status& status() const {
    // gRPC also orders the two threads, but ThreadSanitizer does not see that.
    static_cast<void>(is_set_.load(std::memory_order_acquire));
    return status_;
  }

 private:
  const CompletionLoop& loop_;
  Wakeup wakeup_;
  CompletionTag tag_{wakeup_};
  absl::Status status_;
  std::atomic<bool> is_set_ = false;
  grpc::Alarm alarm_;
};

// Admits the call, decodes the request, and fills `response` or has it answered later. In the
// second case, `later`, which must be empty, will bring the status. An error is the answer to the
// call.
template <typename Request, typename Response>
absl::Status BeginToAnswer(const ControlMethod<Request, Response>& method,
                           const CompletionLoop& loop, const grpc::ServerContext& context,
                           std::optional<CallPass>& pass, grpc::ByteBuffer& message,
                           Response& response, std::optional<LaterStatus>& later) {
  using Method = ControlMethod<Request, Response>;
  if (method.access.admit) {
    absl::StatusOr<std::optional<CallPass>> admitted = method.access.admit(context);
    if (!admitted.ok()) return admitted.status();
    pass = *std::move(admitted);
  }
  absl::Status status = method.check_bytes(message.Length());
  Request request;
  if (status.ok()) status = DecodeMessage(message, request);
  if (status.ok() && method.access.check) {
    status = method.access.check(context, request, pass);
    if (!status.ok()) pass.reset();  // the refusal has its line in the audit
  }
  if (!status.ok()) return status;
  if (const auto* at_once = std::get_if<typename Method::Answer>(&method.answer)) {
    status = (*at_once)(request, response);
    if (pass && method.access.hide) method.access.hide(*pass, response);
    return status;
  }
  std::get<typename Method::AnswerLater>(method.answer)(
      request, response, [&set = later.emplace(loop)](const absl::Status& done) { set.Set(done); });
  return absl::OkStatus();
}

// Shared by the calls of all control methods. Must outlive them; belongs to the loop's thread.
struct ControlCallOwner {
  explicit ControlCallOwner(const CompletionLoop& its_loop,
                            UnreadAnswers::Clock::duration its_patience = std::chrono::seconds(10))
      : loop(its_loop), patience(its_patience) {}

  // Stops waiting for time to pass, which would hold up the end of the loop.
  void End() {
    ending = true;
    alarm.Cancel();
  }

  const CompletionLoop& loop;
  // How long a client may take for an answer. It may take up to twice as long until that is
  // noticed.
  const UnreadAnswers::Clock::duration patience;
  bool ending = false;
  UnreadAnswers unread;
  Wakeup answer_sent;
  grpc::Alarm alarm;
  CallFrames frames;  // destroyed first
};

// Cancels calls whose clients do not take their answers, until the end.
inline CallCoroutine CancelUnreadAnswers(ControlCallOwner& owner) {
  Wakeup wakeup;
  CompletionTag due(wakeup);
  for (;;) {
    co_await owner.answer_sent.Until(
        [&owner] { return !owner.unread.empty() && !owner.ending && !owner.loop.stopping(); });
    const auto wait = std::chrono::duration_cast<std::chrono::nanoseconds>(owner.patience);
    owner.alarm.Set(
        owner.loop.queue(),
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(wait.count(), GPR_TIMESPAN)),
        due.Begin());
    co_await due;
    owner.unread.CancelIfSentBefore(UnreadAnswers::Clock::now() - owner.patience);
  }
}

// An answer on its way, counted until this is destroyed.
class AnswerOnItsWay final {
 public:
  AnswerOnItsWay(ControlCallOwner& owner, grpc::ServerContext& context, std::size_t bytes)
      : owner_(owner), context_(context) {
    try {
      place_ = owner.unread.Add({context.peer(), static_cast<std::int64_t>(bytes),
                                 UnreadAnswers::Clock::now(), [&context] { context.TryCancel(); }});
    } catch (const std::bad_alloc&) {
      // It is not counted, so it must not wait.
    }
  }
  ~AnswerOnItsWay() {
    if (place_) owner_.unread.Remove(*place_);
  }
  AnswerOnItsWay(const AnswerOnItsWay&) = delete;
  AnswerOnItsWay& operator=(const AnswerOnItsWay&) = delete;

  // False if the connection's answers already take their full share, or if there is no memory to
  // count this one.
  bool may_wait() const { return place_.has_value(); }

  // gRPC has the answer. If it may not wait, the call is cancelled unless the answer went out
  // immediately.
  void Sent() {
    if (may_wait()) {
      owner_.answer_sent.Notify();
    } else {
      context_.TryCancel();
    }
  }

 private:
  ControlCallOwner& owner_;
  grpc::ServerContext& context_;
  std::optional<UnreadAnswers::Place> place_;
};

// Answers one call of `method`, or more if there is no memory for another frame. Asks for the next
// call as soon as one has come, because its client may take its time for the answer.
template <typename Request, typename Response>
CallCoroutine AnswerControlCalls(ControlCallOwner& owner,
                                 std::shared_ptr<const ControlMethod<Request, Response>> method) {
  for (bool is_last = false; !is_last;) {
    Wakeup wakeup;
    CompletionTag accepted(wakeup);
    CompletionTag finished(wakeup);
    grpc::ServerContext context;
    grpc::ByteBuffer bytes;
    typename ControlMethod<Request, Response>::Writer writer(&context);
    method->accept(&context, &bytes, &writer, accepted.Begin());
    if (!co_await accepted) co_return;  // the server was shut down before a call came
    is_last = owner.loop.stopping() || owner.frames.Start(AnswerControlCalls(owner, method));

    absl::Status status = is_last ? absl::OkStatus() : StatusOf(RejectionReason::kMemory);
    std::optional<LaterStatus> later;
    std::optional<CallPass> pass;
    if (status.ok()) {
      // Destroyed once it is encoded: it holds many times the bytes.
      std::optional<Response> response;
      status = RefuseWithoutMemory([&] {
        return BeginToAnswer(*method, owner.loop, context, pass, bytes, response.emplace(), later);
      });
      bytes.Clear();
      if (status.ok() && later) {
        co_await later->IsSet();
        status = later->status();
      }
      if (status.ok()) status = EncodeControlAnswer(*response, bytes);
    }
    if (pass && method->access.is_audited) pass->Audit(status);
    AnswerOnItsWay answer(owner, context, bytes.Length());
    if (!answer.may_wait() && status.ok()) {
      status = absl::ResourceExhaustedError(
          "too many answers are unread on this connection, given those on others; the client must "
          "read its answers");
    }
    if (status.ok()) {
      writer.Finish(bytes, grpc::Status::OK, finished.Begin());
    } else {
      writer.FinishWithError(ToGrpcStatus(status), finished.Begin());
    }
    bytes.Clear();
    answer.Sent();
    co_await finished;
  }
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_CONTROL_CALL_H_
