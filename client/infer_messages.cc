#include "client/infer_messages.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

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

absl::StatusOr<Tensor> ReadOutput(const inference::ModelInferResponse::InferOutputTensor& output,
                                  const std::string* raw, std::int64_t rows) {
  if (output.datatype() != "FP32") {
    return absl::UnimplementedError(absl::StrCat("output '", output.name(), "' has datatype ",
                                                 output.datatype(), "; this client reads FP32"));
  }
  Tensor tensor{output.name(), {output.shape().begin(), output.shape().end()}, {}};
  // Empty tensors and endless ranks are refused too: nothing that reads an answer expects them.
  const std::optional<std::int64_t> count = ElementCount(tensor.shape);
  if (tensor.shape.empty() || tensor.shape.size() > kMostDimensions || tensor.shape[0] != rows ||
      count.value_or(0) == 0) {
    return Malformed("output '", tensor.name, "' has shape ", ShapeText(tensor.shape), " for ",
                     rows, " rows");
  }
  const std::size_t element_bytes = raw != nullptr ? sizeof(float) : 1;
  const std::size_t received =
      raw != nullptr ? raw->size() : output.contents().fp32_contents_size();
  if (received % element_bytes != 0 ||
      received / element_bytes != static_cast<std::size_t>(*count)) {
    return Malformed("output '", tensor.name, "' has ", received,
                     raw != nullptr ? " bytes" : " values", " for shape ", ShapeText(tensor.shape));
  }
  if (raw == nullptr) {
    tensor.values.assign(output.contents().fp32_contents().begin(),
                         output.contents().fp32_contents().end());
  } else {
    tensor.values.resize(*count);
    std::memcpy(tensor.values.data(), raw->data(), raw->size());
  }
  return tensor;
}

auto FindByName(std::vector<Tensor>& tensors, absl::string_view name) {
  return std::find_if(tensors.begin(), tensors.end(),
                      [&](const Tensor& tensor) { return tensor.name == name; });
}

}  // namespace

absl::StatusOr<inference::ModelInferRequest> MakeInferRequest(
    const ModelMetadata& model, std::int64_t rows, absl::Span<const float> values,
    const std::vector<std::string>& outputs) {
  if (model.inputs.size() != 1) {
    return absl::UnimplementedError(absl::StrCat("model '", model.name, "' has ",
                                                 model.inputs.size(),
                                                 " inputs; this client serves models with one"));
  }
  const TensorMetadata& input = model.inputs[0];
  if (input.datatype != "FP32") {
    return absl::UnimplementedError(absl::StrCat("input '", input.name, "' has datatype ",
                                                 input.datatype, "; this client sends FP32"));
  }
  const auto count = static_cast<std::int64_t>(values.size());
  if (rows <= 0 || count == 0 || count % rows != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        count, " values for ", rows, " rows; expected the same number, at least 1, for each row"));
  }

  inference::ModelInferRequest request;
  request.set_model_name(model.name);
  request.set_model_version(model.requested_version);
  inference::ModelInferRequest::InferInputTensor& tensor = *request.add_inputs();
  tensor.set_name(input.name);
  tensor.set_datatype(input.datatype);
  for (const std::int64_t length : InputShape(input, rows, count / rows)) tensor.add_shape(length);
  for (const std::string& output : outputs) request.add_outputs()->set_name(output);
  std::string& raw = *request.add_raw_input_contents();
  raw.resize(values.size() * sizeof(float));
  std::memcpy(raw.data(), values.data(), raw.size());
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
