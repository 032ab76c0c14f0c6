// How a layer computes its pre-activation: a table with each combination's name, the sources it
// reads and the struct it holds (model/row_operations.h). Checking, evaluating and writing a
// combination are overloads for that struct. docs/develop/adding/combination.md lists where each
// overload goes; a missing one does not compile.

#ifndef MLP_MODEL_COMBINATION_H_
#define MLP_MODEL_COMBINATION_H_

#include <optional>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/row_operations.h"

namespace mlp {

// x is all sources side by side.
enum class Combination {
  kDense,          // z = x W + b
  kConcat,         // z = x
  kSum,            // z = the sources' sum, each as wide as the layer
  kProduct,        // z = the sources' product, unit by unit
  kMaximum,        // z = the greatest of the sources, unit by unit
  kMinimum,        // z = the smallest
  kAffine,         // z = (x - center) * scale + shift, unit by unit
  kNormalize,      // z = x / |x|, by the norm of the row
  kImpute,         // z = x, with missing values replaced by the unit's own value
  kQuantize,       // z = x rounded to the steps of a quantised tensor
  kConstant,       // z = the layer's own values; it has no sources
  kFunction,       // z = f(the sources), unit by unit
  kReduce,         // z = sums, greatest values, ... over parts of x
  kSelect,         // z = some units of x
  kLookup,         // z = the rows of a table that x selects
  kMatrixProduct,  // z = the product of two matrices taken from the row
};

inline constexpr int kCombinations = static_cast<int>(std::variant_size_v<RowOperationDetail>);

// How a layer's units follow from its sources.
enum class SourceRule {
  kSideBySide,  // as many units as all sources together; kDense: as many as its weights say
  kUnitByUnit,  // each source is as wide as the layer
  kNone,        // it has no sources
  kOperands,    // the operation decides
};

struct CombinationInfo {
  Combination combination;
  absl::string_view name;  // in a layer's name, in descriptions and in the native format
  SourceRule sources;
  RowOperationDetail (*operation)();  // makes the default operation of the type the layer holds
};

const CombinationInfo& InfoOf(Combination combination);
inline absl::string_view NameOf(Combination combination) { return InfoOf(combination).name; }

// One for each combination, in the order of the enumeration.
absl::Span<const CombinationInfo> AllCombinations();

// The combination called `name`, or nothing.
std::optional<Combination> FindCombination(absl::string_view name);

// The combination that holds this type of operation.
inline Combination CombinationOf(const RowOperationDetail& operation) {
  return static_cast<Combination>(operation.index());
}

}  // namespace mlp

#endif  // MLP_MODEL_COMBINATION_H_
