#include "model/combination.h"

#include <array>
#include <cstddef>
#include <type_traits>

namespace mlp {
namespace {

template <Combination combination, typename Operation>
constexpr CombinationInfo Row(absl::string_view name, SourceRule sources) {
  static_assert(
      std::is_same_v<Operation, std::variant_alternative_t<static_cast<std::size_t>(combination),
                                                           RowOperationDetail>>,
      "Combination and RowOperationDetail have the same order");
  return {combination, name, sources, []() -> RowOperationDetail { return Operation(); }};
}

// In the order of the enumeration.
constexpr std::array kTableOfCombinations = {
    Row<Combination::kDense, Dense>("dense", SourceRule::kSideBySide),
    Row<Combination::kConcat, Concatenation>("concat", SourceRule::kSideBySide),
    Row<Combination::kSum, Sum>("sum", SourceRule::kUnitByUnit),
    Row<Combination::kProduct, Product>("product", SourceRule::kUnitByUnit),
    Row<Combination::kMaximum, Maximum>("maximum", SourceRule::kUnitByUnit),
    Row<Combination::kMinimum, Minimum>("minimum", SourceRule::kUnitByUnit),
    Row<Combination::kAffine, Affine>("affine", SourceRule::kSideBySide),
    Row<Combination::kNormalize, Normalization>("normalize", SourceRule::kSideBySide),
    Row<Combination::kImpute, Imputation>("impute", SourceRule::kSideBySide),
    Row<Combination::kQuantize, Quantization>("quantize", SourceRule::kSideBySide),
    Row<Combination::kConstant, Constant>("constant", SourceRule::kNone),
    Row<Combination::kFunction, UnitFunction>("function", SourceRule::kOperands),
    Row<Combination::kReduce, Reduction>("reduce", SourceRule::kOperands),
    Row<Combination::kSelect, Selection>("select", SourceRule::kOperands),
    Row<Combination::kLookup, Lookup>("lookup", SourceRule::kOperands),
    Row<Combination::kMatrixProduct, MatrixProduct>("matrix_product", SourceRule::kOperands),
};

constexpr bool IsInOrder() {
  for (std::size_t i = 0; i < kTableOfCombinations.size(); ++i) {
    if (kTableOfCombinations[i].combination != static_cast<Combination>(i)) return false;
  }
  return kTableOfCombinations.size() == kCombinations;
}
static_assert(IsInOrder(), "each combination has a row, in the order of the enumeration");

}  // namespace

const CombinationInfo& InfoOf(Combination combination) {
  return kTableOfCombinations[static_cast<std::size_t>(combination)];
}

absl::Span<const CombinationInfo> AllCombinations() { return kTableOfCombinations; }

std::optional<Combination> FindCombination(absl::string_view name) {
  for (const CombinationInfo& info : kTableOfCombinations) {
    if (info.name == name) return info.combination;
  }
  return std::nullopt;
}

}  // namespace mlp
