// The activations of a whole row of units.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_ROWS_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_ROWS_H_

#ifndef MLP_KERNEL_NAMESPACE
// The registry's half.

#include "model/activations/registry_entry.h"

namespace mlp::internal {

inline constexpr ActivationInfo kRowFunctions[] = {
    {.kind = ActivationKind::kSoftmax,
     .elementwise = false,
     .name = "softmax",
     .formula = "e^z / sum(e^z) over the units of a row",
     .source = "Bridle 1990",
     .names = {"Softmax", "softmax", "Softmax", "softmax"},
     .bounds = {0.0, 1.0},
     .onnx = AsOnnxOperator("Softmax")},
    {.kind = ActivationKind::kLogSoftmax,
     .elementwise = false,
     .name = "log_softmax",
     .formula = "z - log(sum(e^z)) over the units of a row",
     .source = "ONNX operator LogSoftmax",
     .names = {"LogSoftmax", "log_softmax", "LogSoftmax", ""},
     .onnx = AsOnnxOperator("LogSoftmax")},
    {.kind = ActivationKind::kSparsemax,
     .elementwise = false,
     .name = "sparsemax",
     .formula = "max(z - tau, 0) with tau such that the row's sum is 1",
     .source = "Martins and Astudillo 2016",
     .names = {"", "sparsemax", "", ""},
     .bounds = {0.0, 1.0},
     .onnx = NotInOnnx("no operator computes it")},
    {.kind = ActivationKind::kHardmax,
     .elementwise = false,
     .name = "hardmax",
     .formula = "1 for the first of the row's greatest units, 0 for the others",
     .source = "ONNX operator Hardmax",
     .names = {"", "", "Hardmax", ""},
     .bounds = {0.0, 1.0},
     .onnx = AsOnnxOperator("Hardmax")},
    // The GLU family: 2 n units give n values, the first half, a, times a function of the second
    // half, b.
    {.kind = ActivationKind::kGlu,
     .elementwise = false,
     .name = "glu",
     .formula = "a sigmoid(b)",
     .source = "Dauphin et al. 2017",
     .names = {"GLU", "glu", "", ""},
     .units_per_output = 2,
     .onnx = NotInOnnx("it would have to split a row into its two halves")},
    {.kind = ActivationKind::kReglu,
     .elementwise = false,
     .name = "reglu",
     .formula = "a relu(b)",
     .source = "Shazeer 2020",
     .units_per_output = 2,
     .onnx = NotInOnnx("it would have to split a row into its two halves")},
    {.kind = ActivationKind::kGeglu,
     .elementwise = false,
     .name = "geglu",
     .formula = "a gelu(b)",
     .source = "Shazeer 2020",
     .units_per_output = 2,
     .onnx = NotInOnnx("it would have to split a row into its two halves")},
    {.kind = ActivationKind::kSwiglu,
     .elementwise = false,
     .name = "swiglu",
     .formula = "a silu(b)",
     .source = "Shazeer 2020",
     .units_per_output = 2,
     .onnx = NotInOnnx("it would have to split a row into its two halves")},
    {.kind = ActivationKind::kBilinear,
     .elementwise = false,
     .name = "bilinear",
     .formula = "a b",
     .source = "Shazeer 2020",
     .units_per_output = 2,
     .onnx = NotInOnnx("it would have to split a row into its two halves")},
};

}  // namespace mlp::internal

#else
// The kernels' half, compiled for each instruction set.

#include <math.h>

#include "model/activations/families/gates.h"
#include "model/activations/families/gelus.h"
#include "model/activations/families/rectifiers.h"
#include "model/activations/families/steps.h"
#include "model/activations/functions/exponential.h"
#include "model/activations/functions/packet_form.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

inline constexpr std::int64_t kPacketSize = Eigen::internal::unpacket_traits<Packet>::size;

// The first `count` < kPacketSize floats of a packet; the others are `filling`.
MLP_INLINE Packet LoadSome(const float* from, std::int64_t count, float filling) {
  float buffer[kPacketSize];
  for (std::int64_t i = 0; i < kPacketSize; ++i) buffer[i] = i < count ? from[i] : filling;
  return Eigen::internal::ploadu<Packet>(buffer);
}

MLP_INLINE void StoreSome(float* to, Packet packet, std::int64_t count) {
  float buffer[kPacketSize];
  Eigen::internal::pstoreu<float>(buffer, packet);
  for (std::int64_t i = 0; i < count; ++i) to[i] = buffer[i];
}

