// Compiled once for each instruction set. MLP_KERNEL_NAMESPACE and Eigen are macros that give each
// object's symbols distinct names (cmake/KernelObjects.cmake). Include only headers whose inline
// functions are in those namespaces; tests/model/check_kernel_symbols.sh checks this.

#include <algorithm>
#include <array>
#include <utility>

#include "model/activations/functions/packet.h"
#include "model/cpu/kernel_dispatch.h"
#include "model/evaluator/kernels/dense_kernel.h"

namespace mlp::MLP_KERNEL_NAMESPACE {
namespace {

using Eigen::internal::padd;
using Eigen::internal::pcast;
using Eigen::internal::pload;
using Eigen::internal::plogical_shift_left;
using Eigen::internal::pset1;
using Eigen::internal::pset1frombits;
using Eigen::internal::pstoreu;

// 64 bits wide, because they are factors of pointer offsets.
constexpr std::int64_t kPacketFloats = Eigen::internal::unpacket_traits<Packet>::size;
constexpr std::int64_t kPanelUnits = 2 * kPacketFloats;

// Registers: two accumulators for each row, two packets of weights and one of an input. 12 rows
// take 27 of AVX-512's 32 registers; 6 rows take 15 of the 16 that AVX2 and SSE2 have.
static_assert(kPacketFloats == 4 || kPacketFloats == 8 || kPacketFloats == 16,
              "packets of this width have no blocking of their own yet");
constexpr int kTileRows = kPacketFloats == 16 ? 12 : 6;
static_assert(kPanelUnits <= kMaxPanelUnits && kTileRows <= kMaxTileRows);

// How many panels to multiply together. Eight independent chains keep two multiply-adders with a
// latency of four cycles busy, and the CPU prefetches four streams of weights better than one. The
// numbers are limited by the 32 or 16 registers for sums, weights and an input.
constexpr int PanelsTogether(int rows, int most = kMaxPanelsTogether) {
  constexpr int kOf32Registers[] = {4, 4, 3, 2, 2, 2};
  constexpr int kOf16Registers[] = {4, 2, 2};
  if (kTileRows == 12) return rows <= 6 ? std::min(most, kOf32Registers[rows - 1]) : 1;
  return rows <= 3 ? std::min(most, kOf16Registers[rows - 1]) : 1;
}

// The number of weights that share a word, and the weights of one of these parts
// (packed_weights.h).
template <WeightStorage kStorage>
constexpr int kParts = kStorage == WeightStorage::kInt8       ? 4
                       : kStorage == WeightStorage::kBfloat16 ? 2
                                                              : 1;

template <WeightStorage kStorage, int kPart>
MLP_INLINE Packet PartOf(Packet words) {
  using Integers = IntegersOf<Packet>::Type;
  if constexpr (kStorage == WeightStorage::kFloat32) {
    return words;
  } else if constexpr (kStorage == WeightStorage::kBfloat16) {
    if constexpr (kPart == 1) return pand(words, pset1frombits<Packet>(0xFFFF0000U));
    return __builtin_bit_cast(Packet, plogical_shift_left<16>(__builtin_bit_cast(Integers, words)));
  } else {
    // The weight stays in the word's highest byte, so it is 2^24 times too large, and
    // PackedWeights' scales compensate. Shifting it down again would double the shifts, which are
    // the bottleneck.
    const auto word = __builtin_bit_cast(Integers, words);
    const auto upmost_byte = pset1<Integers>(static_cast<std::int32_t>(0xFF000000U));
    if constexpr (kPart == 0) return pcast<Integers, Packet>(plogical_shift_left<24>(word));
    if constexpr (kPart == 3) return pcast<Integers, Packet>(pand(word, upmost_byte));
    constexpr int kShift = 24 - 8 * kPart;
    return pcast<Integers, Packet>(pand(plogical_shift_left<kShift>(word), upmost_byte));
  }
}

// Computes a row's address from a pointer to every third row plus 0, 1 or 2 strides, which x86 can
// address directly: twelve pointers would not fit into its registers.
template <int kRow>
MLP_INLINE const float* RowOf(const float* const* every_third, std::int64_t stride) {
  return every_third[kRow / 3] + (kRow % 3) * stride;
}

// Adds one input's products to the sums; the input is `input` values after every_third's.
template <int kRow, int kRows, int kPackets>
MLP_INLINE void MultiplyAdd(const float* const* every_third, std::int64_t stride, int input,
                            const Packet (&weights)[kPackets], Packet (&sums)[kRows][kPackets]) {
  if constexpr (kRow < kRows) {
    const Packet x = pset1<Packet>(RowOf<kRow>(every_third, stride)[input]);
#pragma GCC unroll 8
    for (int i = 0; i < kPackets; ++i) sums[kRow][i] = pmadd(x, weights[i], sums[kRow][i]);
    MultiplyAdd<kRow + 1, kRows, kPackets>(every_third, stride, input, weights, sums);
  }
}

// The shape of a product: kPanels panels of kWidth packets each. A step takes kInputs inputs, whose
// weights fill kWords packets of words in each panel.
template <WeightStorage kStorage, int kRows, int kPanels, int kWidth>
struct Shape {
  static constexpr int kPackets = kPanels * kWidth;
  static constexpr int kInputs = kParts<kStorage> > kWidth ? kParts<kStorage> / kWidth : 1;
  static constexpr int kWords = kInputs * kWidth / kParts<kStorage>;
  using Words = Packet[kPanels][kWords];
  using Sums = Packet[kRows][kPackets];

