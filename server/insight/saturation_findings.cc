#include "server/insight/saturation_findings.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/insight/finding_text.h"

namespace mlp {
namespace {

// SinceText for the start of the latest run of minutes for which `holds`. NaN neither ends nor
// starts a run.
template <typename Holds>
std::string SinceMinuteText(const MinuteSeries& series, std::chrono::system_clock::time_point now,
                            const Holds& holds) {
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

void FindTail(const StatusLayer& layer, const char* tail, const StatusFigure& share,
              const MinuteSeries& minutes, std::chrono::system_clock::time_point now,
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

}  // namespace

bool IsTailChanged(double share, double reference) {
  if (std::isnan(share) || std::isnan(reference)) return false;
  // A fiftieth of all activations, or more if the reference is far from 0 and 1, as with ReLU.
  return std::fabs(share - reference) > 0.02 + 0.1 * std::min(reference, 1 - reference);
}

void FindSaturation(const StatusModel& model, std::chrono::system_clock::time_point now,
                    const std::vector<std::string>& first_inputs,
                    std::vector<std::string>& findings) {
  constexpr std::size_t kMaxLayers = 4;  // one sentence each; later layers follow from the first
  std::vector<std::string> tails;
  // Name the moved inputs only once.
  const auto inputs = [&] { return tails.empty() ? first_inputs : std::vector<std::string>(); };
  for (const StatusLayer& layer : model.layers) {
    FindTail(layer, "lower", layer.lower_share, layer.lower_minutes, now, inputs(), tails);
    FindTail(layer, "upper", layer.upper_share, layer.upper_minutes, now, inputs(), tails);
  }
  const std::size_t more = tails.size() > kMaxLayers ? tails.size() - kMaxLayers : 0;
  tails.resize(tails.size() - more);
  findings.insert(findings.end(), tails.begin(), tails.end());
  if (more > 0) findings.push_back(absl::StrCat(more, " more tails of later layers have changed"));
}

}  // namespace mlp
