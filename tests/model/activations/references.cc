#include "tests/model/activations/references.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace mlp {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kWrong = std::numeric_limits<double>::infinity();

template <typename T>
T Sigmoid(T z) {
  return 1 / (1 + std::exp(-z));
}

template <typename T>
T LogOnePlusExp(T z) {
  return std::max(z, T{0}) + std::log1p(std::exp(-std::fabs(z)));
}

// The line alpha z + beta, clipped to [0, 1].
template <typename T>
T HardSigmoid(T z, const float* p) {
  return std::clamp(T{p[0]} * z + T{p[1]}, T{0}, T{1});
}

template <typename T>
T NormalDistribution(T z) {
  return std::erfc(-z * std::sqrt(T{0.5})) / 2;
}

template <typename T>
T NormalDensity(T z) {
  return std::exp(-z * z / 2) / std::sqrt(2 * std::acos(T{-1}));
}

// z (1 + tanh u) / 2 = z sigmoid(2 u).
template <typename T>
T TanhArgument(T z) {
  return std::sqrt(2 / std::acos(T{-1})) * (z + T{44715} / 1000000 * z * z * z);
}

// z - tanh z by its Taylor series, for |z| < 0.1.
template <typename T>
T TanhShrinkSeries(T z) {
  const T s = z * z;
  return z * s *
         (T{1} / 3 - s * (T{2} / 15 -
                          s * (T{17} / 315 - s * (T{62} / 2835 - s * (T{1382} / 155925 -
                                                                      s * (T{21844} / 6081075))))));
}

template <typename T>
T Sech2(T z) {
  return 1 / (std::cosh(z) * std::cosh(z));
}

// f(z) = z s(x(z)) with the sigmoid s: s + z x' s (1 - s), where 1 - s(x) = s(-x).
template <typename T>
T GatedSlope(T z, T x, T x_slope) {
  return Sigmoid(x) + z * x_slope * Sigmoid(x) * Sigmoid(-x);
}

