// Compiled once for each instruction set (cmake/KernelObjects.cmake).

#include "benchmarks/evaluator/machine_kernels.h"
#include "model/activations/functions/packet.h"
#include "model/cpu/kernel_dispatch.h"

namespace mlp::MLP_KERNEL_NAMESPACE {
namespace {

using Eigen::internal::padd;
using Eigen::internal::pload;
using Eigen::internal::predux;
using Eigen::internal::pset1;

constexpr std::int64_t kFloats = Eigen::internal::unpacket_traits<Packet>::size;
// Enough for two units with a latency of four cycles, and few enough for 16 registers.
constexpr int kChains = 12;

float MultiplyAdds(std::int64_t count) {
  Packet sums[kChains];
#pragma GCC unroll 16
  for (int i = 0; i < kChains; ++i) sums[i] = pset1<Packet>(static_cast<float>(i));
  // Volatile, so that nothing is computed at compile time. Both factors keep the sums finite.
  volatile float unknown = 0.5F;
  const float half = unknown;
  const Packet x = pset1<Packet>(half);
  const Packet y = pset1<Packet>(half + 0.25F);
  for (std::int64_t step = 0; step < count; ++step) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) sums[i] = pmadd(sums[i], x, y);
  }
#pragma GCC unroll 16
  for (int i = 1; i < kChains; ++i) sums[0] = padd(sums[0], sums[i]);
  return predux(sums[0]);
}

float Read(const float* data, std::int64_t count) {
  constexpr int kStreams = 4;
  Packet sums[kStreams];
#pragma GCC unroll 4
  for (int i = 0; i < kStreams; ++i) sums[i] = pset1<Packet>(0.0F);
  for (std::int64_t at = 0; at < count; at += kStreams * kFloats) {
#pragma GCC unroll 4
    for (int i = 0; i < kStreams; ++i) {
      sums[i] = padd(sums[i], pload<Packet>(data + at + i * kFloats));
    }
  }
  return predux(padd(padd(sums[0], sums[1]), padd(sums[2], sums[3])));
}

void EigenProduct(const float* x, const float* weights, const float* bias, std::int64_t rows,
                  std::int64_t inputs, std::int64_t units, float* z) {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<Matrix> map(z, rows, units);
  map.noalias() =
      Eigen::Map<const Matrix>(x, rows, inputs) * Eigen::Map<const Matrix>(weights, inputs, units);
  map.rowwise() += Eigen::Map<const Eigen::RowVectorXf>(bias, units);
}

}  // namespace

template <>
const MachineKernels& CompiledKernels<MachineKernels>() {
  static constexpr MachineKernels kKernels = {MultiplyAdds, kChains * kFloats, Read, EigenProduct};
  return kKernels;
}

}  // namespace mlp::MLP_KERNEL_NAMESPACE
