// A trained multi-layer perceptron, as read from a file: its input tensors, a small directed graph
// of layers, and its output tensors. Most layers are dense, and most graphs are a plain chain.

#ifndef MLP_MODEL_NETWORK_H_
#define MLP_MODEL_NETWORK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/activations/activation.h"
#include "model/combination.h"
#include "model/datatype.h"
#include "model/row_operations.h"
#include "model/vocabulary.h"

namespace mlp {

// A tensor's name, element type and shape of one row, without the batch dimension. An empty shape
// means one value per row.
struct TensorSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  Datatype datatype = Datatype::kFp32;

  // Values of one row: the product of the shape, or -1 where a dimension or the product is below 1
  // or above Network::kMaxWidth.
  std::int64_t width() const;
};

// The point at which a value is read from its layer.
enum class Tap {
  kPreActivation,  // z, e.g. the logits before a softmax
  kActivation,     // a
};

// What a layer reads: some units of an earlier layer or of an input.
struct Source {
  static Source OfInput(std::int64_t input, std::int64_t width) {
    return {-1 - input, Tap::kActivation, 0, width};
  }
  static Source OfLayer(std::int64_t layer, Tap tap, std::int64_t width) {
    return {layer, tap, 0, width};
  }
  bool is_input() const { return layer < 0; }
  std::int64_t input() const { return -1 - layer; }

  std::int64_t layer = 0;  // index into Network::layers(); below 0, -1 - index into inputs()
  Tap tap = Tap::kActivation;
  std::int64_t first = 0;  // the units [first, first + width)
  std::int64_t width = 0;
};

// a = f(z), with z computed by the operation.
struct Layer {
  std::int64_t inputs = 0;  // the widths of all sources together
  std::int64_t units = 0;
  RowOperationDetail operation{};  // a dense layer's by default
  Activation activation;

  // Name in metrics and descriptions. Network::Create sets it, so it never holds text from a model
  // file. Layers that are dense or have an activation are called "hidden_1", "hidden_2", ..., or
  // "output" if no such layer follows ("output_1", "output_2", ... if there are several). The
  // others are named after their combination: "concat_1", "sum_1", ...
  std::string name;

  std::vector<Source> sources{};  // earlier layers or inputs

  Combination combination() const { return CombinationOf(operation); }

  // REQUIRES: kDense.
  const Dense& dense() const { return std::get<Dense>(operation); }
  Dense& dense() { return std::get<Dense>(operation); }

  // Values after the activation: `units`, or half of them for the GLU family.
  std::int64_t outputs() const;

  // Number of values at `tap`: `units` or outputs().
  std::int64_t WidthAt(Tap tap) const { return tap == Tap::kActivation ? outputs() : units; }

  // Whether it is dense or has an activation; otherwise it only connects such layers.
  bool is_proper() const;

  // Whether its activations are counted: it is proper and its activation is element-wise.
  bool has_activity() const;

  // Trained values: weights, biases, the parts of an affine layer and the alphas of PReLU.
  std::int64_t parameter_count() const;
};

// How an answer shows a layer's values.
enum class OutputKind {
  kValues,     // the values themselves, in the tensor's datatype; positions of words for BYTES
  kLabel,      // the label of the row's greatest value, the first one of equals
  kDecisions,  // 1 for each value above the threshold, else 0
};

struct NetworkOutput {
  TensorSpec tensor;       // of the answer
  std::int64_t layer = 0;  // index into Network::layers()
  Tap tap = Tap::kActivation;
  OutputKind kind = OutputKind::kValues;

  // kLabel: one for each unit; integers for an INT32 or INT64 tensor, strings for BYTES.
  std::vector<std::int64_t> integer_labels{};
  std::vector<std::string> string_labels{};

  float threshold = 0.5F;  // kDecisions
};

// Any number of threads may read one Network.
class Network {
 public:
  // The widest layer and the widest input that a network may have.
  static constexpr std::int64_t kMaxWidth = std::int64_t{1} << 20;

  // The most units of all layers together. A layer without weights takes almost no room in a file,
  // but the evaluator needs memory for each of its units.
  static constexpr std::int64_t kMaxUnits = std::int64_t{1} << 22;

  // The most layers. Whatever its width, each layer costs the evaluator buffers and the metrics
  // labels.
  static constexpr std::int64_t kMaxLayers = 1024;

  // Checks that the parts fit together and takes ownership of them.
  //
  // UNIMPLEMENTED: no layer that is dense or a matrix product; more than kMaxLayers layers,
  // kMaxUnits units, or 4,096 inputs or outputs.
  //
  // INVALID_ARGUMENT, naming the layer or the tensor, the value and what was expected: no inputs or
  // no outputs; widths that are not in [1, kMaxWidth] or do not match; sources that do not precede
  // their layer; the wrong number of values, or values that are not finite; an activation that
  // CheckActivation refuses; an output of another width than its layer; an empty tensor name, or
  // the same name twice among the inputs or the outputs; BYTES inputs or outputs without a
  // vocabulary.
  static absl::StatusOr<Network> Create(std::vector<TensorSpec> inputs, std::vector<Layer> layers,
                                        std::vector<NetworkOutput> outputs,
                                        Vocabulary vocabulary = {});

  // A chain: the first layer reads the input, every other layer the activation of the layer before
  // it. Sets the sources.
  static absl::StatusOr<Network> Create(TensorSpec input, std::vector<Layer> layers,
                                        std::vector<NetworkOutput> outputs);

  const std::vector<TensorSpec>& inputs() const { return inputs_; }
  const std::vector<Layer>& layers() const { return layers_; }  // each after its sources
  const std::vector<NetworkOutput>& outputs() const { return outputs_; }

  // Gives the positions of the strings in BYTES inputs; the evaluator reads the positions.
  const Vocabulary& vocabulary() const { return vocabulary_; }

  // The index of the input or output called `name`, or nothing.
  std::optional<std::size_t> InputNamed(absl::string_view name) const;
  std::optional<std::size_t> OutputNamed(absl::string_view name) const;

  // Values of one row that the evaluator writes for `output`.
  std::int64_t WidthOf(const NetworkOutput& output) const {
    return layers_[static_cast<std::size_t>(output.layer)].WidthAt(output.tap);
  }

  // Trained values of all layers.
  std::int64_t parameter_count() const;

  // Frees the weights of the dense layer `layer`, for a caller that keeps them in another form:
  // weights are most of a network's memory. Everything else stays the same, including
  // parameter_count(). No other thread may read the network during the call.
  void ReleaseWeights(std::size_t layer);

 private:
  Network(std::vector<TensorSpec> inputs, std::vector<Layer> layers,
          std::vector<NetworkOutput> outputs, Vocabulary vocabulary);

  std::vector<TensorSpec> inputs_;
  std::vector<Layer> layers_;
  std::vector<NetworkOutput> outputs_;
  Vocabulary vocabulary_;
};

}  // namespace mlp

#endif  // MLP_MODEL_NETWORK_H_
