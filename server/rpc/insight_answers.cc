#include "server/rpc/insight_answers.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/drift/accepted_windows.h"
#include "server/rpc/message_bytes.h"

namespace mlp {

absl::Status CheckBaselinesMayChange(const ModelManager& manager) {
  absl::Status taken = manager.CheckRequestsAreTaken();
  // With UNAVAILABLE, clients would retry.
  if (!absl::IsUnavailable(taken)) return taken;
  return absl::PermissionDeniedError(
      absl::StrCat("clients may not change baselines: ", taken.message()));
}

void FillBaselineSummary(const VersionBaseline& baseline, mlpserve::v1::BaselineSummary& summary) {
  const Baseline& content = *baseline.baseline;
  summary.set_model_name(baseline.model);
  summary.set_model_version(baseline.version);
  summary.set_source(std::string(WordOf(content.source)));
  summary.set_created(std::chrono::system_clock::to_time_t(content.created));
  summary.set_rows(content.rows);
  for (std::size_t i = 0; i < content.targets.size(); ++i) {
    const TargetBaseline& target = content.targets[i];
    const AcceptedWindows* const accepted = content.AcceptedOf(i);
    mlpserve::v1::TargetSummary& target_summary = *summary.add_targets();
    target_summary.set_layer(target.name);
    target_summary.set_components(target.components);
    target_summary.set_level(accepted == nullptr ? target.level : accepted->figures().level);
    target_summary.set_accepted(accepted != nullptr);
    if (accepted != nullptr) {
      summary.set_windows(summary.windows() == 0 ? accepted->count()
                                                 : std::min(summary.windows(), accepted->count()));
    }
  }
  for (const LayerReference& layer : content.layers) {
    mlpserve::v1::LayerSummary& layer_summary = *summary.add_layers();
    layer_summary.set_layer(layer.layer);
    layer_summary.set_lower_share(layer.lower_share);
    layer_summary.set_upper_share(layer.upper_share);
    layer_summary.set_dead_units(layer.dead_units);
    layer_summary.set_one_signed_units(layer.one_signed_units);
    layer_summary.set_mean(layer.mean);
    layer_summary.set_zero_centredness(layer.zero_centredness);
    layer_summary.set_gradient_gain(layer.gradient_gain);
  }
}

namespace {

template <typename Response>
absl::Status FillIfMade(absl::StatusOr<VersionBaseline> baseline, Response& response) {
  if (!baseline.ok()) return baseline.status();
  return RefuseWithoutMemory([&] {
    FillBaseline(*std::move(baseline), response);
    return absl::OkStatus();
  });
}

}  // namespace

void InsightAnswers::Status(const mlpserve::v1::StatusRequest& request,
                            mlpserve::v1::StatusResponse& response, Done done) {
  thread_.Add(
      [this, &response, model = request.model_name()]() -> absl::Status {
        absl::StatusOr<std::string> json = handlers_.status_json(model);
        if (!json.ok()) return json.status();
        response.set_json(*std::move(json));
        return absl::OkStatus();
      },
      std::move(done));
}

void InsightAnswers::GetBaseline(const mlpserve::v1::GetBaselineRequest& request,
                                 mlpserve::v1::GetBaselineResponse& response, Done done) {
  thread_.Add(
      [this, &response, request] {
        return FillIfMade(handlers_.baseline(request.model_name(), request.model_version()),
                          response);
      },
      std::move(done));
}

void InsightAnswers::AcceptWindows(const mlpserve::v1::AcceptWindowsRequest& request,
                                   mlpserve::v1::AcceptWindowsResponse& response, Done done) {
  if (auto status = CheckBaselinesMayChange(manager_); !status.ok()) return done(status);
  handlers_.accept_windows(
      request.model_name(), request.model_version(),
      gate_.Through([&response, done = std::move(done)](absl::StatusOr<VersionBaseline> baseline) {
        done(FillIfMade(std::move(baseline), response));
      }));
}

}  // namespace mlp
