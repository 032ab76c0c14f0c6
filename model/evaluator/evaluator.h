// Evaluates a network on rows of inputs, and counts how its activations behave while it does.
//
// An Evaluator is immutable: any number of threads may evaluate with one at the same time, each
// with a workspace and an activity of its own. Small batches are evaluated on the calling thread;
// larger ones are split by rows over oneTBB's arena.

#ifndef MLP_MODEL_EVALUATOR_EVALUATOR_H_
#define MLP_MODEL_EVALUATOR_EVALUATOR_H_

#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "model/activations/kernels/activation_kernel.h"
#include "model/cpu/instruction_set.h"
#include "model/evaluator/combine.h"
#include "model/evaluator/dense_layer.h"
#include "model/evaluator/layer_activity.h"
#include "model/evaluator/memory_plan.h"
#include "model/evaluator/saturation_bounds.h"
#include "model/network.h"
#include "model/weight_storage.h"

namespace mlp {

class Evaluator final {
 public:
  // Rows that go through all layers together: their activations stay in the second-level cache.
  static constexpr std::int64_t kBlockRows = 64;

  // As many threads as the arena has.
  static constexpr int kAllThreads = std::numeric_limits<int>::max();

  // The buffers of one evaluation: make one for each thread and keep it, so that evaluating
  // allocates nothing.
  class Workspace;

  // Takes the network, and frees the weights of each dense layer as soon as they are packed, so
  // that a network that is moved here is never held twice. `saturation_epsilon` in (0, 1) sets the
  // tails; `arena` runs what is worth splitting and must outlive the evaluator. `instruction_set`
  // is what evaluates, which this CPU must support; answers differ from one to another by
  // roundings. The weights of dense layers are kept as `storage`.
  Evaluator(Network network, double saturation_epsilon, tbb::task_arena& arena,
            InstructionSet instruction_set = BestInstructionSet(),
            WeightStorage storage = WeightStorage::kFloat32);

  Workspace MakeWorkspace() const;

  // Evaluates `rows` >= 0 rows of `inputs`, one array for each of network().inputs(), in their
  // order, [rows, its width] and row-major, into `outputs`: one array for each of
  // network().outputs(), [rows, network().WidthOf(output)] and row-major. An output of labels gets
  // the values that they are told from (output_labels.h). Adds what the activations did to
  // `activity` (of MakeNetworkActivity), which must be settled before it is read. NaN and infinity
  // follow IEEE 754's rules. What is worth splitting is split over `most_threads` >= 1 threads at
  // most, this one among them: the outputs are the same to the bit, and it pays only where the
  // others have nothing better to do.
  void Evaluate(std::int64_t rows, absl::Span<const float* const> inputs,
                absl::Span<float* const> outputs, Workspace& workspace, NetworkActivity& activity,
                int most_threads = kAllThreads) const;

  // The same for a network of one input.
  void Evaluate(std::int64_t rows, const float* input, absl::Span<float* const> outputs,
                Workspace& workspace, NetworkActivity& activity) const {
    Evaluate(rows, absl::MakeConstSpan(&input, 1), outputs, workspace, activity);
  }

  // What a block of rows made of a layer: z, [rows, units], and a, [rows, outputs], both row-major
  // and gone after the call. `layer` is an index into network().layers(), `first_row` one into the
  // rows of the call.
  using Observe = absl::FunctionRef<void(std::size_t layer, std::int64_t first_row,
                                         std::int64_t rows, const float* z, const float* a)>;

  // Evaluates as Evaluate does, to the same bits, and calls `observe` with each layer of each block
  // of up to kBlockRows rows, in order and on this thread. Counts nothing. It allocates and is
  // slower: for calibration, samples and single requests.
  void EvaluateObserved(std::int64_t rows, absl::Span<const float* const> inputs,
                        absl::Span<float* const> outputs, Workspace& workspace,
                        Observe observe) const;

  // |f'(z)| of `rows` rows of a layer, as it is counted, with z and a = f(z) as above, into
  // `slopes`, [rows, units]. REQUIRES: the layer's has_activity().
  void Slopes(std::size_t layer, const float* z, const float* a, std::int64_t rows,
              float* slopes) const;

  // The network without the weights of its dense layers.
  const Network& network() const { return *network_; }

