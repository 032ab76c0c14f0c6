#include <array>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/activations/activation.h"
#include "model/activations/functions.h"

namespace mlp {
namespace {

// Pointers, because the order in which the entries themselves are initialised is not defined
// across source files while their addresses are constants.
constexpr std::array<const ActivationInfo*, 8> kActivations = {
    &internal::kIdentity,  &internal::kSigmoid, &internal::kTanh, &internal::kRelu,
    &internal::kLeakyRelu, &internal::kPrelu,   &internal::kElu,  &internal::kSoftmax};

}  // namespace

absl::Span<const ActivationInfo* const> AllActivations() { return kActivations; }

const ActivationInfo& InfoOf(ActivationKind kind) {
  return *kActivations[static_cast<std::size_t>(kind)];
}

absl::StatusOr<const ActivationInfo*> FindActivation(absl::string_view name) {
  for (const ActivationInfo* info : kActivations) {
    if (info->name == name) return info;
  }
  const auto append_name = [](std::string* out, const ActivationInfo* info) {
    absl::StrAppend(out, info->name);
  };
  return absl::NotFoundError(absl::StrCat("activation '", name, "' is not known; there are ",
                                          absl::StrJoin(kActivations, ", ", append_name)));
}

}  // namespace mlp
