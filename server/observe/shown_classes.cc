#include "server/observe/shown_classes.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "absl/strings/str_cat.h"

namespace mlp {

std::vector<ShownClass> ChooseShownClasses(std::int64_t classes,
                                           absl::Span<const std::string> names,
                                           absl::Span<const double> shares) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(classes));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  const auto share_of = [&](std::int64_t index) {
    const auto at = static_cast<std::size_t>(index);
    return at < shares.size() ? shares[at] : 0.0;
  };
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t one, std::int64_t other) {
    return share_of(one) > share_of(other);
  });
  order.resize(std::min(order.size(), kMaxShownClasses));
  std::sort(order.begin(), order.end());

  std::vector<ShownClass> shown;
  std::set<std::string> taken = {kOtherClasses};
  for (const std::int64_t index : order) {
    const auto at = static_cast<std::size_t>(index);
    std::string name = at < names.size() && !names[at].empty() ? names[at] : absl::StrCat(index);
    // Prometheus refuses a page with duplicate series.
    if (taken.count(name) > 0) absl::StrAppend(&name, "#", index);
    while (!taken.insert(name).second) name += '#';
    shown.push_back({index, std::move(name)});
  }
  return shown;
}

}  // namespace mlp
