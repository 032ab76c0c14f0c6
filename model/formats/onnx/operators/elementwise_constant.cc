#include "model/formats/onnx/operators/elementwise_constant.h"

#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/broadcast.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {
namespace {

// Larger constants must be computed by the exporter.
constexpr std::size_t kMaxComputed = std::size_t{1} << 20;

// The index in `tensor` of the value that broadcasts to `index` of the common dimensions.
std::size_t IndexIn(const ConstantTensor<double>& tensor, const std::vector<std::int64_t>& common,
                    std::size_t index) {
  std::size_t from = 0;
  std::size_t stride = 1;
  for (std::size_t k = 0; k < tensor.dimensions.size(); ++k) {
    const auto size = static_cast<std::size_t>(common[common.size() - 1 - k]);
    const auto own = static_cast<std::size_t>(tensor.dimensions[tensor.dimensions.size() - 1 - k]);
    if (own != 1) from += index % size * stride;
    index /= size;
    stride *= own;
  }
  return from;
}

// The ONNX type of a result computed from integers: that of the first constant; lists of sizes are
// INT64. Conditions count as integers.
int IntegersMade(const Operands& operands, const ElementwiseFunction& function) {
  constexpr int kInt64 = onnx::TensorProto::INT64;
  if (function.makes_bool) return kInt64;
  for (std::size_t i = function.name == "Where" ? 1 : 0; i < operands.inputs.size(); ++i) {
    const auto* constant = std::get_if<OnnxConstant>(operands.At(i));
    if (constant == nullptr) continue;
    const int type = constant->tensor->data_type();
    return type == onnx::TensorProto::BOOL ? kInt64 : type;
  }
  return kInt64;
}

}  // namespace

absl::StatusOr<OnnxValues> ElementwiseConstant(const Operands& operands,
                                               const ElementwiseFunction& function,
                                               const std::vector<double>& parameters) {
  std::vector<ConstantTensor<double>> tensors;
  bool integers = true;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    absl::StatusOr<ConstantTensor<double>> numbers = NumbersOfConstantAt(operands, i);
    if (!numbers.ok()) return numbers.status();
    tensors.push_back(*std::move(numbers));
    integers = integers && IsIntegerAt(operands, i);
  }
  absl::StatusOr<FullShape> dimensions = BroadcastShape(operands);
  if (!dimensions.ok()) return dimensions.status();
  const bool for_each_row = !dimensions->empty() && dimensions->front() == kBatchSize;
  if (for_each_row) dimensions->front() = 1;
  std::size_t count = 1;
  for (const std::int64_t dimension : *dimensions) {
    count *= static_cast<std::size_t>(dimension);
    if (count > kMaxComputed) {
      return absl::UnimplementedError(absl::StrCat("it computes more than ", kMaxComputed,
                                                   " values of constants; at most ", kMaxComputed,
                                                   " are supported, so store them in the "
                                                   "file (constant folding)"));
    }
  }
  if (auto status = TakeConstantBytes(operands, static_cast<std::int64_t>(count * sizeof(double)));
      !status.ok()) {
    return status;
  }
  const int integer_type = IntegersMade(operands, function);
  const Datatype integer = *DatatypeOf(integer_type);
  std::vector<double> results;
  results.reserve(count);
  std::vector<double> values(tensors.size());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < tensors.size(); ++k) {
      values[k] = tensors[k].values[IndexIn(tensors[k], *dimensions, i)];
    }
    double value = function.value(values, parameters);
    if (integers) {
      if (integer == Datatype::kUint64 && value < 0.0) return NegativeOfUint64(value);
      if (!(std::fabs(value) < 1e15)) {
        return absl::UnimplementedError(
            absl::StrCat("it computes the integer ", value, "; supported are sizes and indices"));
      }
      value = WrappedInteger(std::trunc(value), integer);
    }
    results.push_back(value);
  }
  onnx::TensorProto& made = operands.conversion.made_tensors.emplace_back();
  for (const std::int64_t dimension : *dimensions) made.add_dims(dimension);
  FillTensor(results, integers ? integer_type : int{onnx::TensorProto::DOUBLE}, made);
  return SingleValue(OnnxConstant{&made, false, for_each_row});
}

}  // namespace mlp
