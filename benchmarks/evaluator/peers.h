// The ways of evaluating a chain of dense layers that evaluator_benchmark compares.

#ifndef MLP_BENCHMARKS_EVALUATOR_PEERS_H_
#define MLP_BENCHMARKS_EVALUATOR_PEERS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "model/cpu/instruction_set.h"
#include "model/network.h"
#include "model/weight_storage.h"

namespace mlp {

// Evaluates one network on batches of a fixed number of rows, on one thread.
class Peer {
 public:
  virtual ~Peer() = default;
  // Evaluates x, [rows, inputs], and returns the last layer's values, [rows, units].
  virtual const float* Evaluate(const float* x) = 0;
};

// The evaluator with its statistics, in an arena of `threads` threads.
std::unique_ptr<Peer> MakeOurs(const std::shared_ptr<const Network>& network, std::int64_t rows,
                               InstructionSet instruction_set, int threads,
                               WeightStorage storage = WeightStorage::kFloat32);

// The same layers in sequence, with or without counting, to measure statistics without the
// evaluator's other work.
std::unique_ptr<Peer> MakeLayers(const std::shared_ptr<const Network>& network, std::int64_t rows,
                                 InstructionSet instruction_set, bool counts);

// Eigen's product, followed by our activation kernels.
std::unique_ptr<Peer> MakeEigen(const std::shared_ptr<const Network>& network, std::int64_t rows,
                                InstructionSet instruction_set);

// oneDNN's inner product, with weights in its preferred layout and the activation fused. Null if
// this was built without oneDNN, or if oneDNN does not have the activation.
std::unique_ptr<Peer> MakeOneDnn(const std::shared_ptr<const Network>& network, std::int64_t rows);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_PEERS_H_
