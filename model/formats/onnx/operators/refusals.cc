#include "model/formats/onnx/operators/refusals.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/network.h"
#include "model/quote.h"

namespace mlp {
namespace {

// The kind of `value`, an input that is given, for "is ...".
absl::string_view KindOf(const OnnxValue& value) {
  if (std::holds_alternative<Signal>(value)) return "computed from the network's input";
  if (std::holds_alternative<OnnxConstant>(value)) return "a constant";
  if (const auto* list = std::get_if<ShapeList>(&value)) {
    const bool of_rows = std::any_of(list->entries.begin(), list->entries.end(),
                                     [](std::int64_t entry) { return TimesOfBatch(entry) != 0; });
    return of_rows ? "computed from the number of rows, which differs between requests"
                   : "computed from shapes";
  }
  if (std::holds_alternative<Decision>(value)) {
    return "a label, which is computed from the network's input";
  }
  return "a sequence of tensors";
}

}  // namespace

std::string InputText(const Operands& operands, std::size_t index) {
  const auto place = static_cast<int>(index);
  const bool named = place < operands.node.input_size() && !operands.node.input(place).empty();
  return absl::StrCat("its input ", index + 1,
                      named ? absl::StrCat(" (", Quote(operands.node.input(place)), ")") : "");
}

absl::Status InputLeftOut(std::size_t index) {
  return absl::InvalidArgumentError(
      absl::StrCat("its input ", index + 1, " is left out; expected a tensor"));
}

absl::Status NoRows(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value == nullptr) return InputLeftOut(index);
  return absl::UnimplementedError(
      absl::StrCat(InputText(operands, index), " is ", KindOf(*value),
                   "; only tensors that are computed from the network's input are supported here"));
}

absl::Status NoConstant(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value == nullptr) return InputLeftOut(index);
  return absl::UnimplementedError(
      absl::StrCat(InputText(operands, index), " is ", KindOf(*value),
                   "; only constants, for example trained values, are supported here"));
}

absl::Status NotFlat(const Operands& operands, std::size_t index, const Signal& signal) {
  return absl::UnimplementedError(
      absl::StrCat(InputText(operands, index), " has the shape ", TextOf(WholeShapeOf(signal)),
                   "; supported by this operator is [batch,features], so flatten it first"));
}

absl::Status MixedTypes(Datatype one, Datatype other) {
  return absl::InvalidArgumentError(absl::StrCat("it joins elements of type ", ElementTypeName(one),
                                                 " and of type ", ElementTypeName(other),
                                                 "; expected one type, so cast one to the other"));
}

absl::Status SeveralScales(std::size_t scales) {
  return absl::UnimplementedError(
      absl::StrCat("it has ", scales,
                   " scales for a tensor that is computed from the network's input; supported is "
                   "one scale for such a tensor, and one for each channel of weights"));
}

absl::Status InexactInteger(absl::string_view what, std::int64_t integer) {
  return absl::UnimplementedError(
      absl::StrCat("it has ", what, " ", integer, "; supported are integers from -16777216 to ",
                   "16777216, which are exact in FP32; networks are evaluated in FP32"));
}

absl::Status NoUtf8(absl::string_view what, absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " ", Quote(text), " is not UTF-8; expected UTF-8"));
}

absl::Status NeedsNumberOfRows() {
  return absl::UnimplementedError(
      "it computes with the number of rows, which differs between requests; supported are values "
      "that do not depend on it");
}

absl::Status MixesRows(absl::string_view what) {
  return absl::UnimplementedError(absl::StrCat(
      what, " the dimension of the batch; supported is only what keeps each row one row"));
}

absl::Status AxisOutOfRange(std::int64_t axis, std::int64_t rank) {
  return absl::InvalidArgumentError(absl::StrCat(
      "axis ", axis, " is out of range; expected ",
      rank == 0 ? "none, of one number"
                : absl::StrCat(-rank, " to ", rank - 1, ", of ", CountText(rank, "dimension"))));
}

absl::Status AxisOfBatch(std::int64_t axis) {
  return absl::UnimplementedError(absl::StrCat(
      "axis ", axis, " is the batch's, so each row's result would depend on the other rows; ",
      "supported are axes from 1 on"));
}

absl::Status CheckRowWidth(std::int64_t width) {
  if (width >= 1 && width <= Network::kMaxWidth) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat("it makes rows of ", CountText(width, "value"),
                                               "; supported are 1 to ", Network::kMaxWidth));
}

}  // namespace mlp
