#include "model/row_operations.h"

#include "absl/strings/str_cat.h"

namespace mlp {

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
  struct Visitor {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(const UnitFunction& function) const {
      return std::string(function.function->name);
    }
    std::string operator()(const Reduction& reduction) const {
      return absl::StrCat(NameOf(reduction.kind), " of ", reduction.count);
    }
    std::string operator()(const Selection& selection) const {
      return absl::StrCat(selection.units.size(), selection.units.size() == 1 ? " unit" : " units");
    }
    std::string operator()(const Lookup& lookup) const {
      return absl::StrCat(lookup.keys.empty() ? "positions" : "keys", " in ", lookup.entries());
    }
    std::string operator()(const MatrixProduct& product) const {
      return absl::StrCat("[", product.rows, ",", product.depth, "] by [", product.depth, ",",
                          product.columns, "]");
    }
  };
  return std::visit(Visitor(), operation);
}

std::int64_t TableBytes(const RowOperationDetail& operation) {
  std::size_t bytes = 0;
  if (const auto* lookup = std::get_if<Lookup>(&operation)) {
    bytes = (lookup->table.size() + lookup->keys.size() + lookup->otherwise.size()) * sizeof(float);
  }
  if (const auto* selection = std::get_if<Selection>(&operation)) {
    bytes = selection->units.size() * sizeof(std::int32_t);
  }
  return static_cast<std::int64_t>(bytes);
}

}  // namespace mlp
