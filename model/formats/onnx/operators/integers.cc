#include "model/formats/onnx/operators/integers.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/formats/onnx/operators/convert_node.h"
#include "model/formats/onnx/operators/lookups.h"
#include "model/formats/onnx/values/element_type.h"

namespace mlp {
namespace {

bool IsUnsigned(Datatype integer) { return TypeRangeOf(integer).lowest == 0.0; }

bool IsExactInFp32(double value) {
  return !(std::fabs(value) > kGreatestExactInteger) ||
         static_cast<double>(static_cast<float>(value)) == value;
}

const OnnxConstant* LongConstantAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  const auto* constant = value == nullptr ? nullptr : std::get_if<OnnxConstant>(value);
  if (constant == nullptr) return nullptr;
  const std::optional<Datatype> datatype = DatatypeOf(constant->tensor->data_type());
  return datatype.has_value() && IsLongInteger(*datatype) ? constant : nullptr;
}

// An integer's text, also beyond C++'s integer types.
std::string WholeText(double value) { return absl::StrFormat("%.0f", value); }

// The value farthest from 0; 0 if there are none.
double GreatestOf(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0, [](double most, double value) {
    return std::fabs(value) > std::fabs(most) ? value : most;
  });
}

// The greatest absolute value that a node of the type may have.
double BoundOf(const Operands& operands, RowNodeId node, Datatype datatype) {
  const RowGraph& graph = operands.conversion.graph;
  if (graph.IsConstant(node)) return std::fabs(GreatestOf(graph.At(node).values));
  const auto found = operands.conversion.integer_bounds.find(node);
  if (found != operands.conversion.integer_bounds.end()) return found->second;
  if (datatype == Datatype::kBool) return 1.0;
  if (!IsShortInteger(datatype)) return kGreatestExactInteger;
  const TypeRange range = TypeRangeOf(datatype);
  return std::max(-range.lowest, range.lowest + range.count - 1);
}

// The bound of `function` for arguments up to `bounds`.
double BoundOfFunction(absl::string_view function, const std::vector<double>& bounds) {
  if (function == "Add" || function == "Sub" || function == "Sum") {
    return std::accumulate(bounds.begin(), bounds.end(), 0.0);
  }
  if (function == "Mul" || function == "PRelu") {
    return std::accumulate(bounds.begin(), bounds.end(), 1.0, std::multiplies<>());
  }
  if (function == "Pow") return std::pow(bounds[0], bounds[1]);
  if (function == "Div") return bounds[0];
  if (function == "Mod") return bounds[1];
  return *std::max_element(bounds.begin(), bounds.end());
}

// Whether `function` of integers of 8 or 16 bits may leave their type's range.
bool LeavesType(absl::string_view function) {
  return function == "Abs" || function == "Add" || function == "Div" || function == "Mul" ||
         function == "Neg" || function == "PRelu" || function == "Pow" || function == "Sub" ||
         function == "Sum";
}

}  // namespace

bool IsShortInteger(Datatype datatype) {
  return datatype == Datatype::kInt8 || datatype == Datatype::kUint8 ||
         datatype == Datatype::kInt16 || datatype == Datatype::kUint16;
}

bool IsLongInteger(Datatype datatype) {
  return datatype == Datatype::kInt32 || datatype == Datatype::kUint32 ||
         datatype == Datatype::kInt64 || datatype == Datatype::kUint64;
}

TypeRange TypeRangeOf(Datatype integer) {
  const double count = std::exp2(8.0 * static_cast<double>(SizeOf(integer)));
  const bool is_signed = integer == Datatype::kInt8 || integer == Datatype::kInt16 ||
                         integer == Datatype::kInt32 || integer == Datatype::kInt64;
  return {is_signed ? -count / 2 : 0.0, count};
}

double WrappedInteger(double value, Datatype integer) {
  if (SizeOf(integer) > 4) return value;
  const auto [lowest, count] = TypeRangeOf(integer);
  return value - count * std::floor((value - lowest) / count);
}

absl::Status NegativeOfUint64(double value) {
  return absl::UnimplementedError(absl::StrCat("it makes the constant ", WholeText(value),
                                               " of type UINT64; supported are 0 and above"));
}

