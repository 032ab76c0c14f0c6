#include "model/uncounted_functions.h"

#include <algorithm>
#include <set>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

bool IsConstantLayer(const Network& network, const Source& source) {
  return !source.is_input() &&
         network.layers()[static_cast<std::size_t>(source.layer)].combination() ==
             Combination::kConstant;
}

}  // namespace

std::vector<std::string> WarnOfUncounted(const Network& network) {
  std::set<absl::string_view> names;
  for (const Layer& layer : network.layers()) {
    const auto* function = std::get_if<UnitFunction>(&layer.operation);
    if (function == nullptr || function->function->makes_bool || layer.is_proper()) continue;
    const auto of_rows =
        std::count_if(layer.sources.begin(), layer.sources.end(),
                      [&](const Source& source) { return !IsConstantLayer(network, source); });
    if (of_rows == 1) names.insert(function->function->name);
  }
  if (names.empty()) return {};
  return {absl::StrCat(absl::StrJoin(names, ", "), names.size() == 1 ? " is" : " are",
                       " evaluated, but ", names.size() == 1 ? "its" : "their",
                       " saturation is not counted")};
}

}  // namespace mlp
