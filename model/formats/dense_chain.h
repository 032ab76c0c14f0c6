// Builds a network layer by layer from the operations that a file lists one after the other, and
// keeps track of what each of the file's tensors stands for.

#ifndef MLP_MODEL_FORMATS_DENSE_CHAIN_H_
#define MLP_MODEL_FORMATS_DENSE_CHAIN_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/network.h"

namespace mlp {

// What a tensor of the file is in the chain. Its values may have been given another shape since.
struct Signal {
  std::int64_t layer = -1;  // index of the layer that it leaves; -1 for the network's input
  Tap tap = Tap::kActivation;
  std::int64_t biases = 0;              // how many had been added when it was taken
  std::vector<std::int64_t> row_shape;  // without the batch dimension
};

// A row-major tensor.
struct FloatTensor {
  std::vector<std::int64_t> dimensions;
  std::vector<float> values;
};

// Every operation that does not continue one single chain of layers is UNIMPLEMENTED, every one
// whose shapes do not fit INVALID_ARGUMENT.
class DenseChain final {
 public:
  explicit DenseChain(TensorSpec input) : input_(std::move(input)) {}

  Signal Input() const { return {-1, Tap::kActivation, 0, input_.shape}; }

  // A new layer: z = x W, with weights [inputs, units].
  absl::StatusOr<Signal> Multiply(const Signal& x, FloatTensor weights);

  // z + b, with b of dimensions [units], [1,units], [1], [1,1] or none; at most 16 times for one
  // layer.
  absl::StatusOr<Signal> AddBias(const Signal& z, const FloatTensor& bias);

  // f(z).
  absl::StatusOr<Signal> Activate(const Signal& z, Activation activation);

  // The network with the signals that leave it, by their names.
  absl::StatusOr<Network> Finish(const std::vector<std::pair<std::string, Signal>>& outputs) &&;

 private:
  struct Progress {
    std::int64_t biases = 0;
    bool activated = false;
  };

  absl::Status CheckCurrent(const Signal& signal) const;
  absl::Status CheckOpen(const Signal& z, const char* operation) const;

  TensorSpec input_;
  std::vector<Layer> layers_;
  std::vector<Progress> progress_;  // of each layer
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_DENSE_CHAIN_H_
