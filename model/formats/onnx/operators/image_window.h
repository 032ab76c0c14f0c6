// The windows that convolutions and poolings move over small images.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_IMAGE_WINDOW_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_IMAGE_WINDOW_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/operators/wiring.h"

namespace mlp {

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

// The window over an image of one or more dimensions.
struct ImageWindow {
  std::vector<WindowOfAxis> axes;
  std::int64_t pixels = 1;  // of the kernel
  std::int64_t places = 1;  // where the window stops
};

// Input 0, rows of floating-point numbers with the shape of images, [batch, channels, ...].
// UNIMPLEMENTED for other inputs and for images without 1 to 3 dimensions.
absl::StatusOr<WholeShape> ImagesAt(const Operands& operands);

// The attribute `name`, `count` numbers of at least `default_value`; if the node omits it, each is
// `default_value`. INVALID_ARGUMENT for other numbers.
absl::StatusOr<std::vector<std::int64_t>> NumbersForAxes(const Operands& operands,
                                                         absl::string_view name, std::size_t count,
                                                         std::int64_t default_value);

// The window over images of `shape` with a kernel of the given sizes, as the node's strides,
// dilations and pads move it. INVALID_ARGUMENT if an attribute is wrong or the kernel is larger
// than the padded image; UNIMPLEMENTED if all windows together see too many pixels.
absl::StatusOr<ImageWindow> ImageWindowOf(const Operands& operands, const WholeShape& shape,
                                          const std::vector<std::int64_t>& kernel);

// The number of places along each dimension of an image.
std::vector<std::int64_t> PlacesOf(const ImageWindow& window);

// The pixels that the windows see of images of `shape`, as [batch, channels, kernel..., places...].
// Those of the padding are Wiring::kFilled.
absl::StatusOr<Wiring> PixelsSeen(const Operands& operands, const WholeShape& shape,
                                  const ImageWindow& window);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_IMAGE_WINDOW_H_
