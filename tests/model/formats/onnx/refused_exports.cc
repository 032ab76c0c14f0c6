#include "tests/model/formats/onnx/refused_exports.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

const std::vector<RefusedExport>& RefusedExports() {
  static const auto* const refused_exports = new std::vector<RefusedExport>{
      {"graphs/keras2_layer_norm",
       "with the rows in dimension 1; supported by this operator is [batch,...]",
       "tf2onnx spells it with the batch and the units exchanged"},
  };
  return *refused_exports;
}

}  // namespace

const RefusedExport* FindRefusedExport(const std::string& name) {
  const auto found = std::find_if(
      RefusedExports().begin(), RefusedExports().end(), [&](const RefusedExport& refused) {
        const absl::string_view pattern = refused.name;
        return absl::EndsWith(pattern, "*")
                   ? absl::StartsWith(name, pattern.substr(0, pattern.size() - 1))
                   : name == pattern;
      });
  return found == RefusedExports().end() ? nullptr : &*found;
}

}  // namespace mlp