  // The same, for who may outlive the evaluator.
  std::shared_ptr<const Network> shared_network() const { return network_; }

  // The memory of the trained values as they are evaluated: of dense layers the packed weights with
  // their padding, the biases and the tails and alphas of each unit; of others what the network
  // holds.
  std::int64_t weight_bytes() const;

  // The memory of one workspace.
  std::int64_t workspace_bytes() const;

  // How many threads the arena has, those that call Evaluate included.
  int threads() const { return std::max(1, arena_.max_concurrency()); }

  double saturation_epsilon() const { return saturation_epsilon_; }
  InstructionSet instruction_set() const { return instruction_set_; }
  WeightStorage weight_storage() const { return weight_storage_; }

  // The tails in force, one entry for each layer.
  const std::vector<SaturationBounds>& saturation_bounds() const { return saturation_bounds_; }

 private:
  struct Piece;

  using Inputs = absl::Span<const float* const>;
  using Outputs = absl::Span<float* const>;

  void EvaluateRows(std::int64_t first_row, std::int64_t end_row, Inputs inputs, Outputs outputs,
                    Piece& piece, NetworkActivity& activity) const;
  void EvaluateBlock(std::int64_t first_row, std::int64_t rows, Inputs inputs, Outputs outputs,
                     Piece& piece, NetworkActivity& activity) const;
  void EvaluateDense(std::size_t layer, std::int64_t rows, Piece& piece,
                     NetworkActivity& activity) const;
  void EvaluateOther(std::size_t layer, std::int64_t rows, Piece& piece,
                     NetworkActivity& activity) const;
  void Activate(std::size_t layer, std::int64_t rows, Piece& piece,
                NetworkActivity& activity) const;
  void EvaluateParts(std::size_t layer, const RowsView& x, std::int64_t rows, Piece& piece,
                     NetworkActivity& activity) const;
  void ObserveBlock(std::int64_t first_row, std::int64_t rows, Inputs inputs, Outputs outputs,
                    Piece& piece, NetworkActivity& uncounted, float* z, Observe observe) const;
  const float* EvaluateDenseWithZ(std::size_t layer, std::int64_t rows, Piece& piece,
                                  float* z) const;
  void CopyOutputs(std::size_t layer, std::int64_t first_row, std::int64_t rows, Outputs outputs,
                   const Piece& piece) const;
  RowsView DenseSource(std::size_t layer, std::int64_t rows, Piece& piece) const;
  void FindSources(std::size_t layer, std::int64_t first_row, Inputs inputs, Piece& piece) const;
  void Count(std::size_t layer, const float* z, const float* a, float* slopes,
             LayerActivity& activity) const;

  std::shared_ptr<const Network> network_;
  double saturation_epsilon_;
  tbb::task_arena& arena_;
  InstructionSet instruction_set_;
  WeightStorage weight_storage_;
  std::vector<const ActivationKernel*> kernels_;                 // one for each layer
  std::vector<std::unique_ptr<const DenseLayer>> dense_layers_;  // null for the others
  std::vector<bool> reads_z_;  // whether something reads a layer's pre-activations
  std::vector<SaturationBounds> saturation_bounds_;
  std::vector<std::vector<float>> unit_alphas_;  // for each layer: none, or one a unit
  MemoryPlan memory_;
  std::size_t most_sources_ = 0;     // of any layer
  std::int64_t scratch_floats_ = 0;  // of any dense layer
  std::int64_t widest_ = 0;          // units of the widest layer
  std::int64_t multiply_adds_per_row_ = 0;
};

// The buffers of one piece of a batch.
struct Evaluator::Piece {
  std::vector<std::vector<float>> buffers;  // of the memory plan, each [block, its width]
  std::vector<float> slopes;                // [widest]
  std::vector<float> scratch;               // of the dense layers
  // Pieces that may take parts of this one's layers, and this one first; empty where it has a
  // batch's rows for itself.
  absl::Span<Piece> helpers;
  std::vector<RowsView> sources;  // of the layer that is evaluated
  NetworkActivity activity;       // what this piece counted, where several work on one batch
};

class Evaluator::Workspace {
 public:
  Workspace(Workspace&&) = default;
  Workspace& operator=(Workspace&&) = default;

 private:
  friend class Evaluator;
  Workspace() = default;

  std::vector<Piece> pieces_;
};

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_EVALUATOR_H_
