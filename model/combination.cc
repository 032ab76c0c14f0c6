#include "model/combination.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace mlp {
namespace {

template <typename Detail>
RowOperationDetail Empty() {
  return Detail();
}

// In the order of the enumeration.
constexpr std::array<CombinationInfo, kCombinations> kTableOfCombinations = {{
    {Combination::kDense, "dense", SourceRule::kSideBySide, Empty<std::monostate>},
    {Combination::kConcat, "concat", SourceRule::kSideBySide, Empty<std::monostate>},
    {Combination::kSum, "sum", SourceRule::kUnitByUnit, Empty<std::monostate>},
    {Combination::kProduct, "product", SourceRule::kUnitByUnit, Empty<std::monostate>},
    {Combination::kMaximum, "maximum", SourceRule::kUnitByUnit, Empty<std::monostate>},
    {Combination::kMinimum, "minimum", SourceRule::kUnitByUnit, Empty<std::monostate>},
    {Combination::kAffine, "affine", SourceRule::kSideBySide, Empty<std::monostate>},
    {Combination::kNormalize, "normalize", SourceRule::kSideBySide, Empty<std::monostate>},
    {Combination::kImpute, "impute", SourceRule::kSideBySide, Empty<std::monostate>},
    {Combination::kQuantize, "quantize", SourceRule::kSideBySide, Empty<std::monostate>},
    {Combination::kConstant, "constant", SourceRule::kNone, Empty<std::monostate>},
    {Combination::kFunction, "function", SourceRule::kOperands, Empty<UnitFunction>},
    {Combination::kReduce, "reduce", SourceRule::kOperands, Empty<Reduction>},
    {Combination::kSelect, "select", SourceRule::kOperands, Empty<Selection>},
    {Combination::kLookup, "lookup", SourceRule::kOperands, Empty<Lookup>},
    {Combination::kMatrixProduct, "matrix_product", SourceRule::kOperands, Empty<MatrixProduct>},
}};

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

Combination CombinationOf(const RowOperationDetail& operation) {
  return std::find_if(
             kTableOfCombinations.begin(), kTableOfCombinations.end(),
             [&](const auto& info) { return info.operation().index() == operation.index(); })
      ->combination;
}

}  // namespace mlp