  static MLP_INLINE void Load(const float* panel, std::int64_t panel_stride, Words& words) {
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
#pragma GCC unroll 8
      for (int i = 0; i < kWords; ++i) {
        words[p][i] = pload<Packet>(panel + p * panel_stride + i * kPacketFloats);
      }
    }
  }

  // Multiplies the step's inputs from kInput on. The step has `count` inputs; its first is `first`
  // values after every_third's.
  template <int kInput>
  static MLP_INLINE void Step(const float* const* every_third, std::int64_t stride, int first,
                              std::int64_t count, const Words& words, Sums& sums) {
    if constexpr (kInput < kInputs) {
      if (kInput >= count) return;
      Packet weights[kPackets];
      Take<kInput, 0>(words, weights);
      MultiplyAdd<0, kRows, kPackets>(every_third, stride, first + kInput, weights, sums);
      Step<kInput + 1>(every_third, stride, first, count, words, sums);
    }
  }

 private:
  template <int kInput, int kPacket>
  static MLP_INLINE void Take(const Words& words, Packet (&weights)[kPackets]) {
    if constexpr (kPacket < kPackets) {
      constexpr int kPart = kInput * kWidth + kPacket % kWidth;
      weights[kPacket] = PartOf<kStorage, kPart % kParts<kStorage>>(
          words[kPacket / kWidth][kPart / kParts<kStorage>]);
      Take<kInput, kPacket + 1>(words, weights);
    }
  }
};

// Steps that are unrolled and share one update of the pointers. In low tiles there are as many
// other instructions as multiply-adds, which a core shared by two hardware threads cannot absorb.
// Products of several panels are limited by reading weights, and their addresses alone take all
// registers.
template <int kPanels>
constexpr int kStepsTogether = kTileRows != 12 && kPanels == 1 ? 4 : 1;

// Whether to prefetch the weights of some hundred steps ahead into the second-level cache. This
// pays off with one panel, a single stream, which the CPU reads slowly. With few rows the CPU
// prefetches far enough ahead by itself; with many rows it is too busy to.
constexpr bool Prefetches(int rows, int panels, bool is_far) {
  if (panels > 1) return false;
  if (kTileRows == 12) return rows >= 7;
  // A prefetch is a twentieth of a low tile's instructions: skip it if the panel has been read
  // already or comes from the third-level cache.
  return rows >= 4 && is_far;
}
constexpr std::uintptr_t kPrefetchBytes = 16384;

template <std::int64_t kFloats>
MLP_INLINE void Prefetch(const float* panel) {
  // An integer, because the address may be beyond the weights' end.
  const auto from = reinterpret_cast<std::uintptr_t>(panel) + kPrefetchBytes;
#pragma GCC unroll 4
  for (std::uintptr_t bytes = 0; bytes < kFloats * sizeof(float); bytes += 64) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): nothing is read through it.
    __builtin_prefetch(reinterpret_cast<const void*>(from + bytes), 0, 2);
  }
}

