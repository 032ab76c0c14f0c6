// Convolutions and poolings over small images: each position of the result is a dense layer, or a
// reduction, over the pixels in its window.

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/contraction.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/operators/wiring.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// The most pixels in all windows of a result, counted for each window.
constexpr std::int64_t kMostPixelsSeen = std::int64_t{1} << 17;

// How a window moves along one dimension of an image.
struct WindowOfAxis {
  std::int64_t size = 1;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t before = 0;  // padding
  std::int64_t after = 0;
  std::int64_t places = 1;

  std::int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

struct Window {
  std::vector<WindowOfAxis> axes;
  std::int64_t pixels = 1;  // of the kernel
  std::int64_t places = 1;
};

absl::StatusOr<std::vector<std::int64_t>> ForAxes(const Operands& operands, absl::string_view name,
                                                  std::size_t count, std::int64_t otherwise) {
  auto given = IntegersAttribute(operands.node, name);
  if (!given.has_value() || given->empty()) return std::vector<std::int64_t>(count, otherwise);
  const std::int64_t least = otherwise;  // 1, or 0 for pads
  const bool fits =
      given->size() == count && std::all_of(given->begin(), given->end(), [&](std::int64_t value) {
        return value >= least && value <= Network::kMaxWidth;
      });
  if (fits) return *std::move(given);
  return absl::InvalidArgumentError(absl::StrCat("attribute '", name, "' is ", ShapeText(*given),
                                                 "; expected ", count, " numbers from ", least,
                                                 " on"));
}

// The window over [batch, channels, ...] with a kernel of the given sizes.
absl::StatusOr<Window> WindowOf(const Operands& operands, const WholeShape& shape,
                                const std::vector<std::int64_t>& kernel) {
  const std::size_t count = shape.dimensions.size() - 2;
  const auto strides = ForAxes(operands, "strides", count, 1);
  if (!strides.ok()) return strides.status();
  const auto dilations = ForAxes(operands, "dilations", count, 1);
  if (!dilations.ok()) return dilations.status();
  const auto pads = ForAxes(operands, "pads", 2 * count, 0);
  if (!pads.ok()) return pads.status();
  const AttributeProto* attribute = FindAttribute(operands.node, "auto_pad");
  const std::string automatic = attribute == nullptr ? "NOTSET" : attribute->s();
  const bool upper = automatic == "SAME_UPPER";
  const bool same = upper || automatic == "SAME_LOWER";
  if (!same && automatic != "NOTSET" && automatic != "VALID" && !automatic.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("attribute 'auto_pad' is ", Quote(automatic),
                     "; expected 'NOTSET', 'VALID', 'SAME_UPPER' or 'SAME_LOWER'"));
  }
  Window window;
  for (std::size_t k = 0; k < count; ++k) {
    WindowOfAxis axis{shape.dimensions[k + 2], kernel[k], (*strides)[k], (*dilations)[k]};
    if (same) {
      axis.places = (axis.size + axis.stride - 1) / axis.stride;
      const std::int64_t padding =
          std::max<std::int64_t>(0, (axis.places - 1) * axis.stride + axis.extent() - axis.size);
      axis.before = upper ? padding / 2 : padding - padding / 2;
      axis.after = padding - axis.before;
    } else if (automatic != "VALID") {
      axis.before = (*pads)[k];
      axis.after = (*pads)[k + count];
    }
    const std::int64_t room = axis.size + axis.before + axis.after - axis.extent();
    if (room < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("its kernel covers ", CountText(axis.extent(), "pixel"), ", but the image ",
                       "has ", axis.size, " there; expected a smaller kernel, or more padding"));
    }
    axis.places = room / axis.stride + 1;
    if (IntegerAttribute(operands.node, "ceil_mode", 0) != 0 && room % axis.stride != 0) {
      return absl::UnimplementedError(
          "ceil_mode is 1 and the windows do not fill the image; supported is 0");
    }
    window.pixels *= axis.kernel;
    window.places *= axis.places;
    if (window.pixels > kMostPixelsSeen || window.places > kMostPixelsSeen ||
        window.pixels * window.places > kMostPixelsSeen / shape.dimensions[1]) {
      return absl::UnimplementedError(
          absl::StrCat("its windows see more than ", kMostPixelsSeen,
                       " pixels together; supported are convolutions over small images, as a "
                       "perceptron's; serve this file with ONNX Runtime"));
    }
    window.axes.push_back(axis);
  }
  return window;
}

