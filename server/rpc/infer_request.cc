#include "server/rpc/infer_request.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/quote.h"
#include "server/rpc/tensor_shape.h"

namespace mlp {
namespace {

using Input = inference::ModelInferRequest::InferInputTensor;
using RequestedOutput = inference::ModelInferRequest::InferRequestedOutputTensor;

// Parameters that change what a tensor means: answering as if they were not there would be wrong.
constexpr const char* kUnservedParameters[] = {"classification", "shared_memory_byte_size",
                                               "shared_memory_offset", "shared_memory_region"};

template <typename TensorMessage>
absl::Status CheckParameters(absl::string_view kind, const TensorMessage& tensor) {
  for (const char* key : kUnservedParameters) {
    if (tensor.parameters().contains(key)) {
      return absl::InvalidArgumentError(absl::StrCat(kind, " ", Quote(tensor.name()),
                                                     " has the parameter '", key,
                                                     "', which this server does not serve"));
    }
  }
  return absl::OkStatus();
}

// Checks the shape and gives its rows.
absl::StatusOr<std::int64_t> RowsOf(const Input& input, const ServedModel& model) {
  const TensorSpec& spec = model.network->input();
  const std::vector<std::int64_t> shape(input.shape().begin(), input.shape().end());
  if (shape.size() != spec.shape.size() + 1 ||
      !std::equal(spec.shape.begin(), spec.shape.end(), shape.begin() + 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(input.name()), " has shape ", ShapeText(shape), "; model ",
                     Quote(model.name), " expects ", ShapeText(WithBatchDimension(spec.shape))));
  }
  if (shape[0] < 1) {
    return absl::InvalidArgumentError(absl::StrCat("input ", Quote(input.name()), " has shape ",
                                                   ShapeText(shape), "; expected 1 row or more"));
  }
  // Bounds the product of the shape too: the model's own dimensions are bounded by its reader.
  if (shape[0] > model.max_batch_rows) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(input.name()), " has ", shape[0], " rows; model ",
                     Quote(model.name), " takes at most ", model.max_batch_rows, " in a request"));
  }
  return shape[0];
}

bool HasOtherContents(const inference::InferTensorContents& contents) {
  return contents.bool_contents_size() + contents.int_contents_size() +
             contents.int64_contents_size() + contents.uint_contents_size() +
             contents.uint64_contents_size() + contents.fp64_contents_size() +
             contents.bytes_contents_size() >
         0;
}

// Finds the one input and checks all but its values.
absl::StatusOr<const Input*> FindInput(const inference::ModelInferRequest& message,
                                       const ServedModel& model) {
  const std::string& expected = model.network->input().name;
  if (message.inputs().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the request has no input; model ", Quote(model.name), " expects ", Quote(expected)));
  }
  const Input* found = nullptr;
  for (const Input& input : message.inputs()) {
    if (input.name() != expected) {
      return absl::InvalidArgumentError(absl::StrCat("input ", Quote(input.name()),
                                                     " is unknown; model ", Quote(model.name),
                                                     " expects ", Quote(expected)));
    }
    if (found != nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", Quote(expected), " is given more than once; expected it once"));
    }
    found = &input;
  }
  if (found->datatype() != "FP32") {
    return absl::InvalidArgumentError(absl::StrCat("input ", Quote(expected), " has datatype ",
                                                   Quote(found->datatype()), "; model ",
                                                   Quote(model.name), " expects 'FP32'"));
  }
  if (absl::Status status = CheckParameters("input", *found); !status.ok()) return status;
  return found;
}

absl::Status ReadValues(const inference::ModelInferRequest& message, const Input& input,
                        const ServedModel& model, InferRequest& request) {
  const std::int64_t count = request.rows * model.network->input().width();
  if (HasOtherContents(input.contents())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input ", Quote(input.name()), " has values of another datatype; expected fp32_contents"));
  }
  request.raw = message.raw_input_contents_size() > 0;
  if (!request.raw) {
    if (input.contents().fp32_contents_size() != count) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input ", Quote(input.name()), " has ", input.contents().fp32_contents_size(),
          " values in fp32_contents; its shape expects ", count));
    }
    request.values = input.contents().fp32_contents().data();
    return absl::OkStatus();
  }
  if (input.contents().fp32_contents_size() > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(input.name()),
                     " has both typed and raw contents; expected one of the two"));
  }
  if (message.raw_input_contents_size() != message.inputs_size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the request has ", message.raw_input_contents_size(), " raw_input_contents for ",
        message.inputs_size(), " input; expected one for each"));
  }
  const std::string& bytes = message.raw_input_contents(0);
  const std::int64_t expected_bytes = count * static_cast<std::int64_t>(sizeof(float));
  if (static_cast<std::int64_t>(bytes.size()) != expected_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("input ", Quote(input.name()), " has ",
                                                   bytes.size(), " raw bytes; its shape expects ",
                                                   expected_bytes));
  }
  request.values = bytes.data();
  return absl::OkStatus();
}

std::string OutputNames(const Network& network) {
  std::string names;
  for (const NetworkOutput& output : network.outputs()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", Quote(output.tensor.name));
  }
  return names;
}

absl::Status ReadRequestedOutputs(const inference::ModelInferRequest& message,
                                  const ServedModel& model, InferRequest& request) {
  const std::vector<NetworkOutput>& outputs = model.network->outputs();
  request.outputs.clear();
  if (message.outputs().empty()) {
    for (std::size_t i = 0; i < outputs.size(); ++i) request.outputs.push_back(i);
    return absl::OkStatus();
  }
  for (const RequestedOutput& requested : message.outputs()) {
    const auto found = std::find_if(
        outputs.begin(), outputs.end(),
        [&](const NetworkOutput& output) { return output.tensor.name == requested.name(); });
    if (found == outputs.end()) {
      return absl::InvalidArgumentError(absl::StrCat("requested output ", Quote(requested.name()),
                                                     " is unknown; model ", Quote(model.name),
                                                     " has ", OutputNames(*model.network)));
    }
    const auto index = static_cast<std::size_t>(found - outputs.begin());
    if (std::find(request.outputs.begin(), request.outputs.end(), index) != request.outputs.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("output ", Quote(requested.name()), " is requested more than once"));
    }
    if (absl::Status status = CheckParameters("output", requested); !status.ok()) return status;
    request.outputs.push_back(index);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadInferRequest(const inference::ModelInferRequest& message, const ServedModel& model,
                              InferRequest& request) {
  const absl::StatusOr<const Input*> input = FindInput(message, model);
  if (!input.ok()) return input.status();
  const absl::StatusOr<std::int64_t> rows = RowsOf(**input, model);
  if (!rows.ok()) return rows.status();
  request.rows = *rows;
  if (absl::Status status = ReadValues(message, **input, model, request); !status.ok()) {
    return status;
  }
  return ReadRequestedOutputs(message, model, request);
}

}  // namespace mlp
