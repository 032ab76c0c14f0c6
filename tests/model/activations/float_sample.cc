#include "tests/model/activations/float_sample.h"

#include <bit>
#include <cmath>
#include <limits>

namespace mlp {

std::vector<float> SampleOfFloats(std::int64_t count, const std::vector<float>& around) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> sample = {0.0F, -0.0F};
  // An odd step makes the mantissas differ from exponent to exponent.
  const std::int64_t step = (std::int64_t{1} << 32) / count | 1;
  for (std::int64_t bits = 1; bits < std::int64_t{1} << 32; bits += step) {
    const auto z = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (std::isfinite(z)) sample.push_back(z);
  }
  for (const float z : around) {
    sample.insert(sample.end(), {std::nextafter(z, -kInfinity), z, std::nextafter(z, kInfinity)});
  }
  return sample;
}

}  // namespace mlp
