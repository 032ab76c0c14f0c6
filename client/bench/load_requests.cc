#include "client/bench/load_requests.h"

#include <numeric>
#include <random>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "client/bench/element_bytes.h"
#include "client/text.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;

constexpr std::size_t kRandomRequests = 64;

// One input of the model, as it appears in a request.
struct Input {
  const TensorMetadata* metadata;
  Datatype datatype;
  std::vector<std::int64_t> shape;
  std::int64_t elements;
};

absl::StatusOr<Input> InputOf(const TensorMetadata& metadata, std::int64_t rows) {
  const auto refused = [&metadata](const auto&... why) {
    return absl::UnimplementedError(absl::StrCat("input '", metadata.name, "' ", why...));
  };
  const std::optional<Datatype> datatype = FindDatatype(metadata.datatype);
  if (!datatype.has_value() || *datatype == Datatype::kBytes) {
    return refused("has datatype ", metadata.datatype, "; bench cannot make rows of that datatype");
  }
  Input input{&metadata, *datatype, metadata.shape, 1};
  if (!input.shape.empty() && input.shape[0] == -1) input.shape[0] = rows;
  for (const std::int64_t length : input.shape) {
    if (length < 1 || __builtin_mul_overflow(input.elements, length, &input.elements)) {
      return refused("has shape ", FormatShape(metadata.shape),
                     "; expected lengths of at least 1 after the rows");
    }
  }
  if (static_cast<std::uint64_t>(input.elements) > kMaxLoadRequestBytes) {
    return absl::ResourceExhaustedError(absl::StrCat("a request of ", rows, " rows would have ",
                                                     input.elements, " values of input '",
                                                     metadata.name, "'; ask for fewer rows"));
  }
  return input;
}

void AddInput(const Input& input, std::string bytes, ModelInferRequest& request) {
  ModelInferRequest::InferInputTensor& tensor = *request.add_inputs();
  tensor.set_name(input.metadata->name);
  tensor.set_datatype(input.metadata->datatype);
  for (const std::int64_t length : input.shape) tensor.add_shape(length);
  request.add_raw_input_contents(std::move(bytes));
}

// Uses only the generator's bits: the standard distributions differ between libraries.
void FillRandomly(Datatype datatype, std::mt19937_64& random, std::vector<float>& values) {
  constexpr int kBitsOfAFloat = 24;
  const int bits = IsFloatingPoint(datatype) ? kBitsOfAFloat : datatype == Datatype::kBool ? 1 : 7;
  const float unit = IsFloatingPoint(datatype) ? 0x1p-24F : 1.0F;
  for (float& value : values) value = static_cast<float>(random() >> (64 - bits)) * unit;
}

absl::Status AddRandomInputs(const std::vector<Input>& inputs, std::mt19937_64& random,
                             ModelInferRequest& request) {
  for (const Input& input : inputs) {
    std::vector<float> values(static_cast<std::size_t>(input.elements));
    FillRandomly(input.datatype, random, values);
    std::string bytes;
    if (absl::Status status = AppendElements(input.datatype, values, bytes); !status.ok()) {
      return status;
    }
    AddInput(input, std::move(bytes), request);
  }
  return absl::OkStatus();
}

// Takes `rows` rows starting at `first`. After the file's last row comes its first.
absl::Status AddRowsOfFile(const Input& input, const Rows& file, std::int64_t first,
                           std::int64_t rows, ModelInferRequest& request) {
  std::string bytes;
  for (std::int64_t i = 0; i < rows; ++i) {
    const absl::Span<const float> row =
        absl::MakeConstSpan(file.values)
            .subspan((first + i) % file.rows * file.width, static_cast<std::size_t>(file.width));
    if (absl::Status status = AppendElements(input.datatype, row, bytes); !status.ok()) {
      return {status.code(), absl::StrCat("input '", input.metadata->name, "': ", status.message(),
                                          ", in row ", (first + i) % file.rows + 1)};
    }
  }
  AddInput(input, std::move(bytes), request);
  return absl::OkStatus();
}

absl::Status CheckFile(const std::vector<Input>& inputs, const LoadRequestOptions& options) {
  if (inputs.size() != 1) {
    return absl::UnimplementedError(absl::StrCat(
        "the model has ", inputs.size(), " inputs; rows from a file need a model with one input"));
  }
  const std::int64_t width = inputs[0].elements / options.rows;
  if (options.file_rows->width != width) {
    return absl::InvalidArgumentError(absl::StrCat("the rows have ", options.file_rows->width,
                                                   " values each; input '",
                                                   inputs[0].metadata->name, "' takes ", width));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<ModelInferRequest>> MakeRequests(const ModelMetadata& model,
                                                            const LoadRequestOptions& options) {
  std::vector<Input> inputs;
  inputs.reserve(model.inputs.size());
  for (const TensorMetadata& metadata : model.inputs) {
    absl::StatusOr<Input> input = InputOf(metadata, options.rows);
    if (!input.ok()) return input.status();
    inputs.push_back(*std::move(input));
  }
  std::size_t count = kRandomRequests;
  if (options.file_rows.has_value()) {
    if (absl::Status status = CheckFile(inputs, options); !status.ok()) return status;
    count = static_cast<std::size_t>(options.file_rows->rows /
                                     std::gcd(options.file_rows->rows, options.rows));
  }

  std::mt19937_64 random(options.seed);
  std::vector<ModelInferRequest> messages;
  std::size_t bytes = 0;
  while (messages.size() < count) {
    ModelInferRequest request;
    request.set_model_name(model.name);
    request.set_model_version(model.requested_version);
    const absl::Status status =
        options.file_rows.has_value()
            ? AddRowsOfFile(inputs[0], *options.file_rows,
                            static_cast<std::int64_t>(messages.size()) * options.rows, options.rows,
                            request)
            : AddRandomInputs(inputs, random, request);
    if (!status.ok()) return status;
    bytes += request.ByteSizeLong();
    if (!messages.empty() && bytes > kMaxLoadRequestBytes) break;
    messages.push_back(std::move(request));
  }
  return messages;
}

}  // namespace mlp
