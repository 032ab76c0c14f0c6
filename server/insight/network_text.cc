#include "server/insight/network_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/grouped_digits.h"

namespace mlp {

std::string ArchitectureText(const Network& network) {
  std::int64_t inputs = 0;
  for (const TensorSpec& input : network.inputs()) inputs += input.width();
  std::vector<std::string> widths = {absl::StrCat(inputs)};
  std::vector<std::string> activations;
  for (const Layer& layer : network.layers()) {
    if (!layer.is_proper()) continue;
    widths.push_back(absl::StrCat(layer.outputs()));
    const std::string name(InfoOf(layer.activation.kind).name);
    const bool is_output = layer.name.rfind("output", 0) == 0;
    const bool known = std::find(activations.begin(), activations.end(), name) != activations.end();
    if (!is_output && !known) activations.push_back(name);
  }
  constexpr std::ptrdiff_t kFirst = 5;
  constexpr std::ptrdiff_t kLast = 3;
  if (static_cast<std::ptrdiff_t>(widths.size()) > kFirst + kLast) {
    const std::size_t left_out = widths.size() - kFirst - kLast;
    widths.erase(widths.begin() + kFirst, widths.end() - kLast);
    widths.insert(widths.begin() + kFirst, absl::StrCat("(", left_out, " more)"));
  }
  std::string text = absl::StrJoin(widths, "-");
  constexpr std::size_t kMaxActivations = 4;
  if (activations.size() > kMaxActivations) {
    activations.resize(kMaxActivations);
    activations.emplace_back("...");
  }
  for (const std::string& name : activations) absl::StrAppend(&text, ", ", name);
  return absl::StrCat(text, ", ", GroupedDigits(network.parameter_count()), " parameters");
}

std::string InputValueName(const Network& network, std::int64_t index) {
  for (const TensorSpec& input : network.inputs()) {
    if (index < input.width()) {
      return input.width() == 1 ? input.name : absl::StrCat(input.name, "[", index, "]");
    }
    index -= input.width();
  }
  return absl::StrCat(index);
}

}  // namespace mlp
