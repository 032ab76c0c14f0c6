#include "server/rpc/calibrate_calls.h"

#include <grpc/support/time.h>
#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/batching/rejection_reason.h"
#include "server/rpc/admit_call.h"
#include "server/rpc/calibration_rows.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/insight_answers.h"
#include "server/rpc/message_bytes.h"

namespace mlp {

using mlpserve::v1::CalibrateRequest;
using mlpserve::v1::CalibrateResponse;

// The gRPC objects of one call, and its rows.
class CalibrateCalls::Call final : public LinkedList<Call>::Entry {
 public:
  explicit Call(CalibrateCalls& owner) : owner_(owner) { owner_.calls_.Add(*this); }

  // Asks gRPC for the next call.
  CompletionTag& Post() {
    context.AsyncNotifyWhenDone(over.Begin());
    grpc::ServerCompletionQueue* const queue = owner_.owner_.loop.queue();
    owner_.service_.RequestCalibrate(&context, &reader_, queue, queue, step_.Begin());
    return step_;
  }

  // Whether the caller may make the call. Checked first, and again before each message, because the
  // caller may have lost its access.
  absl::Status Admit() {
    if (pass_ && pass_->IsCurrent()) return CheckModel();
    absl::StatusOr<CallPass> pass =
        AdmitCall(owner_.gate_of_calls_, context, Role::kAdmin, "Calibrate");
    pass_.reset();
    if (!pass.ok()) return pass.status();
    pass_ = *std::move(pass);
    return CheckModel();
  }
  // Audits the call, if it was admitted.
  void Audit(const absl::Status& status) const {
    if (pass_) pass_->Audit(status);
  }

  // The call has its turn: the time for all of its rows begins.
  void BeginRows() { rows_end_ = After(owner_.handlers_.calibration_times.rows); }

  // Reads the next message, with a limit on the time that the client may take.
  void Read() {
    reader_.Read(&message_, read.Begin());
    patience_.Set(owner_.owner_.loop.queue(),
                  gpr_time_min(After(owner_.handlers_.calibration_times.silence), rows_end_),
                  late.Begin());
  }

  // Whether the rows have taken too long. A client that sends without a pause is never late.
  bool IsOverdue() const { return gpr_time_cmp(gpr_now(GPR_CLOCK_MONOTONIC), rows_end_) >= 0; }

  // Why a call without its next message, or with too late a one, ends.
  absl::Status Late() const {
    const CalibrationTimes& times = owner_.handlers_.calibration_times;
    return absl::DeadlineExceededError(
        IsOverdue() ? absl::StrCat("not all rows arrived within ",
                                   absl::FormatDuration(absl::FromChrono(times.rows)))
                    : absl::StrCat("no rows arrived for ",
                                   absl::FormatDuration(absl::FromChrono(times.silence))));
  }

  // Ends the time limit. Must be awaited before the next Read.
  CompletionTag& EndPatience() {
    patience_.Cancel();
    return late;
  }

  // Takes the message that was read.
  absl::Status Take() {
    absl::Status status = Admit();
    if (status.ok()) status = CheckControlBytes(message_.Length());
    CalibrateRequest request;
    if (status.ok()) status = DecodeMessage(message_, request);
    message_.Clear();
    if (!status.ok()) return status;
    if (!rows_) return Begin(request);
    if (request.part_case() != CalibrateRequest::kValues) {
      return absl::InvalidArgumentError("a message after the first one has no values");
    }
    return rows_->Add(request.values());
  }

  // Starts the evaluation of the rows. If this returns OK, `made` will be done.
  absl::Status Calibrate() {
    if (!rows_) {
      return absl::InvalidArgumentError("the call has no message; the first must name the model");
    }
    if (absl::Status status = rows_->CheckWhole(); !status.ok()) return status;
    made.Begin();
    return RefuseWithoutMemory([this] {
      // Exactly the version that the rows were read for.
      CalibrationRequest request{rows_->model().name,
                                 rows_->model().version,
                                 rows_->rows(),
                                 rows_->TakeInputs(),
                                 install_,
                                 [cancelled = cancelled_] { return cancelled->load(); }};
      owner_.handlers_.calibrate(
          std::move(request),
          owner_.gate_.Through([this](absl::StatusOr<VersionBaseline> baseline) {
            SetOutcome(std::move(baseline));
          }));
      return absl::OkStatus();
    });
  }

  // For when nobody waits for the baseline any more.
  void Cancel() { cancelled_->store(true); }

  // The answer, once `made` is done.
  absl::Status Outcome(grpc::ByteBuffer& bytes) {
    static_cast<void>(is_set_.load(std::memory_order_acquire));
    if (!outcome_.ok()) return outcome_;
    return EncodeControlAnswer(response_, bytes);
  }

  CompletionTag& Finish(const grpc::ByteBuffer& bytes, const absl::Status& status) {
    message_.Clear();
    if (status.ok()) {
      reader_.Finish(bytes, grpc::Status::OK, step_.Begin());
    } else {
      reader_.FinishWithError(ToGrpcStatus(status), step_.Begin());
    }
    return step_;
  }

  grpc::ServerContext context;
  Wakeup wakeup;
  CompletionTag over{wakeup};
  CompletionTag read{wakeup};
  CompletionTag late{wakeup};
  CompletionTag made{wakeup};

 private:
  static gpr_timespec After(std::chrono::nanoseconds time) {
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                        gpr_time_from_nanos(time.count(), GPR_TIMESPAN));
  }