std::vector<Reference> MakeRectifiers() {
  const auto leaky = [](auto z, const float* p) { return z > 0 ? z : p[0] * z; };
  const auto leaky_slope = [](auto z, const float* p) {
    return z > 0 ? decltype(z){1} : decltype(z){p[0]};
  };
  const auto keras_relu = [](auto z, const float* p) {
    using T = decltype(z);
    return z > p[2] ? std::min(z, T{p[1]}) : p[0] == 0 ? T{0} : T{p[0]} * (z - T{p[2]});
  };
  const auto keras_relu_slope = [](auto z, const float* p) {
    using T = decltype(z);
    return z > p[2] ? (z < p[1] ? T{1} : T{0}) : T{p[0]};
  };
  const auto threshold = [](auto z, const float* p) { return z > p[0] ? z : decltype(z){p[1]}; };
  const auto thresholded = [](auto z, const float* p) { return z > p[0] ? z : decltype(z){0}; };
  const auto above = [](auto z, const float* p) {
    return static_cast<decltype(z)>(z > p[0] ? 1 : 0);
  };
  const auto rrelu = [](auto z, const float* p) {
    using T = decltype(z);
    return z > 0 ? z : (T{p[0]} + T{p[1]}) / 2 * z;
  };
  const auto rrelu_slope = [](auto z, const float* p) {
    using T = decltype(z);
    return z > 0 ? T{1} : (T{p[0]} + T{p[1]}) / 2;
  };
  using Kind = ActivationKind;
  return {
      {"identity",
       Kind::kIdentity,
       {},
       [](auto z, const float*) { return z; },
       [](auto z, const float*) { return decltype(z){1}; },
       -kInfinity,
       kInfinity},
      {"relu",
       Kind::kRelu,
       {},
       [](auto z, const float*) { return z > 0 ? z : decltype(z){0}; },
       [](auto z, const float*) { return static_cast<decltype(z)>(z > 0 ? 1 : 0); },
       0,
       kInfinity,
       {0}},
      {"leaky_relu", Kind::kLeakyRelu, {0.01F}, leaky, leaky_slope, -kInfinity, kInfinity, {0}},
      {"leaky_relu", Kind::kLeakyRelu, {0.3F}, leaky, leaky_slope, -kInfinity, kInfinity, {0}},
      {"leaky_relu", Kind::kLeakyRelu, {-1.5F}, leaky, leaky_slope, kInfinity, kInfinity, {0}},
      {"prelu", Kind::kPrelu, {0.25F}, leaky, leaky_slope, -kInfinity, kInfinity, {0}},
      {"prelu", Kind::kPrelu, {-0.1F}, leaky, leaky_slope, kInfinity, kInfinity, {0}},
      {"rrelu", Kind::kRrelu, {0.125F, 1.0F / 3}, rrelu, rrelu_slope, -kInfinity, kInfinity, {0}},
      {"relu6",
       Kind::kRelu6,
       {},
       [](auto z, const float*) { return std::clamp(z, decltype(z){0}, decltype(z){6}); },
       [](auto z, const float*) { return static_cast<decltype(z)>(z > 0 && z < 6 ? 1 : 0); },
       0,
       6,
       {0, 6}},
      {"keras_relu",
       Kind::kKerasRelu,
       {0, kInfinity, 0},
       keras_relu,
       keras_relu_slope,
       0,
       kInfinity,
       {0}},
      {"keras_relu",
       Kind::kKerasRelu,
       {0.2F, 4, 1.5F},
       keras_relu,
       keras_relu_slope,
       -kInfinity,
       4,
       {1.5F, 4}},
      {"thresholded_relu", Kind::kThresholdedRelu, {1}, thresholded, above, 0, kInfinity, {1}},
      {"threshold", Kind::kThreshold, {0, 0}, threshold, above, 0, kInfinity, {0}},
      {"threshold", Kind::kThreshold, {0.1F, 20}, threshold, above, 20, kInfinity, {0.1F}},
  };
}