absl::Status CheckExactInFp32(absl::Span<const double> integers, absl::string_view what) {
  const auto found = std::find_if_not(integers.begin(), integers.end(), IsExactInFp32);
  if (found == integers.end()) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(
      what, " holds the integer ", WholeText(*found),
      ", which is not exact in FP32; supported are integers up to 2^24 and multiples of ",
      "powers of two beyond, as networks are evaluated in FP32"));
}

absl::Status CheckIntegersOfRows(const Operands& operands, const OnnxValues& made,
                                 std::size_t first) {
  const RowGraph& graph = operands.conversion.graph;
  if (graph.nodes.size() == first) return absl::OkStatus();
  std::vector<const OnnxConstant*> constants;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    const OnnxConstant* constant = LongConstantAt(operands, i);
    if (constant != nullptr) constants.push_back(constant);
  }
  const bool shows_them = std::any_of(made.begin(), made.end(), [&](const OnnxValue& value) {
    const auto* signal = std::get_if<Signal>(&value);
    if (signal == nullptr) return false;
    const bool compares = signal->datatype == Datatype::kBool && !constants.empty();
    return compares || IsLongInteger(signal->datatype);
  });
  if (!shows_them) return absl::OkStatus();
  const std::string what = constants.size() == 1 ? constants[0]->Text() : "a constant";
  for (std::size_t i = first; i < graph.nodes.size(); ++i) {
    const RowNode& node = graph.nodes[i];
    if (node.operation != RowOperation::kConstant) continue;
    if (auto status = CheckExactInFp32(node.values, what); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<RowNodeId> AddKeptInType(const Operands& operands, absl::string_view function,
                                        const std::vector<RowNodeId>& arguments, RowNodeId node,
                                        Datatype datatype, std::int64_t width) {
  if (IsShortInteger(datatype)) {
    return LeavesType(function) ? AddToInteger(operands, node, datatype, width) : node;
  }
  if (!IsLongInteger(datatype)) return node;
  const bool is_sum = function == "Add" || function == "Sub" || function == "Sum";
  std::vector<double> bounds;
  bool by_a_constant = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    bounds.push_back(BoundOf(operands, arguments[i], datatype));
    if (!is_sum || !operands.conversion.graph.IsConstant(arguments[i])) continue;
    by_a_constant = true;
    if (bounds.back() <= kGreatestExactInteger) continue;
    const OnnxConstant* constant = LongConstantAt(operands, i);
    return absl::UnimplementedError(absl::StrCat(
        constant == nullptr ? "a constant" : constant->Text(), " adds ",
        WholeText(GreatestOf(operands.conversion.graph.At(arguments[i]).values)), " to ",
        NameOf(datatype),
        " values of the input; supported are integers up to 2^24 there, as networks are evaluated ",
        "in FP32"));
  }
  const double bound = BoundOfFunction(function, bounds);
  if (std::isfinite(bound)) operands.conversion.integer_bounds[node] = bound;
  // A sum with a constant exceeds the limit only if a request's value almost does.
  const bool stays = bound <= (by_a_constant ? 2.0 : 1.0) * kGreatestExactInteger;
  const bool rounds = is_sum || function == "Mul" || function == "Pow" || function == "PRelu";
  const bool below_zero = IsUnsigned(datatype) && (function == "Sub" || function == "Neg");
  if (below_zero || (rounds && !stays)) WarnOfLongIntegers(operands, datatype);
  return node;
}

RowNodeId AddWrappedProduct(const Operands& operands, std::vector<RowNodeId> arguments,
                            Datatype datatype, std::int64_t width) {
  const auto [lowest, count] = TypeRangeOf(datatype);
  return AddElementwise(operands, "WrappedMul", std::move(arguments), {lowest, count}, width);
}

void BoundInteger(const Operands& operands, RowNodeId node, Datatype datatype) {
  const double bound = BoundOf(operands, node, datatype);
  if (bound < kGreatestExactInteger) operands.conversion.integer_bounds[node] = bound;
}

void WarnOfLongIntegers(const Operands& operands, Datatype datatype) {
  if (std::exchange(operands.conversion.warned_of_integers, true)) return;
  operands.conversion.Warn(
      absl::StrCat(NodeText(operands.node), " computes ", NameOf(datatype),
                   " values, which are exact ", IsUnsigned(datatype) ? "from 0" : "from -2^24",
                   " to 2^24 (16777216) only: values beyond that are rounded, not wrapped around"));
}

}  // namespace mlp
