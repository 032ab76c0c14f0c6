// A trained multi-layer perceptron as it was read from a file: a small directed graph of layers,
// mostly dense ones and mostly a plain chain, the tensors that go in, and those that come out.

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

// A tensor's name, its shape for one row, that is, without the batch dimension, and the type of its
// elements. An empty shape is one value a row.
struct TensorSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  Datatype datatype = Datatype::kFp32;

  // The values that one row holds: the product of the shape.
  std::int64_t width() const;
};

// Where a value leaves its layer.
enum class Tap {
  kPreActivation,  // z, e.g. the logits in front of a softmax
  kActivation,     // a
};

// What a layer reads: some units of a layer before it, or of an input.
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

// a = f(z), with z as the operation says.
struct Layer {
  std::int64_t inputs = 0;  // the widths of all sources together
  std::int64_t units = 0;
  RowOperationDetail operation{};  // that of a dense layer by default
  Activation activation;

  // Name in metrics and descriptions, set by Network::Create, so that it never holds text from a
  // model file. Layers that are dense or have an activation are called "hidden_1", "hidden_2", ...,
  // and "output" where none of them comes after ("output_1", "output_2", ... where there are
  // several). The others are called by their combination: "concat_1", "sum_1", ...
  std::string name;

  std::vector<Source> sources{};  // of layers in front of this one

  Combination combination() const { return CombinationOf(operation); }

  // REQUIRES: kDense.
  const Dense& dense() const { return std::get<Dense>(operation); }
  Dense& dense() { return std::get<Dense>(operation); }

  // Activations that come out: `units`, or half of them behind the GLU family.
  std::int64_t outputs() const;

  // The values at `tap`: `units` or outputs().
  std::int64_t WidthAt(Tap tap) const { return tap == Tap::kActivation ? outputs() : units; }

  // Whether it is dense or has an activation, and not just wiring between such layers.
  bool is_proper() const;

  // Whether what its activation does is counted: it is proper, and the activation element-wise.
  bool has_activity() const;

  // Trained values: weights, biases, the parts of an affine layer and the alphas of PReLU.
  std::int64_t parameter_count() const;
};

// What an answer makes of a layer's values.
enum class OutputKind {
  kValues,     // the values themselves, in the tensor's datatype; positions of words for BYTES
  kLabel,      // the label of the greatest of a row, the first one of equals
  kDecisions,  // 1 for each value above the threshold, else 0
};

struct NetworkOutput {
  TensorSpec tensor;       // of the answer
  std::int64_t layer = 0;  // index into Network::layers()
  Tap tap = Tap::kActivation;
  OutputKind kind = OutputKind::kValues;

  // kLabel: one for each unit, in integers for an INT32 or INT64 tensor and in strings for BYTES.
  std::vector<std::int64_t> integer_labels{};
  std::vector<std::string> string_labels{};

  float threshold = 0.5F;  // kDecisions
};

// Any number of threads may read one Network.
class Network {
 public:
  // The widest layer and the widest input that a network may have.
  static constexpr std::int64_t kMaxWidth = std::int64_t{1} << 20;

  // The most units of all layers together. Layers without weights cost a file next to nothing, but
  // an evaluator room for each of their units.
  static constexpr std::int64_t kMaxUnits = std::int64_t{1} << 22;

  // The most layers. Each costs an evaluator buffers and a metric its labels, whatever its width.
  static constexpr std::int64_t kMaxLayers = 1024;

  // Checks that the parts fit together and takes them. UNIMPLEMENTED for a network without a dense
  // layer and for one of more layers or units than these; INVALID_ARGUMENT, naming the layer or the
  // tensor, its value and what was expected, for: no dense layer, no inputs or no outputs; widths
  // that are not in [1, kMaxWidth] or do not fit, too many units or layers; sources that are not in
  // front of their layer; values of the wrong count or not finite; an activation that
  // CheckActivation refuses; an output of another width than its layer; an empty tensor name, the
  // same name twice among the inputs or the outputs, or more than 4,096 of either; strings among
  // them without a vocabulary.
  static absl::StatusOr<Network> Create(std::vector<TensorSpec> inputs, std::vector<Layer> layers,
                                        std::vector<NetworkOutput> outputs,
                                        Vocabulary vocabulary = {});

  // A chain: the first layer reads the input and every other one the activation of the layer in
  // front of it. Sets the sources.
  static absl::StatusOr<Network> Create(TensorSpec input, std::vector<Layer> layers,
                                        std::vector<NetworkOutput> outputs);

  const std::vector<TensorSpec>& inputs() const { return inputs_; }
  const std::vector<Layer>& layers() const { return layers_; }  // each behind its sources
  const std::vector<NetworkOutput>& outputs() const { return outputs_; }

  // What strings of BYTES inputs are looked up in; the evaluator is given their positions.
  const Vocabulary& vocabulary() const { return vocabulary_; }

  // The index of the input or the output that goes by `name`; nothing where none does.
  std::optional<std::size_t> InputNamed(absl::string_view name) const;
  std::optional<std::size_t> OutputNamed(absl::string_view name) const;

  // The values of one row that the evaluator gives for `output`.
  std::int64_t WidthOf(const NetworkOutput& output) const {
    return layers_[static_cast<std::size_t>(output.layer)].WidthAt(output.tap);
  }

  // Trained values of all layers.
  std::int64_t parameter_count() const;

  // Frees the weights of the dense layer `layer`, for who has a copy of them in another form: they
  // are most of a network. Everything else stays as it is, parameter_count() too. No other thread
  // may read the network meanwhile.
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
