#include "server/rpc/infer_request.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/quote.h"
#include "server/rpc/answer_size.h"
#include "server/rpc/input_values.h"
#include "server/rpc/input_words.h"
#include "server/rpc/range_check.h"
#include "server/rpc/tensor_shape.h"

namespace mlp {
namespace {

using Input = inference::ModelInferRequest::InferInputTensor;
using OutputMessage = inference::ModelInferRequest::InferRequestedOutputTensor;

// Parameters that change what a tensor means, so ignoring them would give wrong answers.
constexpr const char* kUnservedParameters[] = {"shared_memory_byte_size", "shared_memory_offset",
                                               "shared_memory_region"};

template <typename TensorMessage>
absl::Status CheckParameters(absl::string_view kind, const TensorMessage& tensor) {
  for (const char* key : kUnservedParameters) {
    if (tensor.parameters().contains(key)) {
      return absl::InvalidArgumentError(absl::StrCat(kind, " ", Quote(tensor.name()),
                                                     " has the unsupported parameter '", key, "'"));
    }
  }
  return absl::OkStatus();
}

// Checks the shape and returns its rows.
absl::StatusOr<std::int64_t> RowsOf(const Input& input, const TensorSpec& spec,
                                    const ServedModel& model) {
  const std::vector<std::int64_t> shape(input.shape().begin(), input.shape().end());
  if (shape.size() != spec.shape.size() + 1 ||
      !std::equal(spec.shape.begin(), spec.shape.end(), shape.begin() + 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(input.name()), " has shape ", ShapeText(shape), "; model ",
                     Quote(model.name), " expects ", ShapeText(WithBatchDimension(spec.shape))));
  }
  if (shape[0] < 0) {
    return absl::InvalidArgumentError(absl::StrCat("input ", Quote(input.name()), " has shape ",
                                                   ShapeText(shape), "; expected 0 rows or more"));
  }
  // Also bounds the product of the shape: the model's own dimensions are bounded by its reader.
  if (shape[0] > model.max_batch_rows) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(input.name()), " has ", shape[0], " rows; model ",
                     Quote(model.name), " takes at most ", model.max_batch_rows, " in a request"));
  }
  return shape[0];
}

std::string NamesOf(const std::vector<TensorSpec>& tensors) {
  std::string names;
  for (const TensorSpec& tensor : tensors) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", Quote(tensor.name));
  }
  return names;
}

std::string NamesOf(const std::vector<NetworkOutput>& outputs) {
  std::string names;
  for (const NetworkOutput& output : outputs) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", Quote(output.tensor.name));
  }
  return names;
}

// Checks an input of the message, except for its values. Returns its index among the model's
// inputs.
absl::StatusOr<std::size_t> CheckInput(const Input& input, const ServedModel& model) {
  const std::vector<TensorSpec>& specs = model.network->inputs();
  const std::optional<std::size_t> index = model.network->InputNamed(input.name());
  if (!index.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("input ", Quote(input.name()),
                                                   " is unknown; model ", Quote(model.name),
                                                   " expects ", NamesOf(specs)));
  }
  const Datatype datatype = specs[*index].datatype;
  if (input.datatype() != NameOf(datatype)) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(input.name()), " has datatype ", Quote(input.datatype()),
                     "; model ", Quote(model.name), " expects '", NameOf(datatype), "'"));
  }
  if (absl::Status status = CheckParameters("input", input); !status.ok()) return status;
  return *index;
}

