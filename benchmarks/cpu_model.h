// The machine on which a figure was measured.

#ifndef MLP_BENCHMARKS_CPU_MODEL_H_
#define MLP_BENCHMARKS_CPU_MODEL_H_

#include <string>

namespace mlp {

// The first "model name" in /proc/cpuinfo, or "unknown".
std::string CpuModelName();

}  // namespace mlp

#endif  // MLP_BENCHMARKS_CPU_MODEL_H_
