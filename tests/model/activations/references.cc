#include "tests/model/activations/references.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/model/activations/references/families.h"

namespace mlp {

std::string Reference::Label() const {
  std::string label = name;
  for (const float parameter : parameters) absl::StrAppend(&label, "_", parameter);
  return absl::StrReplaceAll(label, {{"-", "minus_"}, {".", "_"}, {"+", ""}});
}

void PrintTo(const Reference& reference, std::ostream* out) { *out << reference.Label(); }

const std::vector<Reference>& ElementwiseReferences() {
  static const auto* const references = [] {
    auto* all = new std::vector<Reference>;
    for (const auto& family : {references::MakeRectifiers(), references::MakeClippedAndShrinks(),
                               references::MakeStepsAndRamps(), references::MakeExponentials(),
                               references::MakeGates()}) {
      all->insert(all->end(), family.begin(), family.end());
    }
    return all;
  }();
  return *references;
}

}  // namespace mlp