// Calls function(packet, offset, number of its floats in the row) for each packet of a row.
template <typename Function>
MLP_INLINE void ForEachPacket(const float* row, std::int64_t count, float filling,
                              const Function& function) {
  std::int64_t i = 0;
  for (; i + kPacketSize <= count; i += kPacketSize) {
    function(Eigen::internal::ploadu<Packet>(row + i), i, kPacketSize);
  }
  if (i < count) function(LoadSome(row + i, count - i, filling), i, count - i);
}

MLP_INLINE void StoreFirst(float* to, Packet packet, std::int64_t count) {
  if (count == kPacketSize) {
    Eigen::internal::pstoreu<float>(to, packet);
  } else {
    StoreSome(to, packet, count);
  }
}

// The greatest value; NaN if the row's first value is NaN. Other NaNs appear in the sums.
MLP_INLINE float RowMaximum(const float* row, std::int64_t count) {
  Packet greatest = Set<Packet>(row[0]);
  ForEachPacket(row, count, row[0], [&greatest](Packet z, std::int64_t, std::int64_t) {
    greatest = pmax<Packet>(greatest, z);
  });
  return Eigen::internal::predux_max(greatest);
}

// A sum of packets that keeps the rounding errors of its additions, so that its error does not grow
// with the number of terms.
struct CarefulSum {
  Packet high = Set<Packet>(0.0F);
  Packet low = Set<Packet>(0.0F);

  MLP_INLINE void Add(Packet term) {
    const DoubleFloat<Packet> sum = ExactSum<Packet>(high, term);
    high = sum.high;
    low = low + sum.low;
  }

  MLP_INLINE double Total() const {
    float highs[kPacketSize];
    float lows[kPacketSize];
    Eigen::internal::pstoreu<float>(highs, high);
    Eigen::internal::pstoreu<float>(lows, low);
    double total = 0.0;
    for (std::int64_t i = 0; i < kPacketSize; ++i) {
      total += static_cast<double>(highs[i]) + static_cast<double>(lows[i]);
    }
    return total;
  }
};

// 2^64 e^(z - maximum), scaled up so that exponentials whose results are denormal are not rounded
// twice. The rounding error of the difference is included, because it would show for large negative
// exponents.
MLP_INLINE Packet RaisedExp(Packet z, Packet maximum) {
  const Packet lowest = Set<Packet>(-120.0F);
  const DoubleFloat<Packet> x = ExactSum<Packet>(z, -maximum);
  // Not for clamped or infinite differences; for the latter, the error is NaN.
  const Packet low = pandnot<Packet>(x.low, pcmp_le<Packet>(x.high, lowest));
  const Scaled<Packet> e = ScaledExp<Packet>(pmax<Packet>(x.high, lowest), low);
  return e.mantissa *
         PowerOfTwo<Packet>(pmax<Packet>(e.exponent + Set<Packet>(64.0F), Set<Packet>(-126.0F)));
}

// e^(z - maximum) / (sum of e^(z - maximum) over the row).
MLP_INLINE void SoftmaxRow(const float* z, std::int64_t count, float* a) {
  const Packet maximum = Set<Packet>(RowMaximum(z, count));
  CarefulSum sum;
  // The filling is -infinity; its exponential is far below the last bit of any sum.
  ForEachPacket(z, count, -kInfinity, [&](Packet x, std::int64_t offset, std::int64_t size) {
    const Packet e = RaisedExp(x, maximum);
    sum.Add(e);
    StoreFirst(a + offset, e, size);
  });
  // 2^-64 / sum is a normal float for any row, because the sum is in [1, count].
  const Packet scale = Set<Packet>(static_cast<float>(1.0 / sum.Total()));
  ForEachPacket(a, count, 0.0F, [&](Packet e, std::int64_t offset, std::int64_t size) {
    StoreFirst(a + offset, e * scale, size);
  });
}
template <>
struct PacketForm<ActivationKind::kSoftmax> : OfRow<SoftmaxRow> {};