absl::Status ReadInputs(const inference::ModelInferRequest& message, const ServedModel& model,
                        InferRequest& request) {
  const std::vector<TensorSpec>& specs = model.network->inputs();
  request.raw = message.raw_input_contents_size() > 0;
  request.inputs.assign(specs.size(), {});
  request.words.resize(specs.size());
  const Input* first = nullptr;
  for (int i = 0; i < message.inputs_size(); ++i) {
    const Input& input = message.inputs(i);
    const absl::StatusOr<std::size_t> index = CheckInput(input, model);
    if (!index.ok()) return index.status();
    if (request.inputs[*index].data != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("input ", Quote(input.name()),
                                                     " is given more than once; expected it once"));
    }
    const TensorSpec& spec = specs[*index];
    const absl::StatusOr<std::int64_t> rows = RowsOf(input, spec, model);
    if (!rows.ok()) return rows.status();
    if (first != nullptr && *rows != request.rows) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", Quote(first->name()), " has ", request.rows, " rows and input ",
                       Quote(input.name()), " has ", *rows, "; expected the same number"));
    }
    if (first == nullptr) first = &input;
    request.rows = *rows;
    if (spec.datatype == Datatype::kBytes) {
      std::vector<float>& positions = request.words[*index];
      absl::Status found =
          FindInputWords(message, i, *rows * spec.width(), model.network->vocabulary(), positions);
      if (!found.ok()) return found;
      // Without rows, data() may be null.
      const void* const data = positions.empty() ? "" : static_cast<const void*>(positions.data());
      request.inputs[*index] = {data, Datatype::kFp32};
      continue;
    }
    const absl::StatusOr<InputValues> values =
        FindInputValues(message, i, spec, *rows * spec.width());
    if (!values.ok()) return values.status();
    request.inputs[*index] = *values;
  }
  if (first == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("the request has no input; model ",
                                                   Quote(model.name), " expects ", NamesOf(specs)));
  }
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (request.inputs[i].data != nullptr) continue;
    return absl::InvalidArgumentError(absl::StrCat("the request has no input ",
                                                   Quote(specs[i].name), "; model ",
                                                   Quote(model.name), " expects ", NamesOf(specs)));
  }
  return CheckInputRanges(model, request.rows, request.inputs);
}

// The k of the classification extension; 0 if it is not asked for.
absl::StatusOr<std::int64_t> BestUnitsOf(const OutputMessage& requested,
                                         const NetworkOutput& output) {
  const auto parameter = requested.parameters().find("classification");
  if (parameter == requested.parameters().end()) return 0;
  const std::int64_t best =
      parameter->second.parameter_choice_case() == inference::InferParameter::kInt64Param
          ? parameter->second.int64_param()
          : 0;
  if (best < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("output ", Quote(requested.name()),
                     " has the parameter 'classification'; expected an int64_param of 1 or more"));
  }
  if (output.kind != OutputKind::kValues) {
    return absl::InvalidArgumentError(absl::StrCat("output ", Quote(requested.name()),
                                                   " holds labels, which cannot be classified"));
  }
  if (output.tensor.datatype == Datatype::kBytes) {
    return absl::InvalidArgumentError(absl::StrCat("output ", Quote(requested.name()),
                                                   " holds strings, which cannot be classified"));
  }
  return best;
}

absl::Status ReadRequestedOutputs(const inference::ModelInferRequest& message,
                                  const ServedModel& model, InferRequest& request) {
  const std::vector<NetworkOutput>& outputs = model.network->outputs();
  request.outputs.clear();
  if (message.outputs().empty()) {
    for (std::size_t i = 0; i < outputs.size(); ++i) request.outputs.push_back({i, 0});
    return absl::OkStatus();
  }
  for (const OutputMessage& requested : message.outputs()) {
    const std::optional<std::size_t> index = model.network->OutputNamed(requested.name());
    if (!index.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("requested output ", Quote(requested.name()),
                                                     " is unknown; model ", Quote(model.name),
                                                     " has ", NamesOf(outputs)));
    }
    const bool twice =
        std::any_of(request.outputs.begin(), request.outputs.end(),
                    [&](const RequestedOutput& other) { return other.index == *index; });
    if (twice) {
      return absl::InvalidArgumentError(
          absl::StrCat("output ", Quote(requested.name()), " is requested more than once"));
    }
    if (absl::Status status = CheckParameters("output", requested); !status.ok()) return status;
    const absl::StatusOr<std::int64_t> best = BestUnitsOf(requested, outputs[*index]);
    if (!best.ok()) return best.status();
    request.outputs.push_back({*index, *best});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadInferRequest(const inference::ModelInferRequest& message, const ServedModel& model,
                              InferRequest& request) {
  if (absl::Status status = ReadInputs(message, model, request); !status.ok()) return status;
  if (absl::Status status = ReadRequestedOutputs(message, model, request); !status.ok()) {
    return status;
  }
  request.answer_bytes = AnswerBytes(model, request);
  return CheckAnswerSize(model, request);
}

}  // namespace mlp
