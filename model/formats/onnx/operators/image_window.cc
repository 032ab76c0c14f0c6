#include "model/formats/onnx/operators/image_window.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// The most pixels in all windows of a result, counted for each window.
constexpr std::int64_t kMaxPixelsSeen = std::int64_t{1} << 17;

// The index, within a channel, of the pixel at `pixels` in the window at `places`; negative for
// padding.
std::int64_t PixelAt(const ImageWindow& window, Place places, Place pixels) {
  std::int64_t unit = 0;
  for (std::size_t k = 0; k < window.axes.size(); ++k) {
    const WindowOfAxis& axis = window.axes[k];
    const std::int64_t at = places[k] * axis.stride + pixels[k] * axis.dilation - axis.before;
    if (at < 0 || at >= axis.size) return Wiring::kFilled;
    unit = unit * axis.size + at;
  }
  return unit;
}

std::vector<std::int64_t> KernelOf(const ImageWindow& window) {
  std::vector<std::int64_t> kernel;
  for (const WindowOfAxis& axis : window.axes) kernel.push_back(axis.kernel);
  return kernel;
}

}  // namespace

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

absl::StatusOr<std::vector<std::int64_t>> NumbersForAxes(const Operands& operands,
                                                         absl::string_view name, std::size_t count,
                                                         std::int64_t default_value) {
  auto given = IntegersAttribute(operands.node, name);
  if (!given.has_value() || given->empty()) return std::vector<std::int64_t>(count, default_value);
  const std::int64_t least = default_value;  // 1, or 0 for pads
  const bool fits =
      given->size() == count && std::all_of(given->begin(), given->end(), [&](std::int64_t value) {
        return value >= least && value <= Network::kMaxWidth;
      });
  if (fits) return *std::move(given);
  return absl::InvalidArgumentError(absl::StrCat("attribute '", name, "' is ", ShapeText(*given),
                                                 "; expected ", count, " numbers from ", least,
                                                 " on"));
}

absl::StatusOr<ImageWindow> ImageWindowOf(const Operands& operands, const WholeShape& shape,
                                          const std::vector<std::int64_t>& kernel) {
  const std::size_t count = shape.dimensions.size() - 2;
  const auto strides = NumbersForAxes(operands, "strides", count, 1);
  if (!strides.ok()) return strides.status();
  const auto dilations = NumbersForAxes(operands, "dilations", count, 1);
  if (!dilations.ok()) return dilations.status();
  const auto pads = NumbersForAxes(operands, "pads", 2 * count, 0);
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
  ImageWindow window;
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
    if (window.pixels > kMaxPixelsSeen || window.places > kMaxPixelsSeen ||
        window.pixels * window.places > kMaxPixelsSeen / shape.dimensions[1]) {
      return absl::UnimplementedError(
          absl::StrCat("its windows see more than ", kMaxPixelsSeen,
                       " pixels together; supported are convolutions over small images, as a "
                       "perceptron's; serve this file with ONNX Runtime"));
    }
    window.axes.push_back(axis);
  }
  return window;
}

std::vector<std::int64_t> PlacesOf(const ImageWindow& window) {
  std::vector<std::int64_t> places;
  for (const WindowOfAxis& axis : window.axes) places.push_back(axis.places);
  return places;
}

absl::StatusOr<Wiring> PixelsSeen(const Operands& operands, const WholeShape& shape,
                                  const ImageWindow& window) {
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

}  // namespace mlp
