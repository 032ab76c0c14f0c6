#include "server/insight/sub_windows.h"

#include <algorithm>
#include <cstddef>

namespace mlp {

std::vector<SubWindow> HiddenSubWindows(const Network& network,
                                        const FinishedActivityWindow& window,
                                        const TargetBaseline& target) {
  std::vector<SubWindow> sub_windows;
  const auto layer = std::find_if(network.layers().begin(), network.layers().end(),
                                  [&](const Layer& one) { return one.name == target.name; });
  if (layer == network.layers().end()) return sub_windows;
  const auto index = static_cast<std::size_t>(layer - network.layers().begin());
  const std::size_t units = target.mean.size() / 2;
  for (const ActivitySubWindow& part : window.sub_windows) {
    if (part.rows == 0) continue;
    const UnitSums& sums = part.layers[index];
    if (sums.values.size() != units) return {};
    SubWindow& made = sub_windows.emplace_back();
    made.rows = part.rows;
    made.sums.resize(2 * units);
    for (std::size_t unit = 0; unit < units; ++unit) {
      const auto finite = static_cast<double>(part.rows - sums.non_finite[unit]);
      made.sums[unit] = sums.values[unit] - finite * target.mean[unit];
      made.sums[units + unit] = sums.slopes[unit] - finite * target.mean[units + unit];
    }
  }
  return sub_windows;
}

}  // namespace mlp