// The index, within a channel, of the pixel at `pixels` in the window at `places`; negative for
// padding.
std::int64_t PixelAt(const Window& window, Place places, Place pixels) {
  std::int64_t unit = 0;
  for (std::size_t k = 0; k < window.axes.size(); ++k) {
    const WindowOfAxis& axis = window.axes[k];
    const std::int64_t at = places[k] * axis.stride + pixels[k] * axis.dilation - axis.before;
    if (at < 0 || at >= axis.size) return Wiring::kFilled;
    unit = unit * axis.size + at;
  }
  return unit;
}

std::vector<std::int64_t> KernelOf(const Window& window) {
  std::vector<std::int64_t> kernel;
  for (const WindowOfAxis& axis : window.axes) kernel.push_back(axis.kernel);
  return kernel;
}

std::vector<std::int64_t> PlacesOf(const Window& window) {
  std::vector<std::int64_t> places;
  for (const WindowOfAxis& axis : window.axes) places.push_back(axis.places);
  return places;
}

// The windows of images [batch, channels, ...], as [batch, channels, kernel..., places...].
absl::StatusOr<Wiring> Seen(const Operands& operands, const WholeShape& shape,
                            const Window& window) {
  const std::size_t count = window.axes.size();
  std::int64_t image = 1;
  for (const WindowOfAxis& axis : window.axes) image *= axis.size;
  WholeShape seen{{1, shape.dimensions[1]}, 0};
  for (const auto& part : {KernelOf(window), PlacesOf(window)}) {
    seen.dimensions.insert(seen.dimensions.end(), part.begin(), part.end());
  }
  return MakeWiring(operands, std::move(seen), [&](Place place) -> std::int64_t {
    const std::int64_t pixel = PixelAt(window, place.subspan(2 + count), place.subspan(2, count));
    return pixel < 0 ? Wiring::kFilled : place[1] * image + pixel;
  });
}

absl::StatusOr<WholeShape> ImagesAt(const Operands& operands) {
  const absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  WholeShape shape = WholeShapeOf(*x);
  if (shape.rank() >= 3 && shape.rank() <= 5) return shape;
  return absl::UnimplementedError(absl::StrCat(InputText(operands, 0), " has the shape ",
                                               TextOf(shape),
                                               "; supported are images [batch,channels,...] of 1 "
                                               "to 3 dimensions"));
}

// ---- Conv ----

absl::StatusOr<OnnxValue> ReshapedValue(const Operands& operands, const OnnxValue& value,
                                        const WholeShape& shape) {
  const OnnxValue* const pointer = &value;
  const Operands only{operands.node, {&pointer, 1}, operands.conversion};
  const absl::StatusOr<Wiring> same = InOrder(operands, shape);
  if (!same.ok()) return same.status();
  return WiredAt(only, 0, *same);
}

absl::StatusOr<OnnxValue> WithBias(const Operands& operands, Signal z) {
  if (operands.At(2) == nullptr) return z;
  const absl::StatusOr<ConstantTensor<double>> bias = NumbersOfConstantAt(operands, 2);
  if (!bias.ok()) return bias.status();
  const auto channels = static_cast<std::size_t>(z.row_shape[0]);
  if (bias->values.size() != channels) {
    return absl::InvalidArgumentError(
        absl::StrCat(InputText(operands, 2), " has ", CountText(bias->values.size(), "value"),
                     "; expected ", channels, ", one for each channel"));
  }
  const auto width = static_cast<std::size_t>(WidthOf(z.row_shape));
  std::vector<double> values(width);
  for (std::size_t i = 0; i < width; ++i) values[i] = bias->values[i / (width / channels)];
  z.node = AddElementwise(operands, "Add", {z.node, AddConstant(operands, std::move(values))}, {},
                          static_cast<std::int64_t>(width));
  return z;
}

