// What operators say of what they do not take, for the kinds that several of them refuse.
//
// A refusal says what is wrong, with the tensor's name and the value, and what is expected or
// supported. INVALID_ARGUMENT is for a file that breaks ONNX's own rules, UNIMPLEMENTED for one
// that ONNX allows and that is not served. docs/refusals.md shows each kind to users.

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

// Input `index` is not there.
absl::Status InputLeftOut(std::size_t index);

// Input `index` is not computed from the network's input, or is not a constant.
absl::Status NoRows(const Operands& operands, std::size_t index);
absl::Status NoConstant(const Operands& operands, std::size_t index);

// Input `index` is `signal`, whose rows have not one dimension.
absl::Status NotFlat(const Operands& operands, std::size_t index, const Signal& signal);

// Values of these two types are joined.
absl::Status MixedTypes(Datatype one, Datatype other);

// Rows that are quantised by `scales` scales.
absl::Status SeveralScales(std::size_t scales);

// `what`, as "the category", is an integer that FP32 does not hold exactly.
absl::Status InexactInteger(absl::string_view what, std::int64_t integer);

// `what`, as "the label", is a string that the protocol cannot carry.
absl::Status NoUtf8(absl::string_view what, absl::string_view text);

// What is computed from the number of rows of a request.
absl::Status NeedsNumberOfRows();

// An axis that there is not, and one along which rows would meet.
absl::Status AxisOutOfRange(std::int64_t axis, std::int64_t rank);
absl::Status AxisOfBatch(std::int64_t axis);

// UNIMPLEMENTED unless rows of `width` values are within the network's bounds.
absl::Status CheckRowWidth(std::int64_t width);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_REFUSALS_H_
