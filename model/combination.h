// How a layer makes its pre-activation: the table that says what each combination is called, what
// it reads and which struct it holds (model/row_operations.h). How it is checked, evaluated and
// written is an overload for that struct at each of these places, without which they do not
// compile: docs/adding/combination.md lists them.

#ifndef MLP_MODEL_COMBINATION_H_
#define MLP_MODEL_COMBINATION_H_

#include <optional>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/row_operations.h"

namespace mlp {

// x being all sources side by side.
enum class Combination {
  kDense,          // z = x W + b
  kConcat,         // z = x
  kSum,            // z = the sources' sum, each as wide as the layer
  kProduct,        // z = the sources' product, unit by unit
  kMaximum,        // z = the greatest of the sources, unit by unit
  kMinimum,        // z = the smallest
  kAffine,         // z = (x - center) * scale + shift, unit by unit
  kNormalize,      // z = x / |x|, by the norm of the row
  kImpute,         // z = x, but a unit's own value where x is missing
  kQuantize,       // z = x rounded to the steps of a quantised tensor
  kConstant,       // z = the layer's own values; it has no sources
  kFunction,       // z = f(the sources), unit by unit
  kReduce,         // z = sums, greatest values, ... over some of x
  kSelect,         // z = some units of x
  kLookup,         // z = the rows of a table that x names
  kMatrixProduct,  // z = the product of two matrices that are made of the row
};

inline constexpr int kCombinations = static_cast<int>(std::variant_size_v<RowOperationDetail>);

// What a layer's sources are to it, and so how many units it has.
enum class SourceRule {
  kSideBySide,  // as many units as they have together; but kDense, where the weights say it
  kUnitByUnit,  // each as wide as the layer
  kNone,        // it has no sources
  kOperands,    // as the operation says
};

struct CombinationInfo {
  Combination combination;
  absl::string_view name;  // in a layer's name, in descriptions and in the native format
  SourceRule sources;
  RowOperationDetail (*operation)();  // one by default, of the type that the layer holds
};

const CombinationInfo& InfoOf(Combination combination);
inline absl::string_view NameOf(Combination combination) { return InfoOf(combination).name; }

// One for each combination, in their order.
absl::Span<const CombinationInfo> AllCombinations();

// The one called `name`; nothing where none is.
std::optional<Combination> FindCombination(absl::string_view name);

// The one that holds an operation of the type of `operation`.
inline Combination CombinationOf(const RowOperationDetail& operation) {
  return static_cast<Combination>(operation.index());
}

}  // namespace mlp

#endif  // MLP_MODEL_COMBINATION_H_
