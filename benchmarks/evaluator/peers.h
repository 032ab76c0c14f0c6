// The ways to evaluate a chain of dense layers that evaluator_benchmark compares.

#ifndef MLP_BENCHMARKS_EVALUATOR_PEERS_H_
#define MLP_BENCHMARKS_EVALUATOR_PEERS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "model/cpu/instruction_set.h"
#include "model/network.h"
#include "model/weight_storage.h"

namespace mlp {

// One network, evaluated on batches of a fixed number of rows by one thread.
class Peer {
 public:
  virtual ~Peer() = default;
  // Evaluates x, [rows, inputs], and returns the last layer's values, [rows, units].
  virtual const float* Evaluate(const float* x) = 0;
};

// The evaluator with its statistics, on an arena of `threads` threads.
std::unique_ptr<Peer> MakeOurs(const std::shared_ptr<const Network>& network, std::int64_t rows,
                               InstructionSet instruction_set, int threads,
                               WeightStorage storage = WeightStorage::kFloat32);

// The same layers, one after the other, with the counting or without: the evaluator's own way
// around them is no statistics.
std::unique_ptr<Peer> MakeLayers(const std::shared_ptr<const Network>& network, std::int64_t rows,
                                 InstructionSet instruction_set, bool counts);

// Eigen's product, with our kernels' activation after it.
std::unique_ptr<Peer> MakeEigen(const std::shared_ptr<const Network>& network, std::int64_t rows,
                                InstructionSet instruction_set);

// oneDNN's inner product with weights in its own layout and the activation fused. Null where this
// was built without oneDNN, or where it does not have the activation.
std::unique_ptr<Peer> MakeOneDnn(const std::shared_ptr<const Network>& network, std::int64_t rows);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_PEERS_H_
