#include "server/insight/findings.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/insight/drift_finding.h"
#include "server/insight/finding_text.h"
#include "server/insight/saturation_findings.h"

namespace mlp {
namespace {

// The same layer in `other`; null if it has none with the same name and width.
const StatusLayer* SameLayer(const StatusModel* other, const StatusModel& model,
                             std::size_t number) {
  if (other == nullptr || number >= other->layers.size()) return nullptr;
  const StatusLayer& layer = other->layers[number];
  const bool is_same = layer.name == model.layers[number].name &&
                       layer.units == model.layers[number].units &&
                       !std::isnan(layer.dead_units.value);
  return is_same ? &layer : nullptr;
}

void FindDeadUnits(const StatusModel& model, const StatusModel* other,
                   std::vector<std::string>& findings) {
  std::vector<std::string> layers;
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    const StatusLayer& layer = model.layers[i];
    const double dead = layer.dead_units.value;
    const auto units = static_cast<double>(layer.units);
    double usual = layer.dead_units.reference;
    std::string usual_text = absl::StrFormat("%.0f by the baseline", usual);
    if (std::isnan(usual)) {
      const StatusLayer* const same = SameLayer(other, model, i);
      // With nothing to compare with, up to a quarter may have been trained that way.
      usual = same != nullptr ? same->dead_units.value : 0.25 * units;
      usual_text = same != nullptr ? absl::StrFormat("%.0f in version %s", usual, other->version)
                                   : "no baseline to compare with";
    }
    // One or two come and go with the rows in a window.
    if (!(dead > usual + 2 + 0.02 * units)) continue;
    layers.push_back(
        absl::StrFormat("%s %.0f of %d (%s)", layer.name, dead, layer.units, usual_text));
  }
  if (layers.empty()) return;
  findings.push_back(absl::StrCat("dead units: ", ListText(layers)));
}

void FindShares(const StatusModel& model, std::vector<std::string>& findings) {
  if (model.not_finite_share > 0) {
    findings.push_back(absl::StrCat(PercentText(model.not_finite_share),
                                    " of the rows of the last hour have an infinite input value"));
  }
  if (model.out_of_range_share > MostOutOfRange(model)) {
    findings.push_back(absl::StrCat(PercentText(model.out_of_range_share),
                                    " of the rows of the last hour have an input value outside of "
                                    "the baseline's range"));
  }
  if (model.missing_share > kNotableShareOfRows) {
    findings.push_back(absl::StrCat(PercentText(model.missing_share),
                                    " of the rows of the last hour have a missing input value "
                                    "(NaN)"));
  }
}

void FindClasses(const StatusModel& model, std::vector<std::string>& findings) {
  std::vector<std::string> moved;
  for (const StatusClass& moved_class : model.moved_classes) {
    if (!(std::fabs(moved_class.share.value - moved_class.share.reference) > 0.05)) continue;
    moved.push_back(absl::StrCat("'", moved_class.name, "' ",
                                 PercentText(moved_class.share.reference), " to ",
                                 PercentText(moved_class.share.value)));
  }
  // A slow change in the mix of classes is not worth reporting.
  const bool outputs_drift = !model.layers.empty() && Drifts(model.layers.back());
  if (moved.empty() || !outputs_drift) return;
  findings.push_back(absl::StrCat("the mix of predicted classes has changed: ", ListText(moved)));
}

void FindRequests(const StatusModel& model, std::vector<std::string>& findings) {
  std::int64_t refused = 0;
  std::vector<std::string> reasons;
  // Refusals caused by the client are not the model's fault.
  constexpr const char* kClients[] = {"invalid", "unknown_model", "cancelled"};
  for (const auto& [reason, requests] : model.refusals) {
    if (std::find(std::begin(kClients), std::end(kClients), reason) != std::end(kClients)) continue;
    refused += requests;
    reasons.push_back(absl::StrCat(reason, " ", requests));
  }
  if (refused == 0) return;
  findings.push_back(absl::StrCat(refused, refused == 1 ? " request was" : " requests were",
                                  " refused in the last hour, by reason: ", ListText(reasons)));
}

}  // namespace

std::vector<std::string> FindingsOf(const StatusModel& model,
                                    std::chrono::system_clock::time_point now,
                                    const std::vector<std::string>& first_inputs,
                                    const StatusModel* other) {
  std::vector<std::string> findings;
  if (absl::StartsWith(model.state, "refused")) {
    findings.push_back(absl::StrCat("this version is not serving: ", model.state));
  }
  if (model.errors > 0) {
    findings.push_back(absl::StrCat(model.errors, model.errors == 1 ? " request" : " requests",
                                    " of the last hour ended in errors that are the server's "
                                    "fault"));
  }
  FindDrift(model, now, first_inputs, findings);
  FindClasses(model, findings);
  FindSaturation(model, now, first_inputs, findings);
  FindDeadUnits(model, other, findings);
  FindShares(model, findings);
  FindRequests(model, findings);
  if (!model.baseline_error.empty()) {
    findings.push_back(
        absl::StrCat("its baseline was refused, so drift is not judged: ", model.baseline_error));
  }
  return findings;
}

}  // namespace mlp