std::vector<Reference> MakeClippedAndShrinks() {
  const auto hard_sigmoid = [](auto z, const float* p) { return HardSigmoid(z, p); };
  const auto hard_sigmoid_slope = [](auto z, const float* p) {
    using T = decltype(z);
    const T a = HardSigmoid(z, p);
    return T{0} < a && a < T{1} ? T{p[0]} : T{0};
  };
  const auto hard_tanh = [](auto z, const float* p) {
    using T = decltype(z);
    return std::clamp(z, T{p[0]}, T{p[1]});
  };
  const auto hard_tanh_slope = [](auto z, const float* p) {
    return static_cast<decltype(z)>(z > p[0] && z < p[1] ? 1 : 0);
  };
  const auto soft_shrink = [](auto z, const float* p) {
    using T = decltype(z);
    const T lambda = p[0];
    return z > lambda ? z - lambda : z < -lambda ? z + lambda : T{0};
  };
  const auto hard_shrink = [](auto z, const float* p) {
    return std::fabs(z) > p[0] ? z : decltype(z){0};
  };
  const auto shrink_slope = [](auto z, const float* p) {
    return static_cast<decltype(z)>(std::fabs(z) > p[0] ? 1 : 0);
  };
  using Kind = ActivationKind;
  return {
      {"hard_sigmoid",
       Kind::kHardSigmoid,
       {0.2F, 0.5F},
       hard_sigmoid,
       hard_sigmoid_slope,
       0,
       1,
       {-2.5F, 2.5F}},
      {"hard_sigmoid",
       Kind::kHardSigmoid,
       {1.0F / 6, 0.5F},
       hard_sigmoid,
       hard_sigmoid_slope,
       0,
       1,
       {-3, 3}},
      {"hard_swish",
       Kind::kHardSwish,
       {},
       [](auto z, const float*) {
         using T = decltype(z);
         return z * std::clamp(z + 3, T{0}, T{6}) / 6;
       },
       [](auto z, const float*) {
         using T = decltype(z);
         return z <= -3 ? T{0} : z <= 3 ? (2 * z + 3) / 6 : T{1};
       },
       0,
       kInfinity,
       {-3, -1.5F, 0, 3}},
      {"hard_tanh", Kind::kHardTanh, {-1, 1}, hard_tanh, hard_tanh_slope, -1, 1, {-1, 1}},
      {"hard_tanh", Kind::kHardTanh, {-0.1F, 7}, hard_tanh, hard_tanh_slope, -0.1F, 7, {-0.1F, 7}},
      {"sparse_plus",
       Kind::kSparsePlus,
       {},
       [](auto z, const float*) {
         return z <= -1 ? decltype(z){0} : z < 1 ? (z + 1) * (z + 1) / 4 : z;
       },
       [](auto z, const float*) {
         using T = decltype(z);
         return z <= -1 ? T{0} : z < 1 ? (z + 1) / 2 : T{1};
       },
       0,
       kInfinity,
       {-1, 1}},
      {"sparse_sigmoid",
       Kind::kSparseSigmoid,
       {},
       [](auto z, const float*) {
         using T = decltype(z);
         return std::clamp((z + 1) / 2, T{0}, T{1});
       },
       [](auto z, const float*) {
         using T = decltype(z);
         return std::fabs(z) < 1 ? T{1} / 2 : T{0};
       },
       0,
       1,
       {-1, 1}},
      {"soft_shrink",
       Kind::kSoftShrink,
       {0.5F},
       soft_shrink,
       shrink_slope,
       -kInfinity,
       kInfinity,
       {-0.5F, 0.5F}},
      {"soft_shrink",
       Kind::kSoftShrink,
       {0.1F},
       soft_shrink,
       shrink_slope,
       -kInfinity,
       kInfinity,
       {-0.1F, 0.1F}},
      {"hard_shrink",
       Kind::kHardShrink,
       {0.5F},
       hard_shrink,
       shrink_slope,
       -kInfinity,
       kInfinity,
       {-0.5F, 0.5F}},
      {"tanh_shrink",
       Kind::kTanhShrink,
       {},
       [](auto z, const float*) {
         using T = decltype(z);
         return std::fabs(z) < T{0.1} ? TanhShrinkSeries(z) : z - std::tanh(z);
       },
       [](auto z, const float*) { return std::tanh(z) * std::tanh(z); },
       -kInfinity,
       kInfinity,
       {-1, 1}},
  };
}

