#include "client/infer_messages.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/input_columns.h"
#include "client/input_values.h"
#include "client/output_tensor.h"

namespace mlp {
namespace {

template <typename... Parts>
absl::Status Malformed(const Parts&... parts) {
  return absl::InternalError(absl::StrCat("malformed answer: ", parts...));
}

// The shape of `rows` rows of `width` values: the input's own dimensions if they fit, otherwise
// [rows, width], which the server refuses, naming the shape it expects.
std::vector<std::int64_t> InputShape(const TensorMetadata& input, std::int64_t rows,
                                     std::int64_t width) {
  if (input.shape.size() > 1 && WidthOf(input) == width) {
    std::vector<std::int64_t> shape = input.shape;
    shape[0] = rows;
    return shape;
  }
  if (input.shape.size() == 1 && width == 1) return {rows};
  return {rows, width};
}

// The numbers and texts of rows, each row-major.
struct RowCells {
  std::int64_t rows = 0;
  absl::Span<const float> numbers;
  absl::Span<const std::string> texts;

  // The numbers and texts per row.
  std::int64_t number_width() const { return WidthIn(numbers.size()); }
  std::int64_t text_width() const { return WidthIn(texts.size()); }

 private:
  std::int64_t WidthIn(std::size_t count) const {
    return rows == 0 ? 0 : static_cast<std::int64_t>(count) / rows;
  }
};

absl::Status CheckCells(const RowCells& cells) {
  const auto numbers = static_cast<std::int64_t>(cells.numbers.size());
  const auto texts = static_cast<std::int64_t>(cells.texts.size());
  const bool any = numbers > 0 || texts > 0;
  if (cells.rows == 0 && !any) return absl::OkStatus();
  if (cells.rows > 0 && any && numbers % cells.rows == 0 && texts % cells.rows == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      numbers, " values", texts > 0 ? absl::StrCat(" and ", texts, " texts") : "", " for ",
      cells.rows, " rows; expected the same number, at least 1, for each row"));
}

absl::Status WrongWidth(const ModelMetadata& model, const RowCells& cells) {
  const bool with_texts =
      cells.text_width() > 0 || std::any_of(model.inputs.begin(), model.inputs.end(), TakesTexts);
  return absl::InvalidArgumentError(absl::StrCat(
      "a row has ", cells.number_width(),
      with_texts ? absl::StrCat(" numbers and ", cells.text_width(), " texts") : " values",
      "; model '", model.name, "' takes ",
      absl::StrJoin(model.inputs, ", ",
                    [&](std::string* text, const TensorMetadata& input) {
                      absl::StrAppend(text, "'", input.name, "' ", with_texts ? input.datatype : "",
                                      with_texts ? " [" : "[", absl::StrJoin(input.shape, ","),
                                      "]");
                    }),
      model.inputs.size() > 1 ? ", concatenated in this order" : ""));
}

// How many of a row's cells go to each input.
absl::StatusOr<std::vector<std::int64_t>> WidthsOf(const ModelMetadata& model,
                                                   const RowCells& cells) {
  std::vector<std::int64_t> widths;
  std::int64_t numbers = 0;
  std::int64_t texts = 0;
  for (const TensorMetadata& input : model.inputs) {
    std::int64_t& together = TakesTexts(input) ? texts : numbers;
    std::int64_t width = WidthOf(input).value_or(0);
    if (cells.rows > 0 && model.inputs.size() == 1) {
      width = TakesTexts(input) ? cells.text_width() : cells.number_width();
    }
    if ((width == 0 && model.inputs.size() > 1) ||
        __builtin_add_overflow(together, width, &together)) {
      return WrongWidth(model, cells);
    }
    widths.push_back(width);
  }
  if (cells.rows > 0 && (numbers != cells.number_width() || texts != cells.text_width())) {
    return WrongWidth(model, cells);
  }
  return widths;
}

auto FindByName(std::vector<Tensor>& tensors, absl::string_view name) {
  return std::find_if(tensors.begin(), tensors.end(),
                      [&](const Tensor& tensor) { return tensor.name == name; });
}

}  // namespace

absl::StatusOr<inference::ModelInferRequest> MakeInferRequest(
    const ModelMetadata& model, std::int64_t rows, absl::Span<const float> values,
    const std::vector<std::string>& outputs, absl::Span<const std::string> texts) {
  if (model.inputs.empty()) {
    return absl::UnimplementedError(absl::StrCat("model '", model.name, "' has no input"));
  }
  const RowCells cells{rows, values, texts};
  if (auto status = CheckCells(cells); !status.ok()) return status;
  const absl::StatusOr<std::vector<std::int64_t>> widths = WidthsOf(model, cells);
  if (!widths.ok()) return widths.status();

  inference::ModelInferRequest request;
  request.set_model_name(model.name);
  request.set_model_version(model.requested_version);
  std::int64_t first_number = 0;
  std::int64_t first_text = 0;
  for (std::size_t i = 0; i < model.inputs.size(); ++i) {
    const TensorMetadata& input = model.inputs[i];
    const std::int64_t width = (*widths)[i];
    inference::ModelInferRequest::InferInputTensor& tensor = *request.add_inputs();
    tensor.set_name(input.name);
    tensor.set_datatype(input.datatype);
    for (const std::int64_t length : InputShape(input, rows, width)) tensor.add_shape(length);
    std::string& raw = *request.add_raw_input_contents();
    const bool of_texts = TakesTexts(input);
    const absl::Status written =
        of_texts ? WriteTexts(input, {texts, cells.text_width(), first_text, width}, raw)
                 : WriteNumbers(input, {values, cells.number_width(), first_number, width}, raw);
    if (!written.ok()) return written;
    (of_texts ? first_text : first_number) += width;
  }
  for (const std::string& output : outputs) request.add_outputs()->set_name(output);
  return request;
}

absl::StatusOr<InferResult> ReadInferResponse(const inference::ModelInferResponse& response,
                                              std::int64_t rows,
                                              const std::vector<std::string>& outputs) {
  const bool raw = response.raw_output_contents_size() > 0;
  if (raw && response.raw_output_contents_size() != response.outputs_size()) {
    return Malformed(response.raw_output_contents_size(), " raw buffers for ",
                     response.outputs_size(), " outputs");
  }
  if (response.outputs().empty()) return Malformed("no output");
  std::vector<Tensor> tensors;
  for (int i = 0; i < response.outputs_size(); ++i) {
    absl::StatusOr<Tensor> tensor = ReadOutputTensor(
        response.outputs(i), raw ? &response.raw_output_contents(i) : nullptr, rows);
    if (!tensor.ok()) return tensor.status();
    if (FindByName(tensors, tensor->name) != tensors.end()) {
      return Malformed("output '", tensor->name, "' came twice");
    }
    tensors.push_back(*std::move(tensor));
  }

  InferResult result{response.model_name(), response.model_version(), {}};
  if (outputs.empty()) {
    result.outputs = std::move(tensors);
    return result;
  }
  if (tensors.size() != outputs.size()) {
    return Malformed(tensors.size(), " outputs where ", outputs.size(), " were asked for");
  }
  for (const std::string& name : outputs) {
    const auto found = FindByName(tensors, name);
    if (found == tensors.end())
      return Malformed("output '", name, "' was asked for and is missing");
    result.outputs.push_back(std::move(*found));
    tensors.erase(found);
  }
  return result;
}

}  // namespace mlp
