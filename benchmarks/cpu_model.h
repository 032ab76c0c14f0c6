// Which machine a figure was measured on.

#ifndef MLP_BENCHMARKS_CPU_MODEL_H_
#define MLP_BENCHMARKS_CPU_MODEL_H_

#include <string>

namespace mlp {

// The first "model name" of /proc/cpuinfo; "unknown" where there is none.
std::string CpuModelName();

}  // namespace mlp

#endif  // MLP_BENCHMARKS_CPU_MODEL_H_
