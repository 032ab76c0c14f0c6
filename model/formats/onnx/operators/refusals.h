// Errors that several operators share.
//
// An error says what is wrong, with the tensor's name and the value, and what is expected or
// supported. INVALID_ARGUMENT means that the file breaks ONNX's rules; UNIMPLEMENTED means that
// ONNX allows it but it is not supported. docs/reference/refusals.md shows each kind to users.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_REFUSALS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_REFUSALS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// "its input 2 ('w1')".
std::string InputText(const Operands& operands, std::size_t index);

// "1 input", "2 inputs".
template <typename Integer>
std::string CountText(Integer count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

// Input `index` is missing.
absl::Status InputLeftOut(std::size_t index);

// Input `index` is not computed from the network's input, or is not a constant.
absl::Status NoRows(const Operands& operands, std::size_t index);
absl::Status NoConstant(const Operands& operands, std::size_t index);

// Input `index` is `signal`, whose rows do not have exactly one dimension.
absl::Status NotFlat(const Operands& operands, std::size_t index, const Signal& signal);

// Values of these two types are combined.
absl::Status MixedTypes(Datatype one, Datatype other);

// Rows are quantised with `scales` scales.
absl::Status SeveralScales(std::size_t scales);

// `what`, e.g. "the category", is an integer that is not exact in FP32.
absl::Status InexactInteger(absl::string_view what, std::int64_t integer);

// `what`, e.g. "the label", is a string that the protocol cannot carry.
absl::Status NoUtf8(absl::string_view what, absl::string_view text);

// The value depends on the number of rows in a request.
absl::Status NeedsNumberOfRows();

// The operator would mix rows: `what`, e.g. "it splits", the dimension of the batch.
absl::Status MixesRows(absl::string_view what);

// An axis that does not exist, and an axis along which rows would be mixed.
absl::Status AxisOutOfRange(std::int64_t axis, std::int64_t rank);
absl::Status AxisOfBatch(std::int64_t axis);

// UNIMPLEMENTED unless rows of `width` values are within the network's limits.
absl::Status CheckRowWidth(std::int64_t width);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_REFUSALS_H_
