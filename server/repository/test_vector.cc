#include "server/repository/test_vector.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/formats/io/file_content.h"
#include "model/formats/native/safetensors.h"
#include "model/quote.h"

namespace mlp {
namespace {

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(kTestVectorFile, ": ", what));
}

// The values of `tensor`, which must have `rows` rows of `width` values.
absl::StatusOr<std::vector<float>> ReadRows(const SafetensorsTensor& tensor, std::int64_t rows,
                                            std::int64_t width) {
  if (tensor.shape.empty() || tensor.shape.front() != rows || tensor.count() != rows * width) {
    return Wrong(absl::StrCat("the tensor ", Quote(tensor.name), " has the shape ",
                              ShapeText(tensor.shape), "; expected ", rows,
                              " rows, like the first input, of ", width, " values each"));
  }
  return ReadFloats(tensor);
}

absl::StatusOr<std::size_t> OutputOfValues(absl::string_view name, const Network& network) {
  const std::optional<std::size_t> output = network.OutputNamed(name);
  if (!output.has_value()) {
    return Wrong(absl::StrCat("the tensor ", Quote(name), " is neither an input nor an output"));
  }
  if (network.outputs()[*output].kind != OutputKind::kValues) {
    return Wrong(
        absl::StrCat("the tensor ", Quote(name),
                     " is an output of labels or decisions; expected an output of values"));
  }
  return *output;
}

absl::StatusOr<TestVector> Fit(std::vector<SafetensorsTensor> tensors, const Network& network) {
  // The search for each input is linear. No network has this many inputs and outputs.
  constexpr std::size_t kMaxTensorsPerVector = 8'192;
  if (tensors.size() > kMaxTensorsPerVector) {
    return Wrong(absl::StrCat("the file has ", tensors.size(), " tensors; expected at most ",
                              kMaxTensorsPerVector));
  }
  TestVector vector;
  for (const TensorSpec& input : network.inputs()) {
    const auto found =
        std::find_if(tensors.begin(), tensors.end(),
                     [&](const SafetensorsTensor& tensor) { return tensor.name == input.name; });
    if (found == tensors.end()) {
      return Wrong(absl::StrCat("input ", Quote(input.name),
                                " has no tensor; expected one for every input"));
    }
    if (vector.inputs.empty() && !found->shape.empty()) vector.rows = found->shape.front();
    if (vector.rows < 1 || vector.rows > kMaxTestVectorRows) {
      return Wrong(absl::StrCat("the tensor ", Quote(input.name), " has ", vector.rows,
                                " rows; expected 1 to ", kMaxTestVectorRows));
    }
    absl::StatusOr<std::vector<float>> rows = ReadRows(*found, vector.rows, input.width());
    if (!rows.ok()) return rows.status();
    vector.inputs.push_back(*std::move(rows));
    tensors.erase(found);
  }
  if (tensors.empty()) return Wrong("no output has a tensor; expected at least one");
  for (const SafetensorsTensor& tensor : tensors) {
    const absl::StatusOr<std::size_t> output = OutputOfValues(tensor.name, network);
    if (!output.ok()) return output.status();
    absl::StatusOr<std::vector<float>> rows =
        ReadRows(tensor, vector.rows, network.WidthOf(network.outputs()[*output]));
    if (!rows.ok()) return rows.status();
    vector.answers.push_back({*output, *std::move(rows)});
  }
  return vector;
}

}  // namespace

absl::StatusOr<std::optional<TestVector>> ReadTestVector(const std::filesystem::path& folder,
                                                         const Network& network) {
  const absl::StatusOr<std::string> content =
      ReadFileContent(folder / kTestVectorFile, kMaxTestVectorBytes);
  if (absl::IsNotFound(content.status())) return std::nullopt;
  if (!content.ok()) return content.status();
  absl::StatusOr<SafetensorsFile> file = ParseSafetensors(*content);
  if (!file.ok()) return Wrong(file.status().message());
  absl::StatusOr<TestVector> vector = Fit(std::move(file->tensors), network);
  if (!vector.ok()) return vector.status();
  return *std::move(vector);
}

}  // namespace mlp
