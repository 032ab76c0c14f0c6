#include "server/insight/findings.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

namespace mlp {
namespace {

using WallTime = std::chrono::system_clock::time_point;

// Names in one sentence; the others are a number.
constexpr std::size_t kMostNames = 3;

// "a, b, c and 4 more".
std::string ListText(const std::vector<std::string>& names) {
  if (names.size() <= kMostNames) return absl::StrJoin(names, ", ");
  return absl::StrCat(absl::StrJoin(names.begin(), names.begin() + kMostNames, ", "), " and ",
                      names.size() - kMostNames, " more");
}

// "since 14:05 UTC" for the first minute of the run that `holds` in up to the last known one; NaN
// neither breaks nor begins a run.
template <typename Holds>
std::string SinceText(const MinuteSeries& series, WallTime now, const Holds& holds) {
  std::size_t first = series.size() - 1;
  for (std::size_t i = series.size(); i > 0; --i) {
    const double value = series[i - 1];
    if (std::isnan(value)) continue;
    if (!holds(value)) break;
    first = i - 1;
  }
  const auto minutes = static_cast<std::int64_t>(series.size() - 1 - first);
  const WallTime when = now - std::chrono::minutes(minutes);
  return absl::StrCat(
      "since ", absl::FormatTime("%H:%M", absl::FromChrono(when), absl::UTCTimeZone()), " UTC");
}

bool IsTailChanged(double share, double reference) {
  if (std::isnan(share) || std::isnan(reference)) return false;
  // A fiftieth of all activations; more where a share in the midst is usual, as with ReLU.
  return std::fabs(share - reference) > 0.02 + 0.1 * std::min(reference, 1 - reference);
}

bool IsGrown(const StatusFigure& share) {
  return IsTailChanged(share.value, share.reference) && share.value > share.reference;
}

bool Drifts(const StatusLayer& layer) { return layer.drift.alarmed && layer.drift.ratio > 1; }

const StatusLayer* FirstHidden(const StatusModel& model) {
  return model.layers.size() > 2 ? &model.layers[1] : nullptr;
}

// What the two tails of the first hidden layer say of the inputs as a whole. An activation of one
// tail cannot tell.
std::string CauseByTails(const StatusModel& model) {
  const StatusLayer* const layer = FirstHidden(model);
  if (layer == nullptr) return {};
  const bool has_both = layer->lower_share.reference > 0 && layer->upper_share.reference > 0;
  const bool lower = IsGrown(layer->lower_share);
  const bool upper = IsGrown(layer->upper_share);
  if (lower && upper) {
    return absl::StrCat("both tails of ", layer->name,
                        " grew, as where inputs are multiplied: a changed unit or normalisation");
  }
  if (has_both && (lower || upper)) {
    return absl::StrCat("one tail of ", layer->name,
                        " grew, as where something is added to inputs: a shifted sensor, or a mean "
                        "that is no longer subtracted");
  }
  return {};
}

std::string MovedInputsText(const StatusModel& model) {
  std::vector<std::string> names;
  for (const StatusInput& input : model.moved_inputs) {
    if (std::fabs(input.deviations) < 0.1) continue;
    names.push_back(
        absl::StrFormat("%s (%+.1f standard deviations)", input.name, input.deviations));
  }
  return names.empty() ? std::string() : absl::StrCat("most moved: ", ListText(names));
}

void FindDrift(const StatusModel& model, WallTime now, const std::vector<std::string>& first_inputs,
               std::vector<std::string>& findings) {
  if (model.layers.empty()) return;
  const StatusLayer& inputs = model.layers.front();
  std::vector<std::string> drifting;
  const StatusLayer* longest = nullptr;
  for (const StatusLayer& layer : model.layers) {
    if (!Drifts(layer)) continue;
    drifting.push_back(absl::StrFormat("%s (ratio %.1f)", layer.name, layer.drift.ratio));
    if (longest == nullptr) longest = &layer;
  }
  if (longest == nullptr) return;
  std::string text =
      absl::StrCat(ListText(drifting),
                   drifting.size() == 1 && longest->name != "inputs" ? " drifts " : " drift ",
                   SinceText(longest->drift.minutes, now, [](double ratio) { return ratio > 1; }));
  const std::string by_tails = CauseByTails(model);
  if (Drifts(inputs)) {
    if (!by_tails.empty()) absl::StrAppend(&text, "; ", by_tails);
    if (const std::string moved = MovedInputsText(model); !moved.empty()) {
      absl::StrAppend(&text, "; ", moved);
    } else if (!first_inputs.empty()) {
      absl::StrAppend(&text, "; first seen in ", ListText(first_inputs));
    }
  } else if (inputs.drift.ratio <= 1) {
    absl::StrAppend(&text,
                    absl::StrFormat(" while the inputs do not (ratio %.1f)", inputs.drift.ratio),
                    ": the values look right by themselves, but not together: a wrong join, "
                    "swapped or torn features");
  }
  findings.push_back(std::move(text));
}

void FindTail(const StatusLayer& layer, const char* tail, const StatusFigure& share,
              const MinuteSeries& minutes, WallTime now,
              const std::vector<std::string>& first_inputs, std::vector<std::string>& findings) {
  const double reference = share.reference;
  if (!IsTailChanged(share.value, reference)) return;
  std::string text = absl::StrCat(
      layer.name, share.value > reference ? " saturates " : " saturates less ",
      SinceText(minutes, now, [&](double value) { return IsTailChanged(value, reference); }), ", ",
      tail, " tail, ", PercentText(reference), " to ", PercentText(share.value));
  if (!first_inputs.empty()) absl::StrAppend(&text, "; first seen in ", ListText(first_inputs));
  findings.push_back(std::move(text));
}

void FindSaturation(const StatusModel& model, WallTime now,
                    const std::vector<std::string>& first_inputs,
                    std::vector<std::string>& findings) {
  constexpr std::size_t kMostLayers = 4;  // a sentence for each; the later follow from the first
  std::vector<std::string> tails;
  for (const StatusLayer& layer : model.layers) {
    FindTail(layer, "lower", layer.lower_share, layer.lower_minutes, now, first_inputs, tails);
    FindTail(layer, "upper", layer.upper_share, layer.upper_minutes, now, first_inputs, tails);
  }
  const std::size_t more = tails.size() > kMostLayers ? tails.size() - kMostLayers : 0;
  tails.resize(tails.size() - more);
  findings.insert(findings.end(), tails.begin(), tails.end());
  if (more > 0) findings.push_back(absl::StrCat(more, " more tails of later layers have changed"));
}

void FindDeadUnits(const StatusModel& model, std::vector<std::string>& findings) {
  std::vector<std::string> layers;
  for (const StatusLayer& layer : model.layers) {
    // One or two come and go with the rows of a window.
    const double reference = layer.dead_units.reference;
    if (!(layer.dead_units.value > reference + 2 + 0.02 * static_cast<double>(layer.units)))
      continue;
    layers.push_back(absl::StrFormat("%s %.0f of %d (%.0f by the baseline)", layer.name,
                                     layer.dead_units.value, layer.units, reference));
  }
  if (layers.empty()) return;
  findings.push_back(absl::StrCat("units that answer nothing any more: ", ListText(layers)));
}

void FindShares(const StatusModel& model, std::vector<std::string>& findings) {
  if (model.not_finite_share > 0) {
    findings.push_back(absl::StrCat(PercentText(model.not_finite_share),
                                    " of the rows of the last hour have an infinite input value"));
  }
  // The range is that of the calibration's rows, which live rows leave now and then.
  if (model.out_of_range_share > 0.05) {
    findings.push_back(absl::StrCat(PercentText(model.out_of_range_share),
                                    " of the rows of the last hour have an input value outside of "
                                    "the baseline's range"));
  }
  if (model.missing_share > 0.01) {
    findings.push_back(absl::StrCat(PercentText(model.missing_share),
                                    " of the rows of the last hour have a missing input value "
                                    "(NaN)"));
  }
}

void FindClasses(const StatusModel& model, std::vector<std::string>& findings) {
  std::vector<std::string> moved;
  for (const StatusClass& one : model.moved_classes) {
    if (!(std::fabs(one.share.value - one.share.reference) > 0.05)) continue;
    moved.push_back(absl::StrCat("'", one.name, "' ", PercentText(one.share.reference), " to ",
                                 PercentText(one.share.value)));
  }
  // Of a mixture that changed little by little nobody needs to hear.
  const bool outputs_drift = !model.layers.empty() && Drifts(model.layers.back());
  if (moved.empty() || !outputs_drift) return;
  findings.push_back(absl::StrCat("other classes are predicted than before: ", ListText(moved)));
}

void FindRequests(const StatusModel& model, std::vector<std::string>& findings) {
  std::int64_t for_want = 0;
  std::vector<std::string> reasons;
  // The client's own ends are no fault of the model's.
  constexpr const char* kClients[] = {"invalid", "unknown_model", "cancelled"};
  for (const auto& [reason, requests] : model.refusals) {
    if (std::find(std::begin(kClients), std::end(kClients), reason) != std::end(kClients)) continue;
    for_want += requests;
    reasons.push_back(absl::StrCat(reason, " ", requests));
  }
  if (for_want == 0) return;
  findings.push_back(absl::StrCat(for_want, for_want == 1 ? " request was" : " requests were",
                                  " refused in the last hour, by reason: ", ListText(reasons)));
}

}  // namespace

std::string PercentText(double share) {
  const double percent = 100 * share;
  if (std::isnan(percent)) return "?";
  if (percent >= 9.95 || percent == 0) return absl::StrFormat("%.0f %%", percent);
  return percent >= 0.095 ? absl::StrFormat("%.1f %%", percent)
                          : absl::StrFormat("%.2g %%", percent);
}

std::vector<std::string> FindingsOf(const StatusModel& model, WallTime now,
                                    const std::vector<std::string>& first_inputs) {
  std::vector<std::string> findings;
  if (absl::StartsWith(model.state, "refused")) {
    findings.push_back(absl::StrCat("this version does not serve: ", model.state));
  }
  if (model.errors > 0) {
    findings.push_back(absl::StrCat(model.errors, model.errors == 1 ? " request" : " requests",
                                    " of the last hour ended in errors that are the server's "
                                    "fault"));
  }
  FindDrift(model, now, first_inputs, findings);
  FindSaturation(model, now, first_inputs, findings);
  FindDeadUnits(model, findings);
  FindShares(model, findings);
  FindClasses(model, findings);
  FindRequests(model, findings);
  if (!model.baseline_error.empty()) {
    findings.push_back(
        absl::StrCat("its baseline was refused, so drift is not judged: ", model.baseline_error));
  }
  return findings;
}

}  // namespace mlp