std::vector<Reference> MakeStepsAndRamps() {
  const auto softplus = [](auto z, const float* p) {
    using T = decltype(z);
    const T beta = p[0];
    return beta * z > p[1] ? z : LogOnePlusExp(beta * z) / beta;
  };
  const auto softplus_slope = [](auto z, const float* p) {
    using T = decltype(z);
    const T x = T{p[0]} * z;
    return x > p[1] ? T{1} : Sigmoid(x);
  };
  const auto squareplus = [](auto z, const float* p) {
    using T = decltype(z);
    const T root = std::sqrt(z * z + T{p[0]});
    // The definition is (z + root) / 2. Where that cancels, it is rationalised with the conjugate.
    if (z < 0) return T{p[0]} / (2 * (root - z));
    return (z + root) / 2;
  };
  const auto squareplus_slope = [](auto z, const float* p) {
    using T = decltype(z);
    const T root = std::sqrt(z * z + T{p[0]});
    if (root == 0) return T{0};
    return z < 0 ? T{p[0]} / (2 * root * (root - z)) : (1 + z / root) / 2;
  };
  using Kind = ActivationKind;
  return {
      {"sigmoid",
       Kind::kSigmoid,
       {},
       [](auto z, const float*) { return Sigmoid(z); },
       [](auto z, const float*) { return Sigmoid(z) * Sigmoid(-z); },
       0,
       1},
      {"tanh",
       Kind::kTanh,
       {},
       [](auto z, const float*) { return std::tanh(z); },
       [](auto z, const float*) { return Sech2(z); },
       -1,
       1},
      {"softsign",
       Kind::kSoftsign,
       {},
       [](auto z, const float*) { return z / (1 + std::fabs(z)); },
       [](auto z, const float*) { return 1 / ((1 + std::fabs(z)) * (1 + std::fabs(z))); },
       -1,
       1},
      {"softplus", Kind::kSoftplus, {1, 20}, softplus, softplus_slope, 0, kInfinity, {20}},
      {"softplus", Kind::kSoftplus, {1, kInfinity}, softplus, softplus_slope, 0, kInfinity},
      {"softplus",
       Kind::kSoftplus,
       {0.3F, 5},
       softplus,
       softplus_slope,
       0,
       kInfinity,
       {5 / 0.3F, -300, -340}},
      {"softplus",
       Kind::kSoftplus,
       {7.1F, 20},
       softplus,
       softplus_slope,
       0,
       kInfinity,
       {20 / 7.1F, -12, -14}},
      {"log_sigmoid",
       Kind::kLogSigmoid,
       {},
       [](auto z, const float*) { return -LogOnePlusExp(-z); },
       [](auto z, const float*) { return Sigmoid(-z); },
       -kInfinity,
       0},
      {"squareplus", Kind::kSquareplus, {4}, squareplus, squareplus_slope, 0, kInfinity},
      {"squareplus", Kind::kSquareplus, {0.2F}, squareplus, squareplus_slope, 0, kInfinity},
      {"squareplus", Kind::kSquareplus, {1e-30F}, squareplus, squareplus_slope, 0, kInfinity},
      {"squareplus", Kind::kSquareplus, {1e-40F}, squareplus, squareplus_slope, 0, kInfinity},
      {"squareplus", Kind::kSquareplus, {1.4e-45F}, squareplus, squareplus_slope, 0, kInfinity},
      {"squareplus", Kind::kSquareplus, {0}, squareplus, squareplus_slope, 0, kInfinity, {0}},
  };
}

std::vector<Reference> MakeExponentials() {
  const auto elu = [](auto z, const float* p) { return z > 0 ? z : p[0] * std::expm1(z); };
  const auto elu_slope = [](auto z, const float* p) {
    return z > 0 ? decltype(z){1} : p[0] * std::exp(z);
  };
  const auto selu = [](auto z, const float* p) {
    using T = decltype(z);
    return T{p[1]} * (z > 0 ? z : p[0] * std::expm1(z));
  };
  const auto selu_slope = [](auto z, const float* p) {
    using T = decltype(z);
    return T{p[1]} * (z > 0 ? T{1} : p[0] * std::exp(z));
  };
  const auto celu = [](auto z, const float* p) {
    using T = decltype(z);
    return z > 0 ? z : T{p[0]} * std::expm1(z / T{p[0]});
  };
  const auto celu_slope = [](auto z, const float* p) {
    using T = decltype(z);
    return z > 0 ? T{1} : std::exp(z / T{p[0]});
  };
  using Kind = ActivationKind;
  return {
      {"elu", Kind::kElu, {1}, elu, elu_slope, -1, kInfinity, {0}},
      {"elu", Kind::kElu, {0.3F}, elu, elu_slope, -0.3F, kInfinity, {0}},
      {"selu",
       Kind::kSelu,
       {1.67326324F, 1.05070098F},
       selu,
       selu_slope,
       -1.75809932F,
       kInfinity,
       {0}},
      {"celu", Kind::kCelu, {1}, celu, celu_slope, -1, kInfinity, {0}},
      {"celu", Kind::kCelu, {0.07F}, celu, celu_slope, -0.07F, kInfinity, {0}},
      {"celu", Kind::kCelu, {130}, celu, celu_slope, -130, kInfinity, {0}},
      {"exponential",
       Kind::kExponential,
       {},
       [](auto z, const float*) { return std::exp(z); },
       [](auto z, const float*) { return std::exp(z); },
       0,
       kInfinity,
       {88.72F, -87.4F, -103.5F}},
  };
}