template <WeightStorage kStorage, int kRows, int kPanels, int kWidth, bool kPrefetches>
void MultiplyTile(const float* x, std::int64_t x_stride, const PanelView& panels,
                  std::int64_t inputs, float* z) {
  using Its = Shape<kStorage, kRows, kPanels, kWidth>;
  constexpr std::int64_t kUnits = kWidth * kPacketFloats;
  constexpr std::int64_t kStepWords = Its::kWords * kPacketFloats;
  typename Its::Sums sums;
#pragma GCC unroll 16
  for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
    for (int i = 0; i < Its::kPackets; ++i) sums[row][i] = pset1<Packet>(0.0F);
  }
  const float* every_third[(kRows + 2) / 3];
#pragma GCC unroll 8
  for (int i = 0; i < (kRows + 2) / 3; ++i) every_third[i] = x + 3 * (i * x_stride);

  // Words are loaded as floats, whatever their storage.
  const float* panel = reinterpret_cast<const float*>(panels.words);
  const std::int64_t panel_stride = (inputs + Its::kInputs - 1) / Its::kInputs * kStepWords;
  typename Its::Words words;
  const auto take = [&]<int kSteps>() __attribute__((always_inline)) {
#pragma GCC unroll 8
    for (int step = 0; step < kSteps; ++step) {
      const float* at = panel + step * kStepWords;
      Its::Load(at, panel_stride, words);
      if constexpr (kPrefetches) Prefetch<kStepWords>(at);
      Its::template Step<0>(every_third, x_stride, step * Its::kInputs, Its::kInputs, words, sums);
      if constexpr (kSteps > 1) {
        // Hides the addresses from GCC, which would otherwise read ahead of a step and spill sums
        // to the stack.
        asm volatile("" : "+r"(panel));
#pragma GCC unroll 8
        for (int i = 0; i < (kRows + 2) / 3; ++i) asm volatile("" : "+r"(every_third[i]));
      }
    }
    panel += kSteps * kStepWords;
#pragma GCC unroll 8
    for (int i = 0; i < (kRows + 2) / 3; ++i) every_third[i] += kSteps * Its::kInputs;
  };
  std::int64_t left = inputs;
  if constexpr (constexpr int kSteps = kStepsTogether<kPanels>; kSteps > 1) {
    constexpr std::int64_t kTaken = kSteps * Its::kInputs;
    for (; left >= kTaken; left -= kTaken) take.template operator()<kSteps>();
  }
  for (; left >= Its::kInputs; left -= Its::kInputs) take.template operator()<1>();
  if (Its::kInputs > 1 && left > 0) {
    Its::Load(panel, panel_stride, words);
    Its::template Step<0>(every_third, x_stride, 0, left, words, sums);
  }

#pragma GCC unroll 8
  for (int i = 0; i < Its::kPackets; ++i) {
    const Packet bias = pload<Packet>(panels.bias + i * kPacketFloats);
    float* tile = z + i / kWidth * (kRows * kUnits) + i % kWidth * kPacketFloats;
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row) {
      if constexpr (kStorage == WeightStorage::kInt8) {
        const Packet scale = pload<Packet>(panels.scales + i * kPacketFloats);
        pstoreu(tile + row * kUnits, pmadd(sums[row][i], scale, bias));
      } else {
        pstoreu(tile + row * kUnits, padd(sums[row][i], bias));
      }
    }
  }
}

