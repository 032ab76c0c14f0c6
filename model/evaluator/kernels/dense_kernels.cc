// Compiled once for each instruction set: MLP_KERNEL_NAMESPACE and Eigen are macros that give each
// object names of its own (cmake/KernelObjects.cmake). Only headers whose inline functions are in
// those namespaces may be included here; tests/model/check_kernel_symbols.sh looks.

#include "model/activations/functions/packet.h"
#include "model/evaluator/kernels/dense_kernel.h"

namespace mlp::MLP_KERNEL_NAMESPACE {
namespace {

using Eigen::internal::padd;
using Eigen::internal::pload;
using Eigen::internal::ploadu;
using Eigen::internal::pset1;
using Eigen::internal::pstoreu;

// Wide enough for what they are multiplied with to be an offset.
constexpr std::int64_t kPacketFloats = Eigen::internal::unpacket_traits<Packet>::size;
constexpr std::int64_t kPanelUnits = 2 * kPacketFloats;

// Two accumulators for each row, two packets of weights and one of an input: with 12 rows 27 of
// AVX-512's 32 registers, with 6 rows 15 of the 16 that AVX2 and SSE2 have.
constexpr int kTileRows = kPacketFloats == 16 ? 12 : 6;
static_assert(kPanelUnits <= kMostPanelUnits && kTileRows <= kMostTileRows);

// Eight independent chains keep two multiply-adders of four cycles busy.
constexpr int PanelsTogether(int rows) {
  if (rows == 1) return 4;
  return rows <= 3 ? 2 : 1;
}

// A row's address is one of every third row's with a multiple of the stride, as x86's addressing
// has it: twelve pointers would not fit into its registers.
template <int kRow>
MLP_INLINE const float* RowOf(const float* const* every_third, std::int64_t stride) {
  return every_third[kRow / 3] + (kRow % 3) * stride;
}

template <int kRow, int kRows, int kPanels>
MLP_INLINE void MultiplyAdd(const float* const* every_third, std::int64_t stride,
                            const Packet (&weights)[kPanels][2],
                            Packet (&sums)[kRows][kPanels][2]) {
  if constexpr (kRow < kRows) {
    const Packet x = pset1<Packet>(*RowOf<kRow>(every_third, stride));
#pragma GCC unroll 8
    for (int panel = 0; panel < kPanels; ++panel) {
      sums[kRow][panel][0] = pmadd(x, weights[panel][0], sums[kRow][panel][0]);
      sums[kRow][panel][1] = pmadd(x, weights[panel][1], sums[kRow][panel][1]);
    }
    MultiplyAdd<kRow + 1, kRows, kPanels>(every_third, stride, weights, sums);
  }
}

template <int kRows, int kPanels>
void MultiplyTile(const float* x, std::int64_t x_stride, const float* panel, const float* bias,
                  std::int64_t inputs, float* z) {
  Packet sums[kRows][kPanels][2];
#pragma GCC unroll 16
  for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
      sums[row][p][0] = sums[row][p][1] = pset1<Packet>(0.0F);
    }
  }
  const float* every_third[(kRows + 2) / 3];
#pragma GCC unroll 8
  for (int i = 0; i < (kRows + 2) / 3; ++i) every_third[i] = x + 3 * (i * x_stride);

  const std::int64_t panel_stride = inputs * kPanelUnits;
  for (std::int64_t input = 0; input < inputs; ++input) {
    Packet weights[kPanels][2];
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
      weights[p][0] = pload<Packet>(panel + p * panel_stride);
      weights[p][1] = pload<Packet>(panel + p * panel_stride + kPacketFloats);
    }
    MultiplyAdd<0, kRows, kPanels>(every_third, x_stride, weights, sums);
    panel += kPanelUnits;
#pragma GCC unroll 8
    for (int i = 0; i < (kRows + 2) / 3; ++i) ++every_third[i];
  }

#pragma GCC unroll 8
  for (int p = 0; p < kPanels; ++p) {
    const Packet bias_0 = pload<Packet>(bias + p * kPanelUnits);
    const Packet bias_1 = pload<Packet>(bias + p * kPanelUnits + kPacketFloats);
    float* tile = z + p * (kRows * kPanelUnits);
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row) {
      pstoreu(tile + row * kPanelUnits, padd(sums[row][p][0], bias_0));
      pstoreu(tile + row * kPanelUnits + kPacketFloats, padd(sums[row][p][1], bias_1));
    }
  }
}

