// Puts a load on a server and measures its answers and their cost.

#ifndef MLP_BENCHMARKS_SERVICE_MEASURED_LOAD_H_
#define MLP_BENCHMARKS_SERVICE_MEASURED_LOAD_H_

#include <string>

#include "benchmarks/service/round.h"
#include "benchmarks/service/server_under_test.h"
#include "client/bench/load_generator.h"

namespace mlp {

struct LoadCase {
  std::string model;  // the model whose batches are counted
  LoadTarget target;
  double seconds = 0.0;
  double warm_up_seconds = 0.0;  // before measuring
};

struct MeasuredLoad {
  Round round;
  LoadResult result;
};

// `generator` must send to `server`.
MeasuredLoad Measure(const ServerUnderTest& server, LoadGenerator& generator,
                     const LoadCase& load_case);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_MEASURED_LOAD_H_