using MultiplyFunction = void (*)(const float* x, std::int64_t x_stride, const PanelView& panels,
                                  std::int64_t inputs, float* z);

// One function for each number of rows, from 1 on.
template <WeightStorage kStorage, int kWidth, bool kIsFar, int... kRowsBefore>
constexpr std::array<MultiplyFunction, sizeof...(kRowsBefore)> WithOnePanel(
    std::integer_sequence<int, kRowsBefore...> /*rows*/) {
  return {MultiplyTile<kStorage, kRowsBefore + 1, 1, kWidth,
                       Prefetches(kRowsBefore + 1, 1, kIsFar)>...};
}

// The same, with the best number of panels together, but at most kMax.
template <WeightStorage kStorage, int kMax, int... kRowsBefore>
constexpr std::array<MultiplyFunction, sizeof...(kRowsBefore)> WithPanelsTogether(
    std::integer_sequence<int, kRowsBefore...> /*rows*/) {
  return {MultiplyTile<kStorage, kRowsBefore + 1, PanelsTogether(kRowsBefore + 1, kMax), 2,
                       Prefetches(kRowsBefore + 1, PanelsTogether(kRowsBefore + 1), true)>...};
}

template <WeightStorage kStorage>
void Multiply(const float* x, std::int64_t x_stride, int rows, const PanelView& panels,
              std::int64_t inputs, float* z) {
  constexpr std::make_integer_sequence<int, kTileRows> kRows;
  static constexpr auto kNarrow = WithOnePanel<kStorage, 1, false>(kRows);
  static constexpr auto kFar = WithOnePanel<kStorage, 2, true>(kRows);
  static constexpr auto kOne = WithOnePanel<kStorage, 2, false>(kRows);
  static constexpr auto kTwo = WithPanelsTogether<kStorage, 2>(kRows);
  static constexpr auto kTogether = WithPanelsTogether<kStorage, kMaxPanelsTogether>(kRows);
  const auto& functions = panels.units < kPanelUnits        ? kNarrow
                          : panels.units > 2 * kPanelUnits  ? kTogether
                          : panels.units == 2 * kPanelUnits ? kTwo
                          : panels.is_far                   ? kFar
                                                            : kOne;
  functions[static_cast<std::size_t>(rows - 1)](x, x_stride, panels, inputs, z);
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

template <typename Number, typename Total>
void AddEach(const Number* __restrict numbers, int count, Total* __restrict totals) {
  for (int i = 0; i < count; ++i) totals[i] += static_cast<Total>(numbers[i]);
}

void Merge(const TileSums& sums, int units, const UnitTotals& of_units, TileTotals& totals) {
  AddEach(sums.lower_tail, units, of_units.lower_tail);
  AddEach(sums.upper_tail, units, of_units.upper_tail);
  AddEach(sums.negative, units, of_units.negative);
  AddEach(sums.values, units, of_units.values);
  AddEach(sums.slopes, units, of_units.slopes);
  AddTo(totals.squares, sums.squares, units);
}

}  // namespace

template <>
const DenseKernel& CompiledKernels<DenseKernel>() {
  static constexpr DenseKernel kKernel = [] {
    DenseKernel kernel = {static_cast<int>(kPanelUnits),
                          kTileRows,
                          {},
                          {Multiply<WeightStorage::kFloat32>, Multiply<WeightStorage::kBfloat16>,
                           Multiply<WeightStorage::kInt8>},
                          Merge};
    for (int rows = 1; rows <= kTileRows; ++rows) {
      kernel.panels_together[rows - 1] = PanelsTogether(rows);
    }
    return kernel;
  }();
  return kKernel;
}

}  // namespace mlp::MLP_KERNEL_NAMESPACE