// (z - maximum) - log(sum of e^(z - maximum)). The maximum's terms, which are 1, are counted
// separately, so that the logarithm is accurate when all other terms are small.
MLP_INLINE void LogSoftmaxRow(const float* z, std::int64_t count, float* a) {
  const Packet maximum = Set<Packet>(RowMaximum(z, count));
  CarefulSum others;
  Packet greatest = Set<Packet>(0.0F);
  ForEachPacket(z, count, -kInfinity, [&](Packet x, std::int64_t, std::int64_t) {
    // Compares the difference: for an infinite maximum it is NaN, which then shows in the sum.
    const Packet is_greatest = pcmp_eq<Packet>(x - maximum, Set<Packet>(0.0F));
    greatest = greatest + pand<Packet>(is_greatest, Set<Packet>(1.0F));
    others.Add(pandnot<Packet>(RaisedExp(x, maximum), is_greatest));
  });
  const auto ties = static_cast<double>(Eigen::internal::predux(greatest));
  const double log = ::log1p((ties - 1.0) + others.Total() * 0x1p-64);
  const auto log_high = static_cast<float>(log);
  const Packet high = Set<Packet>(log_high);
  const Packet low = Set<Packet>(static_cast<float>(log - static_cast<double>(log_high)));
  ForEachPacket(z, count, 0.0F, [&](Packet x, std::int64_t offset, std::int64_t size) {
    const DoubleFloat<Packet> difference = ExactSum<Packet>(x, -maximum);
    // -infinity stays -infinity: its rounding error is NaN.
    const Packet rest =
        pandnot<Packet>(difference.low, pcmp_eq<Packet>(difference.high, Set<Packet>(-kInfinity)));
    StoreFirst(a + offset, (difference.high - high) + (rest - low), size);
  });
}
template <>
struct PacketForm<ActivationKind::kLogSoftmax> : OfRow<LogSoftmaxRow> {};

// max(z - tau, 0), with tau such that the sum is 1. Michelot's iteration: tau starts at 1 below the
// maximum, rises monotonically, and is final when no further unit drops out.
MLP_INLINE void SparsemaxRow(const float* z, std::int64_t count, float* a) {
  const double maximum = static_cast<double>(RowMaximum(z, count));
  double tau = -1.0;
  for (std::int64_t kept = 0, previously_kept = -1; kept != previously_kept;) {
    previously_kept = kept;
    kept = 0;
    double sum = -1.0;
    for (std::int64_t i = 0; i < count; ++i) {
      const double x = static_cast<double>(z[i]) - maximum;
      if (x <= tau) continue;  // written so that NaN goes into the sum
      sum += x;
      ++kept;
    }
    tau = sum / static_cast<double>(kept);
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const double x = (static_cast<double>(z[i]) - maximum) - tau;
    a[i] = x <= 0.0 ? 0.0F : static_cast<float>(x);
  }
}
template <>
struct PacketForm<ActivationKind::kSparsemax> : OfRow<SparsemaxRow> {};

// 1 for the first of the greatest values and 0 for the others; all NaN if any value is NaN.
MLP_INLINE void HardmaxRow(const float* z, std::int64_t count, float* a) {
  std::int64_t greatest = 0;
  bool has_nan = false;
  for (std::int64_t i = 0; i < count; ++i) {
    has_nan = has_nan || z[i] != z[i];
    if (z[i] > z[greatest]) greatest = i;
  }
  const float others = has_nan ? __builtin_nanf("") : 0.0F;
  for (std::int64_t i = 0; i < count; ++i) a[i] = others;
  if (!has_nan) a[greatest] = 1.0F;
}
template <>
struct PacketForm<ActivationKind::kHardmax> : OfRow<HardmaxRow> {};

// The first half of the row times a function of the second half.
template <template <typename> class Gate>
MLP_INLINE void GatedRow(const float* z, std::int64_t count, float* a) {
  const Gate<Packet> gate(nullptr);
  const std::int64_t half = count / 2;
  ForEachPacket(z, half, 0.0F, [&](Packet x, std::int64_t offset, std::int64_t size) {
    const float* gates = z + half + offset;
    const Packet g =
        size == kPacketSize ? Eigen::internal::ploadu<Packet>(gates) : LoadSome(gates, size, 0.0F);
    StoreFirst(a + offset, x * gate(g), size);
  });
}
template <>
struct PacketForm<ActivationKind::kGlu> : OfRow<GatedRow<Sigmoid> > {};
template <>
struct PacketForm<ActivationKind::kReglu> : OfRow<GatedRow<Relu> > {};
template <>
struct PacketForm<ActivationKind::kGeglu> : OfRow<GatedRow<Gelu> > {};
template <>
struct PacketForm<ActivationKind::kSwiglu> : OfRow<GatedRow<Silu> > {};
template <>
struct PacketForm<ActivationKind::kBilinear> : OfRow<GatedRow<Identity> > {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_KERNEL_NAMESPACE
#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_ROWS_H_
