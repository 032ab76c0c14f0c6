// Answers insight calls that bring one request. docs/reference/drift.md defines the terms.

#ifndef MLP_SERVER_RPC_INSIGHT_ANSWERS_H_
#define MLP_SERVER_RPC_INSIGHT_ANSWERS_H_

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "proto/insight.pb.h"
#include "server/rpc/answer_gate.h"
#include "server/rpc/answer_thread.h"
#include "server/rpc/insight_handlers.h"
#include "server/served_models/model_manager.h"

namespace mlp {

// OK if baselines may be made and changed by request, as models may be; otherwise
// PERMISSION_DENIED.
absl::Status CheckBaselinesMayChange(const ModelManager& manager);

// Fills everything that an answer says of a baseline except its file.
void FillBaselineSummary(const VersionBaseline& baseline, mlpserve::v1::BaselineSummary& summary);

// Fills the file too.
template <typename Response>
void FillBaseline(VersionBaseline baseline, Response& response) {
  FillBaselineSummary(baseline, *response.mutable_summary());
  response.set_baseline(std::move(baseline.file));
}

// Each function uses `response` until it calls its Done: once, from any thread. Thread-safe.
class InsightAnswers final {
 public:
  using Done = std::function<void(const absl::Status&)>;

  // All references must outlive it.
  InsightAnswers(const InsightHandlers& handlers, AnswerGate& gate, const ModelManager& manager)
      : handlers_(handlers), gate_(gate), manager_(manager) {}

  void Status(const mlpserve::v1::StatusRequest& request, mlpserve::v1::StatusResponse& response,
              Done done);
  void GetBaseline(const mlpserve::v1::GetBaselineRequest& request,
                   mlpserve::v1::GetBaselineResponse& response, Done done);
  void AcceptWindows(const mlpserve::v1::AcceptWindowsRequest& request,
                     mlpserve::v1::AcceptWindowsResponse& response, Done done);

  // Gives up what waits to be answered here, with UNAVAILABLE.
  void Stop() { thread_.Stop(); }

 private:
  const InsightHandlers& handlers_;
  AnswerGate& gate_;
  const ModelManager& manager_;
  AnswerThread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INSIGHT_ANSWERS_H_
