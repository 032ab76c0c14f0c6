#include "model/formats/onnx/operators/lettered_tensors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/wiring.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {
namespace {

// The stride of the tensor's values along each letter of `lists`.
std::vector<std::int64_t> StridesAlong(const LetterLists& lists, const LetteredTensor& tensor) {
  std::vector<std::int64_t> strides;
  const std::vector<std::int64_t> own = StridesOf(tensor.shape.dimensions);
  for (const Letters* letters : lists) {
    for (const Letter letter : *letters) {
      std::int64_t stride = 0;
      for (std::size_t k = 0; k < tensor.letters.size(); ++k) {
        // A letter that occurs twice follows a diagonal.
        if (tensor.letters[k] == letter && tensor.shape.dimensions[k] != 1) stride += own[k];
      }
      strides.push_back(stride);
    }
  }
  return strides;
}

absl::StatusOr<Wiring> WiringAlong(const Operands& operands, WholeShape shape,
                                   const LetterLists& lists, const LetteredTensor& tensor) {
  if (!tensor.is_signal()) shape.batch = WholeShape::kNoBatch;
  const std::vector<std::int64_t> strides = StridesAlong(lists, tensor);
  return MakeWiring(operands, std::move(shape),
                    [&](Place place) { return UnitAt(place, strides); });
}

}  // namespace

bool LetteredTensor::Varies(Letter letter) const {
  for (std::size_t k = 0; k < letters.size(); ++k) {
    if (letters[k] == letter && shape.dimensions[k] != 1) return true;
  }
  return false;
}

absl::StatusOr<LetteredTensor> LetteredTensors::Add(const LetteredValue& lettered) {
  const absl::StatusOr<WholeShape> shape =
      WholeShapeAt(OnlyOperand(operands_, lettered.value).get(), 0);
  if (!shape.ok()) return shape.status();
  LetteredTensor tensor{lettered.value, lettered.letters, *shape};
  if (tensor.letters.size() != tensor.shape.dimensions.size()) {
    return absl::InvalidArgumentError(absl::StrCat("a factor has the shape ", TextOf(*shape),
                                                   "; expected ", tensor.letters.size(),
                                                   " dimensions"));
  }
  for (std::size_t k = 0; k < tensor.letters.size(); ++k) {
    std::int64_t& size = sizes_.try_emplace(tensor.letters[k], 1).first->second;
    const std::int64_t own = tensor.shape.dimensions[k];
    if (own < 1 || (own != 1 && size != 1 && own != size)) {
      return absl::InvalidArgumentError(absl::StrCat("a factor has the shape ", TextOf(*shape),
                                                     " with ", own, " where another one has ", size,
                                                     "; expected the same, or 1"));
    }
    size = std::max(size, own);
  }
  return tensor;
}

absl::Status LetteredTensors::FindBatch(absl::Span<const LetteredTensor> tensors,
                                        const Letters& made) {
  for (const LetteredTensor& tensor : tensors) {
    if (!tensor.shape.has_batch()) continue;
    const auto place = static_cast<std::size_t>(tensor.shape.batch);
    const Letter letter = tensor.letters[place];
    const bool mixed = (batch_.has_value() && *batch_ != letter) ||
                       std::find(made.begin(), made.end(), letter) == made.end() ||
                       SizeOf(letter) != tensor.shape.dimensions[place];
    batch_ = letter;
    if (!mixed) continue;
    return absl::UnimplementedError(
        "it multiplies rows of the batch with one another; supported are products within one "
        "row, and of rows with constants");
  }
  for (const LetteredTensor& tensor : tensors) {
    if (!batch_.has_value() || tensor.shape.has_batch() || !tensor.Varies(*batch_)) continue;
    return absl::UnimplementedError(
        absl::StrCat("a constant of shape ", TextOf(tensor.shape),
                     " has different values for some rows; supported is the same for all rows"));
  }
  return absl::OkStatus();
}

std::int64_t LetteredTensors::SizeOf(Letter letter) const {
  const auto found = sizes_.find(letter);
  return found == sizes_.end() ? 0 : found->second;
}

std::optional<std::int64_t> LetteredTensors::ProductOf(const LetterLists& lists) const {
  std::int64_t product = 1;
  for (const Letters* letters : lists) {
    for (const Letter letter : *letters) {
      product *= SizeOf(letter);
      if (product > kMaxProducts) return std::nullopt;
    }
  }
  return product;
}

WholeShape LetteredTensors::ShapeOf(const LetterLists& lists) const {
  WholeShape shape;
  for (const Letters* letters : lists) {
    for (const Letter letter : *letters) {
      if (batch_ == letter) shape.batch = shape.rank();
      shape.dimensions.push_back(SizeOf(letter));
    }
  }
  return shape;
}

absl::StatusOr<std::vector<double>> LetteredTensors::NumbersOf(const LetteredTensor& tensor,
                                                               const LetterLists& lists) const {
  const absl::StatusOr<ConstantTensor<double>> numbers =
      NumbersOfConstantAt(OnlyOperand(operands_, tensor.value).get(), 0);
  if (!numbers.ok()) return numbers.status();
  // There may be many more weights than values in a row.
  const std::vector<std::int64_t> dimensions = ShapeOf(lists).dimensions;
  const std::int64_t count = *ProductOf(lists);
  if (auto status =
          TakeBytes("its computed weights", count * static_cast<std::int64_t>(sizeof(double)),
                    operands_.conversion.limits);
      !status.ok()) {
    return status;
  }
  const std::vector<std::int64_t> strides = StridesAlong(lists, tensor);
  std::vector<double> values(static_cast<std::size_t>(count));
  std::vector<std::int64_t> place(dimensions.size());
  for (double& value : values) {
    value = numbers->values[static_cast<std::size_t>(UnitAt(place, strides))];
    for (std::size_t k = place.size(); k-- > 0;) {
      if (++place[k] < dimensions[k]) break;
      place[k] = 0;
    }
  }
  return values;
}

absl::StatusOr<RowNodeId> LetteredTensors::RowsOf(const LetteredTensor& tensor,
                                                  const LetterLists& lists) const {
  const absl::StatusOr<Wiring> wiring = WiringAlong(operands_, ShapeOf(lists), lists, tensor);
  if (!wiring.ok()) return wiring.status();
  return AddWired(operands_, {std::get<Signal>(tensor.value).node}, wiring->units, 0.0);
}

absl::StatusOr<OnnxValue> LetteredTensors::InOrderOf(const Letters& made, OnnxValue value,
                                                     const LetterLists& lists) const {
  LetteredTensor tensor{std::move(value), {}, ShapeOf(lists)};
  for (const Letters* letters : lists) {
    tensor.letters.insert(tensor.letters.end(), letters->begin(), letters->end());
  }
  if (tensor.letters == made) return std::move(tensor.value);
  const absl::StatusOr<Wiring> wiring = WiringAlong(operands_, ShapeOf({&made}), {&made}, tensor);
  if (!wiring.ok()) return wiring.status();
  return WiredAt(OnlyOperand(operands_, tensor.value).get(), 0, *wiring);
}

}  // namespace mlp
