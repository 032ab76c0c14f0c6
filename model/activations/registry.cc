#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/activations/families/clipped.h"
#include "model/activations/families/exponential_units.h"
#include "model/activations/families/gates.h"
#include "model/activations/families/gelus.h"
#include "model/activations/families/ramps.h"
#include "model/activations/families/rectifiers.h"
#include "model/activations/families/rows.h"
#include "model/activations/families/shrinks.h"
#include "model/activations/families/steps.h"
#include "model/activations/families/thresholds.h"
#include "model/activations/families/waves.h"
#include "model/activations/registry_entry.h"
#include "model/quote.h"

namespace mlp {
namespace {

struct Registry {
  const ActivationInfo* by_kind[kActivationKindCount] = {};
};

constexpr Registry MakeRegistry() {
  Registry registry;
  for (const absl::Span<const ActivationInfo> family :
       {absl::MakeConstSpan(internal::kRectifiers), absl::MakeConstSpan(internal::kThresholds),
        absl::MakeConstSpan(internal::kClippedLines), absl::MakeConstSpan(internal::kShrinks),
        absl::MakeConstSpan(internal::kSteps), absl::MakeConstSpan(internal::kRamps),
        absl::MakeConstSpan(internal::kExponentialUnits), absl::MakeConstSpan(internal::kGates),
        absl::MakeConstSpan(internal::kGelus), absl::MakeConstSpan(internal::kWaves),
        absl::MakeConstSpan(internal::kRowFunctions)}) {
    for (const ActivationInfo& info : family) registry.by_kind[static_cast<int>(info.kind)] = &info;
  }
  return registry;
}

constexpr Registry kRegistry = MakeRegistry();

// Checks each kind separately, so that the compiler's message names it.
template <ActivationKind kKind>
constexpr bool HasWholeEntry() {
  constexpr const ActivationInfo* kInfo = kRegistry.by_kind[static_cast<int>(kKind)];
  static_assert(kInfo != nullptr, "an activation has no entry in a header of families/");
  static_assert(!kInfo->name.empty() && !kInfo->formula.empty() && !kInfo->source.empty(),
                "an activation's entry has no name, formula or source");
  // Set for element-wise activations and null for all others.
  static_assert((kInfo->value != nullptr) == kInfo->elementwise, "value");
  static_assert((kInfo->slope != nullptr) == kInfo->elementwise, "slope");
  static_assert((kInfo->steepest != nullptr) == kInfo->elementwise, "steepest");
  static_assert((kInfo->tails != nullptr) == kInfo->elementwise, "tails");
  static_assert((kInfo->is_monotone != nullptr) == kInfo->elementwise, "is_monotone");
  return true;
}

template <int... kKinds>
constexpr bool AreWhole(std::integer_sequence<int, kKinds...> /*kinds*/) {
  return (HasWholeEntry<static_cast<ActivationKind>(kKinds)>() && ...);
}
static_assert(AreWhole(std::make_integer_sequence<int, kActivationKindCount>()));

absl::Status BadCount(const ActivationInfo& info, absl::string_view what, std::size_t count,
                      absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(info.name, " has ", count, " ", what, "; expected ", expected));
}

}  // namespace

absl::Span<const ActivationInfo* const> AllActivations() { return kRegistry.by_kind; }

const ActivationInfo& InfoOf(ActivationKind kind) {
  return *AllActivations()[static_cast<std::size_t>(kind)];
}

absl::StatusOr<const ActivationInfo*> FindActivation(absl::string_view name) {
  for (const ActivationInfo* info : AllActivations()) {
    if (info->name == name) return info;
  }
  const auto append_name = [](std::string* out, const ActivationInfo* info) {
    absl::StrAppend(out, info->name);
  };
  return absl::NotFoundError(absl::StrCat("unknown activation ", Quote(name), "; known are ",
                                          absl::StrJoin(AllActivations(), ", ", append_name)));
}

Activation DefaultActivation(ActivationKind kind) {
  Activation activation;
  activation.kind = kind;
  for (const ActivationParameter& parameter : InfoOf(kind).parameters) {
    activation.parameters.push_back(parameter.default_value);
  }
  if (kind == ActivationKind::kPrelu) activation.unit_alpha = {0.25F};
  return activation;
}

absl::Status CheckActivation(const Activation& activation, std::int64_t units) {
  const ActivationInfo& info = InfoOf(activation.kind);
  const std::vector<float>& alpha = activation.unit_alpha;
  if (activation.kind == ActivationKind::kPrelu) {
    if (alpha.size() != 1 && static_cast<std::int64_t>(alpha.size()) != units) {
      return BadCount(info, "alphas", alpha.size(), absl::StrCat("1 or ", units));
    }
  } else if (!alpha.empty()) {
    return BadCount(info, "alphas of units", alpha.size(), "none");
  }
  const auto broken = std::find_if_not(alpha.begin(), alpha.end(), [](float value) {
    return value >= -internal::kLargestFloat && value <= internal::kLargestFloat;
  });
  if (broken != alpha.end()) {
    return absl::InvalidArgumentError(absl::StrCat(info.name, " has alpha ", *broken,
                                                   " at position ", broken - alpha.begin(),
                                                   "; expected finite numbers"));
  }
  if (activation.parameters.size() != info.parameters.size()) {
    return BadCount(info, "parameters", activation.parameters.size(),
                    absl::StrCat(info.parameters.size()));
  }
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const ActivationParameter& parameter = info.parameters[i];
    const float value = activation.parameters[i];
    // Written with "not", so that NaN is refused.
    if (!(value >= parameter.lowest && value <= parameter.highest)) {
      return absl::InvalidArgumentError(absl::StrCat(info.name, " has ", parameter.name, " ", value,
                                                     "; expected ", parameter.lowest, " to ",
                                                     parameter.highest));
    }
  }
  const bool ordered = activation.kind != ActivationKind::kHardTanh ||
                       activation.parameters[0] <= activation.parameters[1];
  if (!ordered) {
    return absl::InvalidArgumentError(absl::StrCat(info.name, " has min ", activation.parameters[0],
                                                   " and max ", activation.parameters[1],
                                                   "; expected min to be at most max"));
  }
  if (units % info.units_per_output != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(info.name, " is on ", units, " units; expected an even number"));
  }
  return absl::OkStatus();
}

absl::Span<const float> ParametersOfUnit(const Activation& activation, std::int64_t unit) {
  if (activation.kind != ActivationKind::kPrelu) return activation.parameters;
  const bool shared = activation.unit_alpha.size() == 1;
  return absl::MakeConstSpan(activation.unit_alpha)
      .subspan(shared ? 0 : static_cast<std::size_t>(unit), 1);
}

std::vector<Tails> TailsOfUnits(const Activation& activation, std::int64_t units, double epsilon) {
  const ActivationInfo& info = InfoOf(activation.kind);
  const std::int64_t searches = activation.unit_alpha.size() > 1 ? units : 1;
  std::vector<Tails> tails;
  tails.reserve(static_cast<std::size_t>(units));
  for (std::int64_t unit = 0; unit < searches; ++unit) {
    tails.push_back(info.tails(ParametersOfUnit(activation, unit), epsilon));
  }
  tails.resize(static_cast<std::size_t>(units), tails.front());
  return tails;
}

}  // namespace mlp
