// Makes the kernels from the families' definitions (functions/packet_form.h).
//
// Compiled once for each instruction set. MLP_KERNEL_NAMESPACE and Eigen are macros that give each
// object's symbols distinct names (cmake/KernelObjects.cmake). Include only headers whose inline
// functions are in those namespaces; tests/model/check_kernel_symbols.sh checks this.

#include <type_traits>
#include <utility>

#include "model/activations/families/clipped.h"
#include "model/activations/families/exponential_units.h"
#include "model/activations/families/gates.h"
#include "model/activations/families/gelus.h"
#include "model/activations/families/ramps.h"
#include "model/activations/families/rectifiers.h"
#include "model/activations/families/rows.h"
#include "model/activations/families/shrinks.h"
#include "model/activations/families/steps.h"
#include "model/activations/families/thresholds.h"
#include "model/activations/families/waves.h"
#include "model/activations/functions/packet_form.h"
#include "model/activations/kernels/activation_kernel.h"
#include "model/cpu/kernel_dispatch.h"

namespace mlp::MLP_KERNEL_NAMESPACE {
namespace {

using Eigen::internal::padd;
using Eigen::internal::pload;
using Eigen::internal::ploadu;
using Eigen::internal::pset1;
using Eigen::internal::pstoreu;

// Stores map(packet, offset, number of valid floats) for each packet of z. Maps two packets before
// it stores the first, so that the compiler interleaves their instructions (-fschedule-insns): in a
// single chain as long as GELU's, most instructions within a CPU's look-ahead wait for others.
template <typename Map>
MLP_INLINE void MapPackets(const float* z, std::int64_t count, const Map& map, float* to) {
  std::int64_t i = 0;
  for (; i + 2 * kPacketSize <= count; i += 2 * kPacketSize) {
    const Packet first = map(ploadu<Packet>(z + i), i, kPacketSize);
    const Packet second = map(ploadu<Packet>(z + i + kPacketSize), i + kPacketSize, kPacketSize);
    pstoreu<float>(to + i, first);
    pstoreu<float>(to + i + kPacketSize, second);
  }
  ForEachPacket(z + i, count - i, 0.0F, [&](Packet x, std::int64_t offset, std::int64_t size) {
    StoreFirst(to + i + offset, map(x, i + offset, size), size);
  });
}

MLP_INLINE Packet LoadFirst(const float* from, std::int64_t count) {
  return count == kPacketSize ? ploadu<Packet>(from) : LoadSome(from, count, 0.0F);
}

// Flattened, because constants stay in registers over the loop only if the lambdas and the
// functions they call are inlined.
template <template <typename> class Function>
[[gnu::flatten]] void Values(const float* z, const float* parameters, const float* /*unit_alpha*/,
                             std::int64_t count, float* a) {
  const Function<Packet> function(parameters);
  MapPackets(
      z, count, [&](Packet x, std::int64_t, std::int64_t) { return function(x); }, a);
}

template <template <typename> class Function>
[[gnu::flatten]] void Slopes(const float* z, const float* a, const float* parameters,
                             const float* /*unit_alpha*/, std::int64_t count, float* slopes) {
  const Function<Packet> function(parameters);
  MapPackets(
      z, count,
      [&](Packet x, std::int64_t offset, std::int64_t size) {
        return function.Slope(x, LoadFirst(a + offset, size));
      },
      slopes);
}

// Constructs the functor for a packet of units, from the kind's parameters or from the units'
// alphas.
template <template <typename> class Function>
struct FromParameters {
  Function<Packet> operator()(const ActivationTile& tile, std::int64_t /*unit*/) const {
    return Function<Packet>(tile.parameters);
  }
};

template <template <typename> class Function>
struct FromUnitAlpha {
  Function<Packet> operator()(const ActivationTile& tile, std::int64_t unit) const {
    return Function<Packet>(ploadu<Packet>(tile.unit_alpha + unit));
  }
};

template <typename MakeFunction>
[[gnu::flatten]] void ActivateTile(const ActivationTile& of_caller) {
  const ActivationTile tile = of_caller;  // a copy, because the stores below may alias the caller's
  for (std::int64_t unit = 0; unit < tile.units; unit += kPacketSize) {
    const auto function = MakeFunction()(tile, unit);
    for (std::int64_t row = 0; row < tile.rows; ++row) {
      const Packet z = pload<Packet>(tile.z + row * tile.units + unit);
      pstoreu(tile.a + row * tile.a_stride + unit, function(z));
    }
  }
}

template <typename Function>
MLP_INLINE ValueAndSlope<Packet> ValueAndSlopeOf(const Function& function, Packet z) {
  if constexpr (requires { function.Both(z); }) {
    return function.Both(z);
  } else {
    const Packet a = function(z);
    return {a, function.Slope(z, a)};
  }
}

// Whether no value of `Function` is negative, so that counting negative values can be skipped.
template <typename Function>
constexpr bool IsNeverNegative() {
  if constexpr (requires { Function::kIsNeverNegative; }) return Function::kIsNeverNegative;
  return false;
}

// The greatest float below zero.
constexpr float kGreatestNegative = -0x1p-149F;

// A packet of sums; zeros for the first tile, which saves storing and loading zeros.
template <typename Sums, typename Number>
MLP_INLINE Sums SoFar(bool is_first, const Number* sums) {
  return is_first ? pset1<Sums>(Number{0}) : pload<Sums>(sums);
}

// Processes one packet of units at a time: its sums stay in registers over the rows.
template <typename MakeFunction>
[[gnu::flatten]] std::uint32_t ActivateAndCountTile(const ActivationTile& of_caller,
                                                    TileSums& sums) {
  const ActivationTile tile = of_caller;  // a copy, because the stores below may alias the caller's
  using Integers = IntegersOf<Packet>::Type;
  constexpr std::uint32_t kUnitsOfPacket = (1U << kPacketSize) - 1;
  std::uint32_t left_out = 0;
  for (std::int64_t unit = 0; unit < tile.units; unit += kPacketSize) {
    const std::int64_t sums_unit = tile.first_of_sums + unit;
    const auto function = MakeFunction()(tile, unit);
    constexpr bool kCountsNegative = !IsNeverNegative<std::remove_cv_t<decltype(function)>>();
    const Packet lower = ploadu<Packet>(tile.lower + unit);
    const Packet upper = ploadu<Packet>(tile.upper + unit);
    auto lower_tail = SoFar<Integers>(tile.is_first, sums.lower_tail + sums_unit);
    auto upper_tail = SoFar<Integers>(tile.is_first, sums.upper_tail + sums_unit);
    auto negative = SoFar<Integers>(tile.is_first, sums.negative + sums_unit);
    auto values = SoFar<Packet>(tile.is_first, sums.values + sums_unit);
    auto squares = SoFar<Packet>(tile.is_first, sums.squares + sums_unit);
    auto slopes = SoFar<Packet>(tile.is_first, sums.slopes + sums_unit);
    for (std::int64_t row = 0; row < tile.rows; ++row) {
      const Packet z = pload<Packet>(tile.z + row * tile.units + unit);
      const auto [a, slope] = ValueAndSlopeOf(function, z);
      pstoreu(tile.a + row * tile.a_stride + unit, a);
      lower_tail = AddOneWhereAtMost(lower_tail, z, lower);
      upper_tail = AddOneWhereAtMost(upper_tail, upper, z);
      if constexpr (kCountsNegative) {
        negative = AddOneWhereAtMost(negative, a, Set<Packet>(kGreatestNegative));
      }
      values = padd<Packet>(values, a);
      squares = pmadd<Packet>(a, a, squares);
      slopes = padd<Packet>(slopes, slope);
    }
    pstoreu(sums.lower_tail + sums_unit, lower_tail);
    pstoreu(sums.upper_tail + sums_unit, upper_tail);
    // Also taken if a sum is NaN.
    if (!AllAtMost(squares, Set<Packet>(kGreatestSquares))) {
      // `unit` is already below kMaxPanelUnits; the modulus only shows this to static analysis.
      left_out |= kUnitsOfPacket << (unit % kMaxPanelUnits);
      if (!tile.is_first) continue;
      negative = pset1<Integers>(0);
      values = squares = slopes = Set<Packet>(0.0F);
    }
    pstoreu(sums.negative + sums_unit, negative);
    pstoreu(sums.values + sums_unit, values);
    pstoreu(sums.squares + sums_unit, squares);
    pstoreu(sums.slopes + sums_unit, slopes);
  }
  return left_out;
}

template <template <typename> class Function, template <typename> class Special>
void ValuesWithSpecialCase(const float* z, const float* parameters, const float* unit_alpha,
                           std::int64_t count, float* a) {
  const bool special = Special<Packet>::Is(parameters);
  (special ? Values<Special> : Values<Function>)(z, parameters, unit_alpha, count, a);
}

template <template <typename> class Function, template <typename> class Special>
void ActivateTileWithSpecialCase(const ActivationTile& tile) {
  const bool special = Special<Packet>::Is(tile.parameters);
  (special ? ActivateTile<FromParameters<Special>> : ActivateTile<FromParameters<Function>>)(tile);
}

template <template <typename> class Function, template <typename> class Special>
std::uint32_t ActivateAndCountTileWithSpecialCase(const ActivationTile& tile, TileSums& sums) {
  const bool special = Special<Packet>::Is(tile.parameters);
  return (special ? ActivateAndCountTile<FromParameters<Special>>
                  : ActivateAndCountTile<FromParameters<Function>>)(tile, sums);
}

// Alphas differ between units, so each packet constructs its functor.
template <template <typename> class Function>
[[gnu::flatten]] void ValuesOfUnitAlpha(const float* z, const float* /*parameters*/,
                                        const float* unit_alpha, std::int64_t count, float* a) {
  MapPackets(
      z, count,
      [&](Packet x, std::int64_t offset, std::int64_t size) {
        return Function<Packet>(LoadFirst(unit_alpha + offset, size))(x);
      },
      a);
}

template <template <typename> class Function>
[[gnu::flatten]] void SlopesOfUnitAlpha(const float* z, const float* a, const float* /*parameters*/,
                                        const float* unit_alpha, std::int64_t count,
                                        float* slopes) {
  MapPackets(
      z, count,
      [&](Packet x, std::int64_t offset, std::int64_t size) {
        const Function<Packet> function(LoadFirst(unit_alpha + offset, size));
        return function.Slope(x, LoadFirst(a + offset, size));
      },
      slopes);
}

template <void (*Row)(const float* z, std::int64_t count, float* a)>
[[gnu::flatten]] void RowValues(const float* z, const float* /*parameters*/,
                                const float* /*unit_alpha*/, std::int64_t count, float* a) {
  Row(z, count, a);
}

template <template <typename> class Function>
constexpr ActivationKernel MakeKernel(OfParameters<Function> /*form*/) {
  return {Values<Function>, Slopes<Function>, ActivateTile<FromParameters<Function>>,
          ActivateAndCountTile<FromParameters<Function>>};
}

template <template <typename> class Function, template <typename> class Special>
constexpr ActivationKernel MakeKernel(WithSpecialCase<Function, Special> /*form*/) {
  return {ValuesWithSpecialCase<Function, Special>, Slopes<Function>,
          ActivateTileWithSpecialCase<Function, Special>,
          ActivateAndCountTileWithSpecialCase<Function, Special>};
}

template <template <typename> class Function>
constexpr ActivationKernel MakeKernel(OfUnitAlpha<Function> /*form*/) {
  return {ValuesOfUnitAlpha<Function>, SlopesOfUnitAlpha<Function>,
          ActivateTile<FromUnitAlpha<Function>>, ActivateAndCountTile<FromUnitAlpha<Function>>};
}

template <void (*Row)(const float* z, std::int64_t count, float* a)>
constexpr ActivationKernel MakeKernel(OfRow<Row> /*form*/) {
  return {RowValues<Row>, nullptr, nullptr, nullptr};
}

struct Table {
  ActivationKernels by_kind;
};

template <int... kKinds>
constexpr Table MakeTable(std::integer_sequence<int, kKinds...> /*kinds*/) {
  return {{MakeKernel(PacketForm<static_cast<ActivationKind>(kKinds)>())...}};
}

constexpr Table kTable = MakeTable(std::make_integer_sequence<int, kActivationKindCount>());

}  // namespace

template <>
const ActivationKernels& CompiledKernels<ActivationKernels>() {
  return kTable.by_kind;
}

}  // namespace mlp::MLP_KERNEL_NAMESPACE
