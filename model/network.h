// A trained multi-layer perceptron as it was read from a file: a chain of dense layers, the tensor
// that goes in, and the tensors that come out.

#ifndef MLP_MODEL_NETWORK_H_
#define MLP_MODEL_NETWORK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/activations/activation.h"

namespace mlp {

// A tensor's name and its shape for one row, that is, without the batch dimension. An empty shape
// is one value a row.
struct TensorSpec {
  std::string name;
  std::vector<std::int64_t> shape;

  // The values that one row holds: the product of the shape.
  std::int64_t width() const;
};

// a = f(z) with z = x W + b.
struct DenseLayer {
  std::int64_t inputs = 0;
  std::int64_t units = 0;
  std::vector<float> weights;  // [inputs, units], row-major
  std::vector<float> bias;     // [units]
  Activation activation;

  // Name in metrics and descriptions: "hidden_1", "hidden_2", ... and "output" for the last layer.
  // Set by Network::Create, so that it never holds text from a model file.
  std::string name;

  // Activations that come out: `units`, or half of them behind the GLU family.
  std::int64_t outputs() const;

  // Trained values: weights, biases and the alphas of PReLU.
  std::int64_t parameter_count() const;
};

// Where an output leaves its layer.
enum class Tap {
  kPreActivation,  // z, e.g. the logits in front of a softmax
  kActivation,     // a
};

struct NetworkOutput {
  TensorSpec tensor;
  std::int64_t layer = 0;  // index into Network::layers()
  Tap tap = Tap::kActivation;
};

// Immutable: any number of threads may read one Network.
class Network {
 public:
  // The widest layer and the widest input that a network may have.
  static constexpr std::int64_t kMaxWidth = std::int64_t{1} << 20;

  // Checks that the parts fit together and takes them. INVALID_ARGUMENT, naming the layer or the
  // tensor, its value and what was expected, for: no layers or no outputs; widths that are not in
  // [1, kMaxWidth] or do not chain; weights or biases of the wrong count or not finite; an
  // activation that CheckActivation refuses; softmax or its like before the last layer; an output
  // of another width than what it taps, an empty tensor name, or the same name twice.
  static absl::StatusOr<Network> Create(TensorSpec input, std::vector<DenseLayer> layers,
                                        std::vector<NetworkOutput> outputs);

  const TensorSpec& input() const { return input_; }
  const std::vector<DenseLayer>& layers() const { return layers_; }
  const std::vector<NetworkOutput>& outputs() const { return outputs_; }

  // Trained values of all layers.
  std::int64_t parameter_count() const;

 private:
  Network(TensorSpec input, std::vector<DenseLayer> layers, std::vector<NetworkOutput> outputs);

  TensorSpec input_;
  std::vector<DenseLayer> layers_;
  std::vector<NetworkOutput> outputs_;
};

}  // namespace mlp

#endif  // MLP_MODEL_NETWORK_H_
