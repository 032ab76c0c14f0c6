#include "model/row_operations.h"

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
