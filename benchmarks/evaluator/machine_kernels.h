// What the evaluator is measured against: loops that find the machine's limits, and Eigen's
// product. Compiled for each instruction set, like the evaluator's kernels.

#ifndef MLP_BENCHMARKS_EVALUATOR_MACHINE_KERNELS_H_
#define MLP_BENCHMARKS_EVALUATOR_MACHINE_KERNELS_H_

#include <cstdint>

#include "model/cpu/instruction_set.h"

namespace mlp {

struct MachineKernels {
  // Does `count` * `multiply_adds_per_count` multiply-adds in registers only. The caller must use
  // the result, or the compiler removes the loop.
  float (*multiply_add)(std::int64_t count);
  std::int64_t multiply_adds_per_count;

  // Reads `count` floats, a multiple of 64 and aligned to 64 bytes. Returns their sum.
  float (*read)(const float* data, std::int64_t count);

  // z = x W + b by Eigen, all row-major.
  void (*eigen_product)(const float* x, const float* weights, const float* bias, std::int64_t rows,
                        std::int64_t inputs, std::int64_t units, float* z);
};

// The kernels for `instruction_set`. REQUIRES: the CPU supports it.
const MachineKernels& MachineKernelsOf(InstructionSet instruction_set);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_MACHINE_KERNELS_H_
