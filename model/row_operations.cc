#include "model/row_operations.h"

#include <type_traits>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

std::string TextOfOperation(const UnitFunction& function) {
  return std::string(function.function->name);
}
std::string TextOfOperation(const Reduction& reduction) {
  return absl::StrCat(NameOf(reduction.kind), " of ", reduction.count);
}
std::string TextOfOperation(const Selection& selection) {
  return absl::StrCat(selection.units.size(), selection.units.size() == 1 ? " unit" : " units");
}
std::string TextOfOperation(const Lookup& lookup) {
  return absl::StrCat(lookup.keys.empty() ? "positions" : "keys", " in ", lookup.entries());
}
std::string TextOfOperation(const MatrixProduct& product) {
  return absl::StrCat("[", product.rows, ",", product.depth, "] by [", product.depth, ",",
                      product.columns, "]");
}
template <typename Operation>
std::string TextOfOperation(const Operation&) {
  return "";
}

// The sizes of `trained` trained numbers and `untrained` other values, of four bytes each.
HeldValues Held(std::size_t trained, std::size_t untrained) {
  return {static_cast<std::int64_t>(trained),
          static_cast<std::int64_t>((trained + untrained) * sizeof(float))};
}

HeldValues ValuesOf(const Dense& dense) {
  return Held(dense.weights.size() + dense.bias.size(), 0);
}
HeldValues ValuesOf(const Affine& affine) {
  return Held(affine.center.size() + affine.scale.size() + affine.shift.size(), 0);
}
HeldValues ValuesOf(const Imputation& imputation) { return Held(imputation.values.size(), 0); }
HeldValues ValuesOf(const Constant& constant) { return Held(constant.values.size(), 0); }
HeldValues ValuesOf(const Selection& selection) { return Held(0, selection.units.size()); }
HeldValues ValuesOf(const Lookup& lookup) {
  return Held(lookup.table.size(), lookup.keys.size() + lookup.default_row.size());
}
// Ignores its few parameters.
HeldValues ValuesOf(const UnitFunction&) { return {}; }
// A struct with a vector is not trivially copyable and does not match, so forgetting its overload
// is a compile error.
template <typename Operation>
requires std::is_trivially_copyable_v<Operation> HeldValues ValuesOf(const Operation&) {
  return {};
}

}  // namespace

absl::string_view NameOf(ReductionKind kind) {
  switch (kind) {
    case ReductionKind::kSum:
      return "sum";
    case ReductionKind::kMean:
      return "mean";
    case ReductionKind::kProduct:
      return "product";
    case ReductionKind::kMaximum:
      return "maximum";
    case ReductionKind::kMinimum:
      return "minimum";
    case ReductionKind::kL1:
      return "l1";
    case ReductionKind::kL2:
      return "l2";
    case ReductionKind::kSumOfSquares:
      return "sum_of_squares";
    case ReductionKind::kLogSum:
      return "log_sum";
    case ReductionKind::kLogSumExp:
      return "log_sum_exp";
    case ReductionKind::kArgMax:
      return "arg_max";
    case ReductionKind::kArgMin:
      return "arg_min";
  }
  return "";
}

std::string OperationText(const RowOperationDetail& operation) {
  return std::visit([](const auto& detail) { return TextOfOperation(detail); }, operation);
}

HeldValues ValuesHeldBy(const RowOperationDetail& operation) {
  return std::visit([](const auto& detail) { return ValuesOf(detail); }, operation);
}

}  // namespace mlp
