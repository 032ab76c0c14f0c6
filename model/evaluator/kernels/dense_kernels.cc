// Compiled once for each instruction set: MLP_KERNEL_NAMESPACE and Eigen are macros that give each
// object names of its own (cmake/KernelObjects.cmake). Only headers whose inline functions are in
// those namespaces may be included here; tests/model/check_kernel_symbols.sh looks.

#include <array>
#include <utility>

#include "model/activations/functions/packet.h"
#include "model/evaluator/kernels/dense_kernel.h"

namespace mlp::MLP_KERNEL_NAMESPACE {
namespace {

using Eigen::internal::padd;
using Eigen::internal::pload;
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

template <int kRow, int kRows, int kPackets>
MLP_INLINE void MultiplyAdd(const float* const* every_third, std::int64_t stride,
                            const Packet (&weights)[kPackets], Packet (&sums)[kRows][kPackets]) {
  if constexpr (kRow < kRows) {
    const Packet x = pset1<Packet>(*RowOf<kRow>(every_third, stride));
#pragma GCC unroll 8
    for (int i = 0; i < kPackets; ++i) sums[kRow][i] = pmadd(x, weights[i], sums[kRow][i]);
    MultiplyAdd<kRow + 1, kRows, kPackets>(every_third, stride, weights, sums);
  }
}

// With kPanels panels of kWidth packets each.
template <int kRows, int kPanels, int kWidth>
void MultiplyTile(const float* x, std::int64_t x_stride, const float* panel, const float* bias,
                  std::int64_t inputs, float* z) {
  constexpr int kPackets = kPanels * kWidth;
  constexpr std::int64_t kUnits = kWidth * kPacketFloats;
  Packet sums[kRows][kPackets];
#pragma GCC unroll 16
  for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
    for (int i = 0; i < kPackets; ++i) sums[row][i] = pset1<Packet>(0.0F);
  }
  const float* every_third[(kRows + 2) / 3];
#pragma GCC unroll 8
  for (int i = 0; i < (kRows + 2) / 3; ++i) every_third[i] = x + 3 * (i * x_stride);

  const std::int64_t panel_stride = inputs * kUnits;
  for (std::int64_t input = 0; input < inputs; ++input) {
    Packet weights[kPackets];
#pragma GCC unroll 8
    for (int i = 0; i < kPackets; ++i) {
      weights[i] = pload<Packet>(panel + i / kWidth * panel_stride + i % kWidth * kPacketFloats);
    }
    MultiplyAdd<0, kRows, kPackets>(every_third, x_stride, weights, sums);
    panel += kUnits;
#pragma GCC unroll 8
    for (int i = 0; i < (kRows + 2) / 3; ++i) ++every_third[i];
  }

#pragma GCC unroll 8
  for (int i = 0; i < kPackets; ++i) {
    const Packet its_bias = pload<Packet>(bias + i * kPacketFloats);
    float* tile = z + i / kWidth * (kRows * kUnits) + i % kWidth * kPacketFloats;
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row)
      pstoreu(tile + row * kUnits, padd(sums[row][i], its_bias));
  }
}

using MultiplyFunction = void (*)(const float* x, std::int64_t x_stride, const float* panel,
                                  const float* bias, std::int64_t inputs, float* z);

// One for each number of rows, from 1 on.
template <int kWidth, int... kRowsBefore>
constexpr std::array<MultiplyFunction, sizeof...(kRowsBefore)> WithOnePanel(
    std::integer_sequence<int, kRowsBefore...> /*rows*/) {
  return {MultiplyTile<kRowsBefore + 1, 1, kWidth>...};
}

template <int... kRowsBefore>
constexpr std::array<MultiplyFunction, sizeof...(kRowsBefore)> WithPanelsTogether(
    std::integer_sequence<int, kRowsBefore...> /*rows*/) {
  return {MultiplyTile<kRowsBefore + 1, PanelsTogether(kRowsBefore + 1), 2>...};
}

void Multiply(const float* x, std::int64_t x_stride, int rows, const float* panel,
              const float* bias, int units, std::int64_t inputs, float* z) {
  constexpr std::make_integer_sequence<int, kTileRows> kRows;
  constexpr auto kNarrow = WithOnePanel<1>(kRows);
  constexpr auto kOne = WithOnePanel<2>(kRows);
  constexpr auto kTogether = WithPanelsTogether(kRows);
  const auto& functions = units < kPanelUnits ? kNarrow : units == kPanelUnits ? kOne : kTogether;
  functions[static_cast<std::size_t>(rows - 1)](x, x_stride, panel, bias, inputs, z);
}

void AddTo(double (&parts)[kTotalParts], const float* values, int count) {
  int i = 0;
  for (; i + kTotalParts <= count; i += kTotalParts) {
    for (int part = 0; part < kTotalParts; ++part) {
      parts[part] += static_cast<double>(values[i + part]);
    }
  }
  for (; i < count; ++i) parts[0] += static_cast<double>(values[i]);
}

void AddCounts(const float* __restrict counts, int count, std::int64_t* __restrict totals) {
  for (int i = 0; i < count; ++i) totals[i] += static_cast<std::int32_t>(counts[i]);
}

void Merge(const TileSums& sums, int units, std::int64_t* lower_tail, std::int64_t* upper_tail,
           TileTotals& totals) {
  AddCounts(sums.lower_tail, units, lower_tail);
  AddCounts(sums.upper_tail, units, upper_tail);
  AddTo(totals.values, sums.values, units);
  AddTo(totals.squares, sums.squares, units);
  AddTo(totals.slopes, sums.slopes, units);
}

}  // namespace

const DenseKernel& DenseKernelOf() {
  static constexpr DenseKernel kKernel = [] {
    DenseKernel kernel = {static_cast<int>(kPanelUnits), kTileRows, {}, Multiply, Merge};
    for (int rows = 1; rows <= kTileRows; ++rows) {
      kernel.panels_together[rows - 1] = PanelsTogether(rows);
    }
    return kernel;
  }();
  return kKernel;
}

}  // namespace mlp::MLP_KERNEL_NAMESPACE