using MultiplyFunction = void (*)(const float* x, std::int64_t x_stride, const float* panel,
                                  const float* bias, std::int64_t inputs, float* z);

void Multiply(const float* x, std::int64_t x_stride, int rows, const float* panel,
              const float* bias, int panels, std::int64_t inputs, float* z) {
  constexpr MultiplyFunction kTogether[] = {MultiplyTile<1, PanelsTogether(1)>,
                                            MultiplyTile<2, PanelsTogether(2)>,
                                            MultiplyTile<3, PanelsTogether(3)>};
  constexpr MultiplyFunction kOne[] = {
    MultiplyTile<1, 1>,
    MultiplyTile<2, 1>,
    MultiplyTile<3, 1>,
    MultiplyTile<4, 1>,
    MultiplyTile<5, 1>,
    MultiplyTile<6, 1>,
#if defined(EIGEN_VECTORIZE_AVX512)
    MultiplyTile<7, 1>,
    MultiplyTile<8, 1>,
    MultiplyTile<9, 1>,
    MultiplyTile<10, 1>,
    MultiplyTile<11, 1>,
    MultiplyTile<12, 1>,
#endif
  };
  static_assert(sizeof(kOne) / sizeof(kOne[0]) == kTileRows);
  (panels == 1 ? kOne : kTogether)[rows - 1](x, x_stride, panel, bias, inputs, z);
}

[[gnu::flatten]] bool Count(const float* z, const float* a, const float* slopes, int rows,
                            const float* lower, const float* upper, TileSums& sums) {
  const Packet one = pset1<Packet>(1.0F);
  const Packet greatest = pset1<Packet>(kGreatestSummed);
  bool left_out = false;
#pragma GCC unroll 2
  for (std::int64_t half = 0; half < kPanelUnits; half += kPacketFloats) {
    const Packet lower_bound = ploadu<Packet>(lower + half);
    const Packet upper_bound = ploadu<Packet>(upper + half);
    Packet lower_tail = pload<Packet>(sums.lower_tail + half);
    Packet upper_tail = pload<Packet>(sums.upper_tail + half);
    Packet value_sum = pload<Packet>(sums.values + half);
    Packet square_sum = pload<Packet>(sums.squares + half);
    Packet slope_sum = pload<Packet>(sums.slopes + half);
    Packet all_summed = pcmp_eq(one, one);
    for (int row = 0; row < rows; ++row) {
      const std::int64_t offset = row * kPanelUnits + half;
      const Packet pre_activation = ploadu<Packet>(z + offset);
      lower_tail = padd(lower_tail, pand(pcmp_le(pre_activation, lower_bound), one));
      upper_tail = padd(upper_tail, pand(pcmp_le(upper_bound, pre_activation), one));
      const Packet activation = ploadu<Packet>(a + offset);
      const Packet summed = pcmp_le(pabs(activation), greatest);
      all_summed = pand(all_summed, summed);
      const Packet value = pand(summed, activation);
      value_sum = padd(value_sum, value);
      square_sum = pmadd(value, value, square_sum);
      slope_sum = padd(slope_sum, pand(summed, ploadu<Packet>(slopes + offset)));
    }
    pstoreu(sums.lower_tail + half, lower_tail);
    pstoreu(sums.upper_tail + half, upper_tail);
    pstoreu(sums.values + half, value_sum);
    pstoreu(sums.squares + half, square_sum);
    pstoreu(sums.slopes + half, slope_sum);
    left_out |= Eigen::internal::predux_min(pand(all_summed, one)) == 0.0F;
  }
  return left_out;
}

}  // namespace

const DenseKernel& DenseKernelOf() {
  static constexpr DenseKernel kKernel = {
      static_cast<int>(kPanelUnits),
      kTileRows,
      {PanelsTogether(1), PanelsTogether(2), PanelsTogether(3), 1, 1, 1, 1, 1, 1, 1, 1, 1},
      Multiply,
      Count};
  return kKernel;
}

}  // namespace mlp::MLP_KERNEL_NAMESPACE