  absl::Status Begin(const CalibrateRequest& request) {
    if (request.part_case() != CalibrateRequest::kBegin) {
      return absl::InvalidArgumentError("the first message lacks 'begin', which names the model");
    }
    model_ = request.begin().model_name();
    if (absl::Status may = CheckModel(); !may.ok()) return may;
    absl::StatusOr<std::shared_ptr<const ServedModel>> model =
        owner_.models_.Get()->Find(request.begin().model_name(), request.begin().model_version());
    if (!model.ok()) return model.status();
    absl::Status status = CalibrationRows::CheckTakes(**model);
    if (!status.ok()) return status;
    install_ = request.begin().install();
    rows_.emplace(*std::move(model), Insight::kMaxCalibrationBytes);
    return absl::OkStatus();
  }

  // A refusal has its line in the audit, so the call gets no other.
  absl::Status CheckModel() {
    absl::Status may = pass_->CheckModel(model_);
    if (!may.ok()) pass_.reset();
    return may;
  }

  // Called on another thread. This object may be gone when it returns.
  void SetOutcome(absl::StatusOr<VersionBaseline> baseline) {
    outcome_ = baseline.status();
    if (baseline.ok()) {
      outcome_ = RefuseWithoutMemory([&] {
        for (std::string& warning : baseline->warnings) response_.add_warnings(std::move(warning));
        FillBaseline(*std::move(baseline), response_);
        return absl::OkStatus();
      });
    }
    is_set_.store(true, std::memory_order_release);
    made_alarm_.Set(owner_.owner_.loop.queue(), gpr_now(GPR_CLOCK_MONOTONIC), &made);
  }

  CalibrateCalls& owner_;
  CompletionTag step_{wakeup};
  grpc::ServerAsyncReader<grpc::ByteBuffer, grpc::ByteBuffer> reader_{&context};
  grpc::ByteBuffer message_;
  grpc::Alarm patience_;
  gpr_timespec rows_end_ = gpr_inf_future(GPR_CLOCK_MONOTONIC);
  std::optional<CallPass> pass_;
  std::string model_;  // named by the first message
  std::optional<CalibrationRows> rows_;
  bool install_ = false;
  std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
  absl::Status outcome_;
  CalibrateResponse response_;
  std::atomic<bool> is_set_ = false;  // orders the two above visibly for ThreadSanitizer
  grpc::Alarm made_alarm_;
};

CalibrateCalls::CalibrateCalls(ControlCallOwner& owner, InsightService& service,
                               const InsightHandlers& handlers, AnswerGate& gate,
                               const ModelCatalog& models, const ModelManager& manager,
                               CallGate& gate_of_calls)
    : owner_(owner),
      service_(service),
      handlers_(handlers),
      gate_(gate),
      models_(models),
      manager_(manager),
      gate_of_calls_(gate_of_calls) {
  frames_.StartFirst(Serve());
}

absl::Status CalibrateCalls::CheckTurn() const {
  if (ending_) return StatusOf(RejectionReason::kStopping);
  if (absl::Status status = CheckBaselinesMayChange(manager_); !status.ok()) return status;
  if (!busy_) return absl::OkStatus();
  return absl::ResourceExhaustedError("another calibration is running; only one may run at a time");
}

CallCoroutine CalibrateCalls::Serve() {
  for (bool is_last = false; !is_last;) {
    Call call(*this);
    if (!co_await call.Post()) co_return;  // the server was shut down before a call came
    is_last = owner_.loop.stopping() || frames_.Start(Serve());
    // Without a frame for the next call, this frame refuses its call and takes the next one.
    absl::Status status = is_last ? call.Admit() : StatusOf(RejectionReason::kMemory);
    if (status.ok()) status = CheckTurn();
    const bool has_turn = status.ok();
    busy_ |= has_turn;
    if (has_turn) call.BeginRows();
    while (status.ok()) {
      call.Read();
      co_await call.wakeup.Until([this, &call] {
        return call.read.done() || call.over.done() || call.late.done() || ending_;
      });
      co_await call.EndPatience();
      if (call.over.done()) {
        status = absl::CancelledError("the client cancelled the call or disconnected");
      } else if (!call.read.done()) {
        status = ending_ ? StatusOf(RejectionReason::kStopping) : call.Late();
      } else if (!call.read.ok()) {
        break;  // there are no more rows
      } else if (call.IsOverdue()) {
        status = call.Late();
      } else {
        status = RefuseWithoutMemory([&call] { return call.Take(); });
      }
    }
    grpc::ByteBuffer answer;
    if (status.ok()) status = call.Calibrate();
    if (status.ok()) {
      co_await call.wakeup.Until([&call] { return call.made.done() || call.over.done(); });
      if (!call.made.done()) {
        call.Cancel();
        co_await call.made;
      }
      status = call.Outcome(answer);
    }
    if (has_turn) busy_ = false;
    call.Audit(status);
    AnswerOnItsWay on_its_way(owner_, call.context, answer.Length());
    if (!on_its_way.may_wait() && status.ok()) {
      status = absl::ResourceExhaustedError("too many answers are unread on this connection");
    }
    CompletionTag& finished = call.Finish(answer, status);
    answer.Clear();
    on_its_way.Sent();
    co_await finished;
    // The read under way ends with the call.
    co_await call.wakeup.Until([&call] { return call.over.done() && !call.read.pending(); });
  }
}

void CalibrateCalls::End() {
  ending_ = true;
  calls_.ForEach([](Call& call) { call.wakeup.Notify(); });
}

}  // namespace mlp
