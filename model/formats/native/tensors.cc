#include "model/formats/native/tensors.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/network.h"
#include "model/quote.h"

namespace mlp {
namespace {

bool IsWidth(std::int64_t dimension) { return dimension >= 1 && dimension <= Network::kMaxWidth; }

void Transpose(NativeMatrix& matrix) {
  std::vector<float> values(matrix.values.size());
  for (std::int64_t row = 0; row < matrix.rows; ++row) {
    for (std::int64_t column = 0; column < matrix.columns; ++column) {
      values[static_cast<std::size_t>(column * matrix.rows + row)] =
          matrix.values[static_cast<std::size_t>(row * matrix.columns + column)];
    }
  }
  matrix.values = std::move(values);
  std::swap(matrix.rows, matrix.columns);
}

absl::Status CheckVector(const std::string& place, const SafetensorsTensor& tensor) {
  if (tensor.shape.size() == 1 && IsWidth(tensor.shape[0])) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(place, ": tensor ", Quote(tensor.name), " has shape ", ShapeText(tensor.shape),
                   "; expected 1 to ", Network::kMaxWidth, " values"));
}

}  // namespace

NativeTensors::NativeTensors(SafetensorsFile file) : file_(std::move(file)) {
  entries_.reserve(file_.tensors.size());
  for (const SafetensorsTensor& tensor : file_.tensors) entries_[tensor.name].tensor = &tensor;
}

absl::StatusOr<const SafetensorsTensor*> NativeTensors::Take(const std::string& place,
                                                             const std::string& name,
                                                             Elements elements) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    return absl::InvalidArgumentError(absl::StrCat(place, " names the tensor ", Quote(name),
                                                   ", which the file does not contain"));
  }
  Entry& entry = found->second;
  if (entry.used) {
    return absl::InvalidArgumentError(absl::StrCat(place, " names the tensor ", Quote(name),
                                                   ", which is already used; expected once"));
  }
  entry.used = true;
  const SafetensorsType type = entry.tensor->type;
  const bool floats = type == SafetensorsType::kF32 || type == SafetensorsType::kF64 ||
                      type == SafetensorsType::kF16 || type == SafetensorsType::kBf16;
  const bool integers = !floats && type != SafetensorsType::kBool;
  if (!(elements == Elements::kNumbers ? floats : integers)) {
    return absl::InvalidArgumentError(absl::StrCat(
        place, ": tensor ", Quote(name), " is of ", NameOf(type), "; expected ",
        elements == Elements::kNumbers ? "F32, F64, F16 or BF16" : "integers, as I32"));
  }
  return entry.tensor;
}

absl::StatusOr<NativeMatrix> NativeTensors::TakeMatrix(const std::string& place,
                                                       const std::string& name, bool transposed) {
  const absl::StatusOr<const SafetensorsTensor*> tensor = Take(place, name);
  if (!tensor.ok()) return tensor.status();
  const std::vector<std::int64_t>& shape = (*tensor)->shape;
  if (shape.size() != 2 || !IsWidth(shape[0]) || !IsWidth(shape[1])) {
    return absl::InvalidArgumentError(
        absl::StrCat(place, ": tensor ", Quote(name), " has shape ", ShapeText(shape),
                     "; expected a matrix with dimensions from 1 to ", Network::kMaxWidth));
  }
  NativeMatrix matrix{shape[0], shape[1], ReadFloats(**tensor)};
  if (transposed) Transpose(matrix);
  return matrix;
}

absl::StatusOr<std::vector<float>> NativeTensors::TakeVector(const std::string& place,
                                                             const std::string& name,
                                                             std::int64_t units) {
  const absl::StatusOr<const SafetensorsTensor*> tensor = Take(place, name);
  if (!tensor.ok()) return tensor.status();
  if ((*tensor)->shape != std::vector<std::int64_t>{units}) {
    return absl::InvalidArgumentError(absl::StrCat(place, ": tensor ", Quote(name), " has shape ",
                                                   ShapeText((*tensor)->shape), "; expected [",
                                                   units, "]"));
  }
  return ReadFloats(**tensor);
}

absl::StatusOr<std::vector<float>> NativeTensors::TakeVector(const std::string& place,
                                                             const std::string& name) {
  const absl::StatusOr<const SafetensorsTensor*> tensor = Take(place, name);
  if (!tensor.ok()) return tensor.status();
  if (auto status = CheckVector(place, **tensor); !status.ok()) return status;
  return ReadFloats(**tensor);
}

absl::StatusOr<std::vector<std::int32_t>> NativeTensors::TakeIndices(const std::string& place,
                                                                     const std::string& name) {
  const absl::StatusOr<const SafetensorsTensor*> tensor = Take(place, name, Elements::kIntegers);
  if (!tensor.ok()) return tensor.status();
  if (auto status = CheckVector(place, **tensor); !status.ok()) return status;
  std::vector<std::int32_t> indices;
  indices.reserve(static_cast<std::size_t>((*tensor)->count()));
  // FP32 represents all integers up to kMaxWidth exactly, and greater ones stay greater.
  for (const float index : ReadFloats(**tensor)) {
    if (!(index >= 0.0F && index <= static_cast<float>(Network::kMaxWidth))) {
      return absl::InvalidArgumentError(absl::StrCat(place, ": tensor ", Quote(name), " holds ",
                                                     index, "; expected integers from 0 to ",
                                                     Network::kMaxWidth));
    }
    indices.push_back(static_cast<std::int32_t>(index));
  }
  return indices;
}

std::vector<std::string> NativeTensors::Unused() const {
  std::vector<std::string> unused;
  for (const SafetensorsTensor& tensor : file_.tensors) {
    if (!entries_.at(tensor.name).used) unused.push_back(tensor.name);
  }
  return unused;
}

}  // namespace mlp