absl::StatusOr<OnnxValues> Conv(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = ImagesAt(operands);
  if (!shape.ok()) return shape.status();
  const absl::StatusOr<OnnxConstant> weights = ConstantAt(operands, 1);
  if (!weights.ok()) return weights.status();
  const std::vector<std::int64_t> dimensions = weights->Dimensions();
  const std::int64_t channels = shape->dimensions[1];
  const std::int64_t groups = IntegerAttribute(operands.node, "group", 1);
  const bool fits =
      dimensions.size() == shape->dimensions.size() && groups >= 1 && channels % groups == 0 &&
      dimensions[1] == channels / groups && dimensions[0] >= 1 && dimensions[0] % groups == 0 &&
      std::all_of(dimensions.begin(), dimensions.end(),
                  [](std::int64_t size) { return size >= 1 && size <= Network::kMaxWidth; });
  const std::vector<std::int64_t> kernel(
      dimensions.begin() +
          std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(dimensions.size())),
      dimensions.end());
  const auto given = IntegersAttribute(operands.node, "kernel_shape");
  if (!fits || (given.has_value() && *given != kernel)) {
    return absl::InvalidArgumentError(
        absl::StrCat(InputText(operands, 1), " has dimensions ", ShapeText(dimensions),
                     " for images of shape ", TextOf(*shape), " in ", CountText(groups, "group"),
                     "; expected [units,channels of a group,kernel_shape]"));
  }
  const absl::StatusOr<Window> window = WindowOf(operands, *shape, kernel);
  if (!window.ok()) return window.status();
  const absl::StatusOr<Wiring> seen = Seen(operands, *shape, *window);
  if (!seen.ok()) return seen.status();
  absl::StatusOr<OnnxValue> pixels = WiredAt(operands, 0, *seen, 0.0);
  if (!pixels.ok()) return pixels.status();
  const std::int64_t depth = channels / groups * window->pixels;
  const std::int64_t made = dimensions[0] / groups;
  pixels = ReshapedValue(operands, *pixels, {{1, groups, depth, window->places}, 0});
  if (!pixels.ok()) return pixels.status();
  // The weights are no more than the file has, so their shape needs no separate limit.
  if (auto status =
          TakeBytes("its weights", static_cast<std::int64_t>(weights->tensor->SpaceUsedLong()),
                    operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  onnx::TensorProto& matrix = operands.conversion.made_tensors.emplace_back(*weights->tensor);
  matrix.clear_dims();
  for (const std::int64_t size : {groups, made, depth}) matrix.add_dims(size);
  constexpr int kBatch = 0;
  constexpr int kGroup = 1;
  constexpr int kDepth = 2;
  constexpr int kPlace = 3;
  constexpr int kMade = 4;
  absl::StatusOr<OnnxValue> z =
      Contract(operands, {*pixels, {kBatch, kGroup, kDepth, kPlace}},
               {OnnxConstant{&matrix}, {kGroup, kMade, kDepth}}, {kBatch, kGroup, kMade, kPlace});
  if (!z.ok()) return z.status();
  auto signal = std::get<Signal>(*std::move(z));
  signal.row_shape = {dimensions[0]};
  for (const std::int64_t places : PlacesOf(*window)) signal.row_shape.push_back(places);
  absl::StatusOr<OnnxValue> result = WithBias(operands, std::move(signal));
  if (!result.ok()) return result.status();
  return One(*std::move(result));
}

// ---- Pooling ----

// The number of pixels in each window that are not padding, for means; 1 if there is only padding.
std::vector<double> CountsOf(const Window& window, std::int64_t channels) {
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
void RepeatInsteadOfPadding(const Window& window, std::int64_t channels,
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
  const auto kernel = ForAxes(operands, "kernel_shape", count, 1);
  if (!kernel.ok()) return kernel.status();
  const absl::StatusOr<Window> window = WindowOf(operands, *shape, *kernel);
  if (!window.ok()) return window.status();
  for (const WindowOfAxis& axis : window->axes) {
    if (axis.before < axis.extent() && axis.after < axis.extent()) continue;
    return absl::InvalidArgumentError(
        "a window sees padding only; expected pads that are smaller than the kernel");
  }
  absl::StatusOr<Wiring> seen = Seen(operands, *shape, *window);
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
  return One(std::move(signal));
}

absl::StatusOr<OnnxValues> AveragePool(const Operands& operands) { return Pool(operands, false); }

absl::StatusOr<OnnxValues> MaxPool(const Operands& operands) {
  if (IntegerAttribute(operands.node, "storage_order", 0) != 0) {
    return absl::UnimplementedError("storage_order is not 0; supported is 0, row by row");
  }
  return Pool(operands, true);
}

}  // namespace

const std::vector<OnnxOperator>& ConvolutionOperators() {
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
      {"Conv",
       "",
       2,
       3,
       {{"auto_pad", AttributeProto::STRING},
        {"dilations", AttributeProto::INTS},
        {"group", AttributeProto::INT},
        {"kernel_shape", AttributeProto::INTS},
        {"pads", AttributeProto::INTS},
        {"strides", AttributeProto::INTS}},
       Conv},
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
