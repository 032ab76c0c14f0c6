#include "server/insight/findings.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

namespace mlp {
namespace {

using WallTime = std::chrono::system_clock::time_point;

// The most names in one sentence; the rest are counted.
constexpr std::size_t kMostNames = 3;

// "a, b, c and 4 more".
std::string ListText(const std::vector<std::string>& names) {
  if (names.size() <= kMostNames) return absl::StrJoin(names, ", ");
  return absl::StrCat(absl::StrJoin(names.begin(), names.begin() + kMostNames, ", "), " and ",
                      names.size() - kMostNames, " more");
}

// "since 14:05 UTC", with the date if it is 20 hours ago or more.
std::string SinceText(WallTime when, WallTime now) {
  const bool is_today = now - when < std::chrono::hours(20);
  return absl::StrCat("since ",
                      absl::FormatTime(is_today ? "%H:%M" : "%Y-%m-%d %H:%M",
                                       absl::FromChrono(when), absl::UTCTimeZone()),
                      " UTC");
}

// The same for the start of the latest run of minutes for which `holds`. NaN neither ends nor
// starts a run.
template <typename Holds>
std::string SinceMinuteText(const MinuteSeries& series, WallTime now, const Holds& holds) {
  std::size_t first = series.size() - 1;
  for (std::size_t i = series.size(); i > 0; --i) {
    const double value = series[i - 1];
    if (std::isnan(value)) continue;
    if (!holds(value)) break;
    first = i - 1;
  }
  const auto minutes = static_cast<std::int64_t>(series.size() - 1 - first);
  return SinceText(now - std::chrono::minutes(minutes), now);
}

bool IsTailChanged(double share, double reference) {
  if (std::isnan(share) || std::isnan(reference)) return false;
  // A fiftieth of all activations, or more if the reference is far from 0 and 1, as with ReLU.
  return std::fabs(share - reference) > 0.02 + 0.1 * std::min(reference, 1 - reference);
}

bool IsGrown(const StatusFigure& share) {
  return IsTailChanged(share.value, share.reference) && share.value > share.reference;
}

bool Drifts(const StatusLayer& layer) { return layer.drift.alarmed && layer.drift.ratio > 1; }

const StatusLayer* FirstHidden(const StatusModel& model) {
  return model.layers.size() > 2 ? &model.layers[1] : nullptr;
}

// What the two tails of the first hidden layer tell about the inputs as a whole. An activation with
// one tail tells nothing.
std::string CauseByTails(const StatusModel& model) {
  const StatusLayer* const layer = FirstHidden(model);
  if (layer == nullptr) return {};
  const bool has_both = layer->lower_share.reference > 0 && layer->upper_share.reference > 0;
  const bool lower = IsGrown(layer->lower_share);
  const bool upper = IsGrown(layer->upper_share);
  if (lower && upper) {
    return absl::StrCat("both tails of ", layer->name,
                        " grew, as when inputs are scaled: check units and normalisation");
  }
  if (has_both && (lower || upper)) {
    return absl::StrCat("one tail of ", layer->name,
                        " grew, as when inputs are offset: check for a shifted sensor or a mean "
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
  if (names.empty()) return {};
  // A few moved inputs suggest a sensor; if all moved, suspect whatever sends them.
  const std::string count =
      model.clearly_moved_inputs > 0
          ? absl::StrCat(model.clearly_moved_inputs, " of ", model.layers.front().units,
                         " input values moved, most: ")
          : "most moved: ";
  return absl::StrCat(count, ListText(names));
}

std::string ShortRatio(double ratio) {
  return ratio > 1000 ? "over 1,000" : absl::StrFormat("%.1f", ratio);
}

// The greatest ratio of the hidden layers; 0 if none is known.
double HiddenRatio(const StatusModel& model) {
  double greatest = 0.0;
  for (std::size_t i = 1; i + 1 < model.layers.size(); ++i) {
    greatest = std::fmax(greatest, model.layers[i].drift.ratio);
  }
  return greatest;
}

// Why layers have drifted since `since`, as clauses starting with "; " or " while"; empty if
// unknown.
std::string CauseOfDrift(const StatusModel& model, WallTime since,
                         const std::vector<std::string>& first_inputs) {
  const StatusDrift& inputs = model.layers.front().drift;
  // The inputs' windows take longer because fewer rows are watched. A window that began before the
  // drift says nothing about it.
  const bool silent = inputs.ratio <= 1 && inputs.window_begin >= since;
  const bool only_outputs =
      std::none_of(model.layers.begin(), std::prev(model.layers.end()), Drifts);
  if (silent && only_outputs) {
    return " while the layers before them do not: the mix of requests has changed";
  }
  if (model.missing_share > kFewRows || model.not_finite_share > kFewRows) {
    return "; input values are missing or infinite";
  }
  if (silent) {
    // If both ratios are near 1, the difference may be chance.
    const bool clear = inputs.ratio < 0.8 && HiddenRatio(model) > 1.5;
    return absl::StrFormat(" while the inputs do not (ratio %.1f)%s", inputs.ratio,
                           clear ? ": each value looks right, but not their combination: check for "
                                   "a wrong join, or swapped or torn features"
                                 : "");
  }
  std::string text;
  if (const std::string tails = CauseByTails(model); !tails.empty()) {
    absl::StrAppend(&text, "; ", tails);
  }
  if (!(inputs.ratio > 1)) {
    absl::StrAppend(&text, "; the inputs have not been judged since");
    return text;
  }
  absl::StrAppend(&text, "; the inputs have changed");
  if (const std::string moved = MovedInputsText(model); !moved.empty()) {
    absl::StrAppend(&text, "; ", moved);
  } else if (!first_inputs.empty()) {
    absl::StrAppend(&text, "; first seen in ", ListText(first_inputs));
  }
  return text;
}

void FindDrift(const StatusModel& model, WallTime now, const std::vector<std::string>& first_inputs,
               std::vector<std::string>& findings) {
  std::vector<std::string> drifting;
  const StatusLayer* first = nullptr;
  WallTime since = WallTime::max();
  for (const StatusLayer& layer : model.layers) {
    if (!Drifts(layer)) continue;
    drifting.push_back(absl::StrCat(layer.name, " (ratio ", ShortRatio(layer.drift.ratio), ")"));
    since = std::min(since, layer.drift.above_since);
    if (first == nullptr) first = &layer;
  }
  if (first == nullptr) return;
  const bool is_one = drifting.size() == 1 && absl::StartsWith(first->name, "hidden");
  std::string text =
      absl::StrCat(ListText(drifting), is_one ? " drifts " : " drift ", SinceText(since, now));
  absl::StrAppend(&text, CauseOfDrift(model, since, first_inputs));
  findings.push_back(std::move(text));
}

void FindTail(const StatusLayer& layer, const char* tail, const StatusFigure& share,
              const MinuteSeries& minutes, WallTime now,
              const std::vector<std::string>& first_inputs, std::vector<std::string>& findings) {
  const double reference = share.reference;
  if (!IsTailChanged(share.value, reference)) return;
  std::string text = absl::StrCat(
      layer.name, share.value > reference ? " saturates " : " saturates less ",
      SinceMinuteText(minutes, now, [&](double value) { return IsTailChanged(value, reference); }),
      ", ", tail, " tail, ", PercentText(reference), " to ", PercentText(share.value));
  if (!first_inputs.empty()) absl::StrAppend(&text, "; first seen in ", ListText(first_inputs));
  findings.push_back(std::move(text));
}

void FindSaturation(const StatusModel& model, WallTime now,
                    const std::vector<std::string>& first_inputs,
                    std::vector<std::string>& findings) {
  constexpr std::size_t kMostLayers = 4;  // one sentence each; later layers follow from the first
  std::vector<std::string> tails;
  // Name the moved inputs only once.
  const auto inputs = [&] { return tails.empty() ? first_inputs : std::vector<std::string>(); };
  for (const StatusLayer& layer : model.layers) {
    FindTail(layer, "lower", layer.lower_share, layer.lower_minutes, now, inputs(), tails);
    FindTail(layer, "upper", layer.upper_share, layer.upper_minutes, now, inputs(), tails);
  }
  const std::size_t more = tails.size() > kMostLayers ? tails.size() - kMostLayers : 0;
  tails.resize(tails.size() - more);
  findings.insert(findings.end(), tails.begin(), tails.end());
  if (more > 0) findings.push_back(absl::StrCat(more, " more tails of later layers have changed"));
}

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
  if (model.missing_share > kFewRows) {
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
  // A slow change in the mix of classes is not worth reporting.
  const bool outputs_drift = !model.layers.empty() && Drifts(model.layers.back());
  if (moved.empty() || !outputs_drift) return;
  findings.push_back(absl::StrCat("the mix of predicted classes has changed: ", ListText(moved)));
}

void FindRequests(const StatusModel& model, std::vector<std::string>& findings) {
  std::int64_t for_want = 0;
  std::vector<std::string> reasons;
  // Refusals caused by the client are not the model's fault.
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
