#include "server/repository/model_interface.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/join_first.h"
#include "model/quote.h"

namespace mlp {
namespace {

constexpr std::size_t kMaxDifferences = 3;

std::vector<std::string> TensorDifferences(absl::string_view kind,
                                           const std::vector<TensorSpec>& before,
                                           const std::vector<TensorSpec>& now) {
  absl::flat_hash_map<absl::string_view, const TensorSpec*> left;
  for (const TensorSpec& tensor : now) left.emplace(tensor.name, &tensor);
  std::vector<std::string> differences;
  for (const TensorSpec& old : before) {
    const std::string what = absl::StrCat(kind, " ", Quote(old.name));
    const auto found = left.find(old.name);
    if (found == left.end()) {
      differences.push_back(absl::StrCat(what, " is missing"));
      continue;
    }
    const TensorSpec& tensor = *found->second;
    left.erase(found);
    if (tensor.datatype != old.datatype) {
      differences.push_back(absl::StrCat(what, " is ", NameOf(tensor.datatype), " instead of ",
                                         NameOf(old.datatype)));
    }
    if (tensor.shape != old.shape) {
      differences.push_back(absl::StrCat(what, " has shape ", ShapeText(tensor.shape),
                                         " instead of ", ShapeText(old.shape)));
    }
  }
  for (const TensorSpec& tensor : now) {
    if (left.count(tensor.name) == 0) continue;
    differences.push_back(absl::StrCat(kind, " ", Quote(tensor.name), " is new"));
  }
  return differences;
}

bool SameOrder(const std::vector<TensorSpec>& before, const std::vector<TensorSpec>& now) {
  return std::equal(
      before.begin(), before.end(), now.begin(), now.end(),
      [](const TensorSpec& one, const TensorSpec& other) { return one.name == other.name; });
}

}  // namespace

ModelInterface InterfaceOf(const Network& network) {
  ModelInterface interface;
  interface.inputs = network.inputs();
  for (const NetworkOutput& output : network.outputs()) interface.outputs.push_back(output.tensor);
  return interface;
}

std::string InterfaceDifference(const ModelInterface& before, const ModelInterface& now) {
  std::vector<std::string> differences = TensorDifferences("input", before.inputs, now.inputs);
  std::vector<std::string> of_outputs = TensorDifferences("output", before.outputs, now.outputs);
  if (of_outputs.empty() && !SameOrder(before.outputs, now.outputs)) {
    of_outputs.emplace_back("the outputs are in a different order");
  }
  differences.insert(differences.end(), of_outputs.begin(), of_outputs.end());
  return JoinFirst(std::move(differences), kMaxDifferences);
}

}  // namespace mlp
