#include "tests/model/activations/ulp_error.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace mlp {
namespace {

constexpr double kWrong = std::numeric_limits<double>::infinity();

template <typename T>
double UlpErrorOf(float value, T exact) {
  const auto rounded = static_cast<float>(exact);
  if (std::isnan(value) || std::isnan(rounded)) {
    return std::isnan(value) == std::isnan(rounded) ? 0.0 : kWrong;
  }
  if (std::isinf(value) || std::isinf(rounded)) return value == rounded ? 0.0 : kWrong;
  // The distance to the next larger float. At a power of two the distance to the smaller one is
  // half of it, which does not matter here. Computed from bits, because nextafter would slow down
  // an exhaustive run.
  const float magnitude = std::fabs(rounded);
  const auto next = std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) + 1);
  const T ulp = std::isinf(next) ? T{0x1p104F} : T{next} - T{magnitude};
  return static_cast<double>(std::fabs(T{value} - exact) / ulp);
}

}  // namespace

double UlpError(float value, double exact) { return UlpErrorOf(value, exact); }
double UlpError(float value, long double exact) { return UlpErrorOf(value, exact); }

}  // namespace mlp
