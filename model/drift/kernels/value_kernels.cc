// Compiled once for each instruction set. MLP_KERNEL_NAMESPACE and Eigen are macros that give each
// object's symbols distinct names (cmake/KernelObjects.cmake). Include only headers whose inline
// functions are in those namespaces; tests/model/check_kernel_symbols.sh checks this.

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
// Packets of values that are processed together over all rows. Their sums stay in registers.
constexpr int kTogether = kFloats == 16 ? 4 : 2;
constexpr float kLargest = __FLT_MAX__;

MLP_INLINE Packet ZeroWhereNan(Packet x) {
#if defined(EIGEN_VECTORIZE_AVX512)
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, x, _CMP_ORD_Q), x);
#else
  return pand<Packet>(pcmp_eq<Packet>(x, x), x);
#endif
}

// The first `count` floats, padded with zeros.
MLP_INLINE Packet LoadFirst(const float* from, std::int64_t count) {
  float buffer[kFloats] = {};
  for (std::int64_t i = 0; i < count; ++i) buffer[i] = from[i];
  return ploadu<Packet>(buffer);
}

MLP_INLINE void AddFloats(Packet floats, std::int64_t first, std::int64_t end, double* totals) {
  float buffer[kFloats];
  pstoreu<float>(buffer, floats);
  if (first == 0 && end == kFloats) {
    for (int i = 0; i < kFloats; ++i) totals[i] += static_cast<double>(buffer[i]);
    return;
  }
  for (std::int64_t i = first; i < end; ++i) totals[i] += static_cast<double>(buffer[i]);
}

// Adds kPackets packets of values, from x on. Values before `first` and from `end` on are left out
// of the sums.
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
      const Packet c = Clamp<Packet>(ZeroWhereNan(deviations), Set<Packet>(-kMaxDeviations),
                                     Set<Packet>(kMaxDeviations));
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
    // The last packet of the row; its first values have already been added.
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
    const float* row_values = x + row * stride;
    bool inside = true;
    std::int64_t at = 0;
    for (; at + kFloats <= values; at += kFloats) {
      const Packet value = ploadu<Packet>(row_values + at);
      inside &= AllAtMost(least, value);
      inside &= AllAtMost(value, most);
    }
    for (; at < values; ++at) inside &= row_values[at] >= minimum && row_values[at] <= maximum;
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

// The rows of a matrix without gaps between them, packet by packet.
class PacketsOfRows {
 public:
  PacketsOfRows(const float* x, std::int64_t rows, std::int64_t width)
      : end_(x + rows * width), width_(width) {
    const Packet places = Eigen::internal::plset<Packet>(0.0F);
    in_last_ = pcmp_lt<Packet>(places, Set<Packet>(static_cast<float>(width % kFloats)));
  }

  // Calls function(packet) over a row; the last packet is padded with `filling`.
  template <typename Function>
  MLP_INLINE void Over(const float* row, float filling, const Function& function) const {
    std::int64_t at = 0;
    for (; at + kFloats <= width_; at += kFloats) function(ploadu<Packet>(row + at));
    if (at == width_) return;
    // Reads into the next rows if they have enough values, and otherwise a copy.
    const Packet last =
        end_ - row >= at + kFloats ? ploadu<Packet>(row + at) : LoadFirst(row + at, width_ - at);
    function(pselect<Packet>(in_last_, last, Set<Packet>(filling)));
  }

 private:
  const float* end_;
  std::int64_t width_;
  Packet in_last_;  // all bits set for those values of the last packet that belong to the row
};

// The position of the first value equal to `greatest`; an unspecified number if there is none, e.g.
// for a NaN.
MLP_INLINE std::int64_t PlaceOf(float greatest, const float* row, std::int64_t count,
                                const PacketsOfRows& packets) {
  if (count <= kFloats) {
    // Without branches that depend on the values: a CPU could not predict them.
    Packet place = Set<Packet>(0.0F);
    packets.Over(row, -kInfinity, [&](Packet values) {
      const Packet is_greatest = pcmp_le<Packet>(Set<Packet>(greatest), values);
      place = pselect<Packet>(is_greatest, Eigen::internal::plset<Packet>(0.0F),
                              Set<Packet>(static_cast<float>(kFloats)));
    });
    return static_cast<std::int64_t>(Eigen::internal::predux_min(place));
  }
  std::int64_t place = 0;
  while (place < count && !(row[place] >= greatest)) ++place;
  return place;
}

template <bool kAreLogits>
[[gnu::flatten]] void Scores(const float* x, std::int64_t rows, std::int64_t classes,
                             RowScores* scores) {
  const Packet zero = Set<Packet>(0.0F);
  const PacketsOfRows packets(x, rows, classes);
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* row_values = x + row * classes;
    Packet greatest = Set<Packet>(row_values[0]);
    if (kAreLogits) {
      packets.Over(row_values, row_values[0],
                   [&](Packet z) { greatest = pmax<Packet>(greatest, z); });
      scores[row].greatest = Eigen::internal::predux_max(greatest);
    }
    const Packet most = Set<Packet>(scores[row].greatest);
    Packet sum = zero;
    Packet weighed = zero;
    packets.Over(row_values, kAreLogits ? -kInfinity : 0.0F, [&](Packet value) {
      if constexpr (kAreLogits) {
        // Terms below -80 add nothing. A NaN goes into `weighed`.
        const Packet below = psub<Packet>(value, most);
        const Packet some = pmax<Packet>(below, Set<Packet>(-80.0F));
        const Packet likely =
            pand<Packet>(pcmp_lt<Packet>(Set<Packet>(-80.0F), below), Eigen::internal::pexp(some));
        sum = padd<Packet>(sum, likely);
        weighed = pmadd<Packet>(likely, some, weighed);
      } else {
        greatest = pmax<Packet>(greatest, value);
        sum = padd<Packet>(sum, value);
        // The smallest normal number replaces 0: times p = 0, its logarithm adds nothing.
        const Packet positive = pmax<Packet>(value, Set<Packet>(__FLT_MIN__));
        weighed =
            pmadd<Packet>(pmax<Packet>(value, zero), Eigen::internal::plog(positive), weighed);
      }
    });
    if (!kAreLogits) scores[row].greatest = Eigen::internal::predux_max(greatest);
    scores[row].sum = Eigen::internal::predux(sum);
    scores[row].weighed = Eigen::internal::predux(weighed);
    scores[row].predicted = PlaceOf(scores[row].greatest, row_values, classes, packets);
  }
}

}  // namespace

template <>
const ValueKernel& CompiledKernels<ValueKernel>() {
  static constexpr ValueKernel kKernel = {Add, FindOutside, Faults, Scores<false>, Scores<true>};
  return kKernel;
}

}  // namespace mlp::MLP_KERNEL_NAMESPACE
