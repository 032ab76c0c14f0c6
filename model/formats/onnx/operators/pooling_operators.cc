// Poolings over small images: each position of the result is a reduction over the pixels in its
// window.

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/image_window.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/operators/wiring.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// The number of pixels in each window that are not padding, for means; 1 if there is only padding.
std::vector<double> CountsOf(const ImageWindow& window, std::int64_t channels) {
  std::vector<double> counts;
  const std::vector<std::int64_t> strides = StridesOf(PlacesOf(window));
  for (std::int64_t place = 0; place < window.places; ++place) {
    double count = 1.0;
    for (std::size_t k = 0; k < window.axes.size(); ++k) {
      const WindowOfAxis& axis = window.axes[k];
      const std::int64_t first = place / strides[k] % axis.places * axis.stride - axis.before;
      std::int64_t inside = 0;
      for (std::int64_t pixel = 0; pixel < axis.kernel; ++pixel) {
        const std::int64_t at = first + pixel * axis.dilation;
        if (at >= 0 && at < axis.size) ++inside;
      }
      count *= static_cast<double>(inside);
    }
    counts.push_back(std::max(1.0, count));
  }
  std::vector<double> all;
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    all.insert(all.end(), counts.begin(), counts.end());
  }
  return all;
}

// Padding is never the greatest value, so it is replaced by one of the window's pixels.
void RepeatInsteadOfPadding(const ImageWindow& window, std::int64_t channels,
                            std::vector<std::int32_t>& units) {
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    for (std::int64_t place = 0; place < window.places; ++place) {
      const auto at = [&](std::int64_t pixel) -> std::int32_t& {
        return units[static_cast<std::size_t>((channel * window.pixels + pixel) * window.places +
                                              place)];
      };
      std::int32_t inside = Wiring::kFilled;
      for (std::int64_t pixel = 0; pixel < window.pixels && inside < 0; ++pixel) inside = at(pixel);
      for (std::int64_t pixel = 0; pixel < window.pixels; ++pixel) {
        if (at(pixel) < 0) at(pixel) = inside;
      }
    }
  }
}

absl::StatusOr<OnnxValues> Pool(const Operands& operands, bool greatest) {
  const absl::StatusOr<WholeShape> shape = ImagesAt(operands);
  if (!shape.ok()) return shape.status();
  const std::size_t count = shape->dimensions.size() - 2;
  const auto kernel = NumbersForAxes(operands, "kernel_shape", count, 1);
  if (!kernel.ok()) return kernel.status();
  const absl::StatusOr<ImageWindow> window = ImageWindowOf(operands, *shape, *kernel);
  if (!window.ok()) return window.status();
  for (const WindowOfAxis& axis : window->axes) {
    if (axis.before < axis.extent() && axis.after < axis.extent()) continue;
    return absl::InvalidArgumentError(
        "a window sees padding only; expected pads that are smaller than the kernel");
  }
  absl::StatusOr<Wiring> seen = PixelsSeen(operands, *shape, *window);
  if (!seen.ok()) return seen.status();
  const std::int64_t channels = shape->dimensions[1];
  if (greatest) RepeatInsteadOfPadding(*window, channels, seen->units);
  // With dilation, a window may miss all pixels.
  if (greatest &&
      std::find(seen->units.begin(), seen->units.end(), Wiring::kFilled) != seen->units.end()) {
    return absl::UnimplementedError("a window sees padding only; supported are those with a pixel");
  }
  absl::StatusOr<OnnxValue> pixels = WiredAt(operands, 0, *seen, 0.0);
  if (!pixels.ok()) return pixels.status();
  auto signal = std::get<Signal>(*std::move(pixels));
  const bool counts_padding = IntegerAttribute(operands.node, "count_include_pad", 0) != 0;
  const bool padded =
      std::any_of(window->axes.begin(), window->axes.end(),
                  [](const WindowOfAxis& axis) { return axis.before > 0 || axis.after > 0; });
  const bool by_counts = !greatest && padded && !counts_padding;
  const ReductionKind kind = greatest    ? ReductionKind::kMaximum
                             : by_counts ? ReductionKind::kSum
                                         : ReductionKind::kMean;
  signal.node = AddRowOperation(operands, Reduction{kind, channels, window->pixels, window->places},
                                {signal.node}, channels * window->places);
  if (by_counts) {
    signal.node = AddElementwise(operands, "Div",
                                 {signal.node, AddConstant(operands, CountsOf(*window, channels))},
                                 {}, channels * window->places);
  }
  signal.row_shape = {channels};
  for (const std::int64_t places : PlacesOf(*window)) signal.row_shape.push_back(places);
  return SingleValue(std::move(signal));
}

absl::StatusOr<OnnxValues> AveragePool(const Operands& operands) { return Pool(operands, false); }

absl::StatusOr<OnnxValues> MaxPool(const Operands& operands) {
  if (IntegerAttribute(operands.node, "storage_order", 0) != 0) {
    return absl::UnimplementedError("storage_order is not 0; supported is 0, row by row");
  }
  return Pool(operands, true);
}

}  // namespace

const std::vector<OnnxOperator>& PoolingOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"AveragePool",
       "",
       1,
       1,
       {{"auto_pad", AttributeProto::STRING},
        {"ceil_mode", AttributeProto::INT},
        {"count_include_pad", AttributeProto::INT},
        {"dilations", AttributeProto::INTS},
        {"kernel_shape", AttributeProto::INTS},
        {"pads", AttributeProto::INTS},
        {"strides", AttributeProto::INTS}},
       AveragePool},
      {"MaxPool",
       "",
       1,
       1,
       {{"auto_pad", AttributeProto::STRING},
        {"ceil_mode", AttributeProto::INT},
        {"dilations", AttributeProto::INTS},
        {"kernel_shape", AttributeProto::INTS},
        {"pads", AttributeProto::INTS},
        {"storage_order", AttributeProto::INT},
        {"strides", AttributeProto::INTS}},
       MaxPool},
  };
  return *operators;
}

}  // namespace mlp
