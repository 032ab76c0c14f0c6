#include "server/insight/drift_finding.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/insight/finding_text.h"
#include "server/insight/saturation_findings.h"

namespace mlp {
namespace {

bool IsGrown(const StatusFigure& share) {
  return IsTailChanged(share.value, share.reference) && share.value > share.reference;
}

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
std::string CauseOfDrift(const StatusModel& model, std::chrono::system_clock::time_point since,
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
  if (model.missing_share > kNotableShareOfRows || model.not_finite_share > kNotableShareOfRows) {
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

}  // namespace

bool Drifts(const StatusLayer& layer) { return layer.drift.alarmed && layer.drift.ratio > 1; }

void FindDrift(const StatusModel& model, std::chrono::system_clock::time_point now,
               const std::vector<std::string>& first_inputs, std::vector<std::string>& findings) {
  std::vector<std::string> drifting;
  const StatusLayer* first = nullptr;
  std::chrono::system_clock::time_point since = std::chrono::system_clock::time_point::max();
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

}  // namespace mlp
