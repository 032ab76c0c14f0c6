#include "client/infer_messages.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/elements.h"

namespace mlp {
namespace {

static_assert(std::endian::native == std::endian::little,
              "raw contents are little-endian and are copied as they are");

constexpr std::size_t kMostDimensions = 32;

// The number of elements of `shape`, or nothing where it is negative or overflows.
std::optional<std::int64_t> ElementCount(absl::Span<const std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t length : shape) {
    if (length < 0 || __builtin_mul_overflow(count, length, &count)) return std::nullopt;
  }
  return count;
}

std::string ShapeText(absl::Span<const std::int64_t> shape) {
  const bool whole = shape.size() <= kMostDimensions;
  return absl::StrCat("[", absl::StrJoin(shape.subspan(0, kMostDimensions), ","),
                      whole ? "]" : ",...]");
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
  return {rows, width};
}

Tensor EmptyTensor(const inference::ModelInferResponse::InferOutputTensor& output) {
  Tensor tensor;
  tensor.name = output.name();
  tensor.shape.assign(output.shape().begin(), output.shape().end());
  tensor.datatype = output.datatype();
  return tensor;
}

absl::StatusOr<Tensor> ReadOutput(const inference::ModelInferResponse::InferOutputTensor& output,
                                  const std::string* raw, std::int64_t rows) {
  Tensor tensor = EmptyTensor(output);
  // Empty tensors and endless ranks are refused too: nothing that reads an answer expects them.
  const std::optional<std::int64_t> count = ElementCount(tensor.shape);
  if (tensor.shape.empty() || tensor.shape.size() > kMostDimensions || tensor.shape[0] != rows ||
      count.value_or(0) == 0) {
    return Malformed("output '", tensor.name, "' has shape ", ShapeText(tensor.shape), " for ",
                     rows, " rows");
  }
  const absl::StatusOr<std::int64_t> received =
      raw != nullptr ? ReadRawElements(*raw, tensor) : ReadTypedElements(output.contents(), tensor);
  if (!received.ok()) return received.status();
  if (*received != *count) {
    const bool of_bytes = raw != nullptr && tensor.datatype != "BYTES";
    return Malformed("output '", tensor.name, "' has ",
                     of_bytes ? static_cast<std::int64_t>(raw->size()) : *received,
                     of_bytes ? " bytes" : " values", " for shape ", ShapeText(tensor.shape));
  }
  return tensor;
}

auto FindByName(std::vector<Tensor>& tensors, absl::string_view name) {
  return std::find_if(tensors.begin(), tensors.end(),
                      [&](const Tensor& tensor) { return tensor.name == name; });
}

// What is sent, a row of `width` cells behind the other.
struct RowsOfCells {
  absl::Span<const float> values;
  absl::Span<const std::string> texts;  // none, or one for each value
  std::int64_t rows;
  std::int64_t width;
};

// The cells [first, first + width) of every row as elements of one input.
absl::StatusOr<std::string> RawOf(const TensorMetadata& input, const RowsOfCells& cells,
                                  std::int64_t first, std::int64_t width) {
  if (input.datatype == "BYTES" && cells.texts.empty()) {
    return absl::UnimplementedError(
        absl::StrCat("input '", input.name, "' takes strings; expected rows as CSV"));
  }
  std::string raw;
  for (std::int64_t row = 0; row < cells.rows; ++row) {
    for (std::int64_t column = first; column < first + width; ++column) {
      const auto index = static_cast<std::size_t>(row * cells.width + column);
      const float value = cells.values[index];
      const std::string* text = cells.texts.empty() ? nullptr : &cells.texts[index];
      if (input.datatype == "BYTES") {
        AppendString(*text, raw);
        continue;
      }
      const bool number = text == nullptr || !std::isnan(value) || IsNan(*text);
      if (number && AppendNumber(input.datatype, value, raw)) continue;
      if (!KnowsNumbers(input.datatype)) {
        return absl::UnimplementedError(absl::StrCat("input '", input.name, "' has datatype ",
                                                     input.datatype,
                                                     ", which this client does not send"));
      }
      return absl::InvalidArgumentError(
          absl::StrCat("row ", row + 1, ", column ", column + 1, ": '",
                       text == nullptr ? absl::StrCat(value) : text->substr(0, 40), "'; input '",
                       input.name, "' takes ", input.datatype));
    }
  }
  return raw;
}

absl::Status AddInputs(const ModelMetadata& model, const RowsOfCells& cells,
                       inference::ModelInferRequest& request) {
  std::vector<std::int64_t> widths;
  std::int64_t together = 0;
  for (const TensorMetadata& input : model.inputs) {
    const auto row_shape = absl::MakeSpan(input.shape).subspan(input.shape.empty() ? 0 : 1);
    const std::optional<std::int64_t> width = ElementCount(row_shape);
    widths.push_back(model.inputs.size() == 1 ? cells.width : width.value_or(0));
    if (widths.back() < 0 || widths.back() > cells.width - together) together = cells.width;
    together += widths.back();
  }
  if (model.inputs.empty() || together != cells.width) {
    return absl::InvalidArgumentError(absl::StrCat("rows have ", cells.width, " values; model '",
                                                   model.name, "' has ", model.inputs.size(),
                                                   " inputs that take another number together"));
  }
  std::int64_t first = 0;
  for (std::size_t i = 0; i < model.inputs.size(); ++i) {
    const TensorMetadata& input = model.inputs[i];
    absl::StatusOr<std::string> raw = RawOf(input, cells, first, widths[i]);
    if (!raw.ok()) return raw.status();
    inference::ModelInferRequest::InferInputTensor& tensor = *request.add_inputs();
    tensor.set_name(input.name);
    tensor.set_datatype(input.datatype);
    for (const std::int64_t length : InputShape(input, cells.rows, widths[i])) {
      tensor.add_shape(length);
    }
    request.add_raw_input_contents(*std::move(raw));
    first += widths[i];
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<inference::ModelInferRequest> MakeInferRequest(
    const ModelMetadata& model, std::int64_t rows, absl::Span<const float> values,
    const std::vector<std::string>& outputs, absl::Span<const std::string> texts) {
  const auto count = static_cast<std::int64_t>(values.size());
  if (rows <= 0 || count == 0 || count % rows != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        count, " values for ", rows, " rows; expected the same number, at least 1, for each row"));
  }

  inference::ModelInferRequest request;
  request.set_model_name(model.name);
  request.set_model_version(model.requested_version);
  const RowsOfCells cells{values, texts, rows, count / rows};
  if (auto status = AddInputs(model, cells, request); !status.ok()) return status;
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
    absl::StatusOr<Tensor> tensor =
        ReadOutput(response.outputs(i), raw ? &response.raw_output_contents(i) : nullptr, rows);
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
