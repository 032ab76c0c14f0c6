#include "client/infer_messages.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/input_values.h"
#include "client/output_tensor.h"

namespace mlp {
namespace {

// The number of elements of `shape`, or nothing where it is negative or overflows.
std::optional<std::int64_t> ElementCount(absl::Span<const std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t length : shape) {
    if (length < 0 || __builtin_mul_overflow(count, length, &count)) return std::nullopt;
  }
  return count;
}

template <typename... Parts>
absl::Status Malformed(const Parts&... parts) {
  return absl::InternalError(absl::StrCat("malformed answer: ", parts...));
}

// The shape of `rows` rows of `width` values: the input's own dimensions where they fit, else
// [rows, width], which the server refuses with the shape that it expects.
std::vector<std::int64_t> InputShape(const TensorMetadata& input, std::int64_t rows,
                                     std::int64_t width) {
  if (input.shape.size() > 1 && ElementCount(absl::MakeSpan(input.shape).subspan(1)) == width) {
    std::vector<std::int64_t> shape = input.shape;
    shape[0] = rows;
    return shape;
  }
  if (input.shape.size() == 1 && width == 1) return {rows};
  return {rows, width};
}

// The values of one row of all inputs; 0 where one takes any number.
std::int64_t WidthOf(const std::vector<TensorMetadata>& inputs) {
  std::int64_t width = 0;
  for (const TensorMetadata& input : inputs) {
    const absl::Span<const std::int64_t> shape = input.shape;
    const std::int64_t its = shape.empty() ? 0 : ElementCount(shape.subspan(1)).value_or(0);
    if (its == 0 || __builtin_add_overflow(width, its, &width)) return 0;
  }
  return width;
}

// How many of a row's `width` values go to each input.
absl::StatusOr<std::vector<std::int64_t>> WidthsOf(const ModelMetadata& model, std::int64_t width) {
  if (model.inputs.size() == 1) return std::vector<std::int64_t>{width};
  if (WidthOf(model.inputs) != width || width == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a row has ", width, " values; model '", model.name, "' takes ",
                     absl::StrJoin(model.inputs, ", ",
                                   [](std::string* text, const TensorMetadata& input) {
                                     absl::StrAppend(text, "'", input.name, "' [",
                                                     absl::StrJoin(input.shape, ","), "]");
                                   }),
                     ", side by side in this order"));
  }
  std::vector<std::int64_t> widths;
  for (const TensorMetadata& input : model.inputs) widths.push_back(WidthOf({input}));
  return widths;
}

auto FindByName(std::vector<Tensor>& tensors, absl::string_view name) {
  return std::find_if(tensors.begin(), tensors.end(),
                      [&](const Tensor& tensor) { return tensor.name == name; });
}

}  // namespace

absl::StatusOr<inference::ModelInferRequest> MakeInferRequest(
    const ModelMetadata& model, std::int64_t rows, absl::Span<const float> values,
    const std::vector<std::string>& outputs) {
  if (model.inputs.empty()) {
    return absl::UnimplementedError(absl::StrCat("model '", model.name, "' has no input"));
  }
  const auto count = static_cast<std::int64_t>(values.size());
  if (rows < 0 || (rows == 0 && count > 0) || (rows > 0 && (count == 0 || count % rows != 0))) {
    return absl::InvalidArgumentError(absl::StrCat(
        count, " values for ", rows, " rows; expected the same number, at least 1, for each row"));
  }
  const std::int64_t width = rows > 0 ? count / rows : WidthOf(model.inputs);
  const absl::StatusOr<std::vector<std::int64_t>> widths = WidthsOf(model, width);
  if (!widths.ok()) return widths.status();

  inference::ModelInferRequest request;
  request.set_model_name(model.name);
  request.set_model_version(model.requested_version);
  std::int64_t first_column = 0;
  for (std::size_t i = 0; i < model.inputs.size(); ++i) {
    const TensorMetadata& input = model.inputs[i];
    inference::ModelInferRequest::InferInputTensor& tensor = *request.add_inputs();
    tensor.set_name(input.name);
    tensor.set_datatype(input.datatype);
    for (const std::int64_t length : InputShape(input, rows, (*widths)[i])) {
      tensor.add_shape(length);
    }
    const InputColumns columns{values, width, first_column, (*widths)[i]};
    const absl::Status written = WriteInput(input, columns, *request.add_raw_input_contents());
    if (!written.ok()) return written;
    first_column += (*widths)[i];
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
