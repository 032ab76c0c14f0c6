// Compiled once for each instruction set: MLP_KERNEL_NAMESPACE and Eigen are macros that give each
// object names of its own (cmake/KernelObjects.cmake). Only headers whose inline functions are in
// those namespaces may be included here; tests/model/check_kernel_symbols.sh looks.

#include "model/activations/functions/packet.h"
#include "model/cpu/kernel_dispatch.h"
#include "model/drift/kernels/value_kernel.h"

namespace mlp::MLP_KERNEL_NAMESPACE {
namespace {

using Eigen::internal::padd;
using Eigen::internal::ploadu;
using Eigen::internal::pmul;
using Eigen::internal::pstoreu;
using Eigen::internal::psub;

constexpr std::int64_t kFloats = Eigen::internal::unpacket_traits<Packet>::size;
// Packets of values that go over all rows together. Their sums stay in registers.
constexpr int kTogether = kFloats == 16 ? 4 : 2;
constexpr float kLargest = __FLT_MAX__;

MLP_INLINE Packet ZeroWhereNan(Packet x) {
#if defined(EIGEN_VECTORIZE_AVX512)
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, x, _CMP_ORD_Q), x);
#else
  return pand<Packet>(pcmp_eq<Packet>(x, x), x);
#endif
}

// The first `count` floats; the others are 0.
MLP_INLINE Packet LoadFirst(const float* from, std::int64_t count) {
  float buffer[kFloats] = {};
  for (std::int64_t i = 0; i < count; ++i) buffer[i] = from[i];
  return ploadu<Packet>(buffer);
}

void AddFloats(Packet floats, std::int64_t first, std::int64_t end, double* totals) {
  float buffer[kFloats];
  pstoreu<float>(buffer, floats);
  for (std::int64_t i = first; i < end; ++i) totals[i] += static_cast<double>(buffer[i]);
}

// kPackets packets of values from x on. Those in front of `first` and from `end` on are in no sum.
template <int kPackets, bool kWhole>
MLP_INLINE void AddPackets(const float* x, std::int64_t stride, std::int64_t rows,
                           std::int64_t first, std::int64_t end, const ReferenceView& bounds,
                           double* sums, double* squares, bool* outside) {
  const auto load = [end](const float* from) __attribute__((always_inline)) {
    return kWhole ? ploadu<Packet>(from) : LoadFirst(from, end);
  };
  Packet center[kPackets];
  Packet inverse_scale[kPackets];
  Packet minimum[kPackets];
  Packet maximum[kPackets];
  Packet sum[kPackets];
  Packet square[kPackets];
  for (int i = 0; i < kPackets; ++i) {
    center[i] = load(bounds.center + i * kFloats);
    inverse_scale[i] = load(bounds.inverse_scale + i * kFloats);
    minimum[i] = load(bounds.minimum + i * kFloats);
    maximum[i] = load(bounds.maximum + i * kFloats);
    sum[i] = square[i] = Set<Packet>(0.0F);
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    bool inside = true;
    for (int i = 0; i < kPackets; ++i) {
      const Packet value = load(x + row * stride + i * kFloats);
      inside &= AllAtMost(minimum[i], value);
      inside &= AllAtMost(value, maximum[i]);
      const Packet deviations = pmul<Packet>(psub<Packet>(value, center[i]), inverse_scale[i]);
      const Packet c = Clamp<Packet>(ZeroWhereNan(deviations), Set<Packet>(-kMostDeviations),
                                     Set<Packet>(kMostDeviations));
      sum[i] = padd<Packet>(sum[i], c);
      square[i] = pmadd<Packet>(c, c, square[i]);
    }
    outside[row] |= !inside;
  }
  for (int i = 0; i < kPackets; ++i) {
    const std::int64_t last = kPackets == 1 ? end : kFloats;
    AddFloats(sum[i], first, last, sums + i * kFloats);
    AddFloats(square[i], first, last, squares + i * kFloats);
  }
}

void Add(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t values,
         const ReferenceView& bounds, double* sums, double* squares, bool* outside) {
  const auto add = [&]<int kPackets, bool kWhole>(std::int64_t at, std::int64_t first,
                                                  std::int64_t end) __attribute__((always_inline)) {
    const ReferenceView from = {bounds.center + at, bounds.inverse_scale + at, bounds.minimum + at,
                                bounds.maximum + at};
    AddPackets<kPackets, kWhole>(x + at, stride, rows, first, end, from, sums + at, squares + at,
                                 outside);
  };
  std::int64_t at = 0;
  for (; at + kTogether * kFloats <= values; at += kTogether * kFloats) {
    add.template operator()<kTogether, true>(at, 0, kFloats);
  }
  for (; at + kFloats <= values; at += kFloats) add.template operator()<1, true>(at, 0, kFloats);
  const std::int64_t left = values - at;
  if (left == 0) return;
  if (values > kFloats) {
    // The last packet of the row, whose first values have been added.
    add.template operator()<1, true>(values - kFloats, kFloats - left, kFloats);
  } else {
    add.template operator()<1, false>(at, 0, left);
  }
}

void FindOutside(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t values,
                 float minimum, float maximum, bool* outside) {
  const Packet least = Set<Packet>(minimum);
  const Packet most = Set<Packet>(maximum);
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* its = x + row * stride;
    bool inside = true;
    std::int64_t at = 0;
    for (; at + kFloats <= values; at += kFloats) {
      const Packet value = ploadu<Packet>(its + at);
      inside &= AllAtMost(least, value);
      inside &= AllAtMost(value, most);
    }
    for (; at < values; ++at) inside &= its[at] >= minimum && its[at] <= maximum;
    outside[row] |= !inside;
  }
}

unsigned Faults(const float* x, std::int64_t values, const float* minimum, const float* maximum) {
  unsigned missing = 0;
  unsigned infinite = 0;
  for (std::int64_t i = 0; i < values; ++i) {
    missing |= static_cast<unsigned>(x[i] != x[i]);
    infinite |= static_cast<unsigned>(__builtin_fabsf(x[i]) > kLargest);
  }
  unsigned out_of_range = 0;
  for (std::int64_t i = 0; minimum != nullptr && i < values; ++i) {
    out_of_range |=
        static_cast<unsigned>(x[i] < minimum[i]) | static_cast<unsigned>(x[i] > maximum[i]);
  }
  return out_of_range * kHasOutOfRange | missing * kHasMissing | infinite * kHasInfinity;
}

}  // namespace

template <>
const ValueKernel& CompiledKernels<ValueKernel>() {
  static constexpr ValueKernel kKernel = {Add, FindOutside, Faults};
  return kKernel;
}

}  // namespace mlp::MLP_KERNEL_NAMESPACE
