// What the evaluator is measured against, compiled for each instruction set as its kernels are: the
// loops that find the machine's limits, and Eigen's product.

#ifndef MLP_BENCHMARKS_EVALUATOR_MACHINE_KERNELS_H_
#define MLP_BENCHMARKS_EVALUATOR_MACHINE_KERNELS_H_

#include <cstdint>

#include "model/cpu/instruction_set.h"

namespace mlp {

struct MachineKernels {
  // Does `count` times as many multiply-adds as `multiply_adds_per_count`, in registers alone.
  // Returns what comes of it, which must be used.
  float (*multiply_add)(std::int64_t count);
  std::int64_t multiply_adds_per_count;

  // Reads `count` floats, a multiple of 64 and aligned to 64 bytes. Returns their sum.
  float (*read)(const float* data, std::int64_t count);

  // z = x W + b by Eigen, all row-major.
  void (*eigen_product)(const float* x, const float* weights, const float* bias, std::int64_t rows,
                        std::int64_t inputs, std::int64_t units, float* z);
};

// The kernels for `instruction_set`, which the CPU must support.
const MachineKernels& MachineKernelsOf(InstructionSet instruction_set);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_MACHINE_KERNELS_H_