std::vector<Reference> MakeGates() {
  const auto swish = [](auto z, const float* p) {
    using T = decltype(z);
    return z * Sigmoid(T{p[0]} * z);
  };
  const auto swish_slope = [](auto z, const float* p) {
    using T = decltype(z);
    return GatedSlope(z, T{p[0]} * z, T{p[0]});
  };
  using Kind = ActivationKind;
  return {
      {"silu",
       Kind::kSilu,
       {},
       [](auto z, const float*) { return z * Sigmoid(z); },
       [](auto z, const float*) { return GatedSlope(z, z, decltype(z){1}); },
       0,
       kInfinity,
       {-90, -100, -107}},
      {"swish", Kind::kSwish, {1}, swish, swish_slope, 0, kInfinity, {-90, -100, -107}},
      {"swish", Kind::kSwish, {1.702F}, swish, swish_slope, 0, kInfinity, {-55, -60, -63}},
      {"swish", Kind::kSwish, {0.013F}, swish, swish_slope, 0, kInfinity, {-7000, -8000}},
      {"swish", Kind::kSwish, {-0.5F}, swish, swish_slope, -kInfinity, 0, {180, 200}},
      {"gelu",
       Kind::kGelu,
       {},
       [](auto z, const float*) { return z * NormalDistribution(z); },
       [](auto z, const float*) { return NormalDistribution(z) + z * NormalDensity(z); },
       0,
       kInfinity,
       {-13, -14, -14.3F}},
      {"gelu_tanh",
       Kind::kGeluTanh,
       {},
       [](auto z, const float*) { return z * Sigmoid(2 * TanhArgument(z)); },
       [](auto z, const float*) {
         using T = decltype(z);
         const T x_slope =
             2 * std::sqrt(2 / std::acos(T{-1})) * (1 + 3 * T{44715} / 1000000 * z * z);
         return GatedSlope(z, 2 * TanhArgument(z), x_slope);
       },
       0,
       kInfinity,
       {-9, -10, -10.5F}},
      {"mish",
       Kind::kMish,
       {},
       [](auto z, const float*) { return z * std::tanh(LogOnePlusExp(z)); },
       [](auto z, const float*) {
         return std::tanh(LogOnePlusExp(z)) + z * Sigmoid(z) * Sech2(LogOnePlusExp(z));
       },
       0,
       kInfinity,
       {-90, -100, -107}},
      {"sine",
       Kind::kSine,
       {},
       [](auto z, const float*) { return std::sin(z); },
       [](auto z, const float*) { return std::cos(z); },
       std::numeric_limits<float>::quiet_NaN(),
       std::numeric_limits<float>::quiet_NaN(),
       {3.14159274F, -6.28318548F, 47123.8906F, 117435.992F}},
  };
}

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

std::string Reference::Label() const {
  std::string label = name;
  for (const float parameter : parameters) absl::StrAppend(&label, "_", parameter);
  return absl::StrReplaceAll(label, {{"-", "minus_"}, {".", "_"}, {"+", ""}});
}

void PrintTo(const Reference& reference, std::ostream* out) { *out << reference.Label(); }

const std::vector<Reference>& ElementwiseReferences() {
  static const auto* const references = [] {
    auto* all = new std::vector<Reference>;
    for (const auto& family : {MakeRectifiers(), MakeClippedAndShrinks(), MakeStepsAndRamps(),
                               MakeExponentials(), MakeGates()}) {
      all->insert(all->end(), family.begin(), family.end());
    }
    return all;
  }();
  return *references;
}

double UlpError(float value, double exact) { return UlpErrorOf(value, exact); }
double UlpError(float value, long double exact) { return UlpErrorOf(value, exact); }

std::vector<float> SampleOfFloats(std::int64_t count, const std::vector<float>& around) {
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
