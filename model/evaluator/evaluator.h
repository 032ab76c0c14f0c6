// Evaluates a network on rows of inputs and counts how its activations behave.
//
// An Evaluator is immutable: any number of threads may evaluate with it at the same time, each with
// a separate workspace and activity. Small batches are evaluated on the calling thread; larger ones
// are split across the threads of a oneTBB arena.

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
  // Rows that pass through all layers together: their activations stay in the second-level cache.
  static constexpr std::int64_t kBlockRows = 64;

  // As many threads as the arena has.
  static constexpr int kAllThreads = std::numeric_limits<int>::max();

  // The buffers of one evaluation. Make one for each thread and reuse it: evaluation then allocates
  // nothing.
  class Workspace;

  // Takes ownership of the network and frees each dense layer's weights as soon as they are packed;
  // a network moved in here is never in memory twice. `saturation_epsilon`, in (0, 1), defines the
  // tails. `arena` runs split batches and must outlive the evaluator. The CPU must support
  // `instruction_set`; the answers of different sets differ only by rounding. `storage` is the
  // format of dense layers' weights.
  Evaluator(Network network, double saturation_epsilon, tbb::task_arena& arena,
            InstructionSet instruction_set = BestInstructionSet(),
            WeightStorage storage = WeightStorage::kFloat32);

  Workspace MakeWorkspace() const;

  // Evaluates `rows` >= 0 rows. `inputs` has one row-major array, [rows, its width], for each of
  // network().inputs(), in their order; `outputs` has one row-major array, [rows,
  // network().WidthOf(output)], for each of network().outputs(). For an output of labels, the array
  // gets the values that decide the label (output_labels.h). Adds the activations' counts to
  // `activity` (from MakeNetworkActivity), which must be settled before it is read. NaN and
  // infinity follow IEEE 754.
  //
  // A large enough batch is split over at most `most_threads` >= 1 threads, including this one. The
  // outputs are the same to the bit. Splitting only pays off if the other threads are idle.
  void Evaluate(std::int64_t rows, absl::Span<const float* const> inputs,
                absl::Span<float* const> outputs, Workspace& workspace, NetworkActivity& activity,
                int most_threads = kAllThreads) const;

  // The same for a network with one input.
  void Evaluate(std::int64_t rows, const float* input, absl::Span<float* const> outputs,
                Workspace& workspace, NetworkActivity& activity) const {
    Evaluate(rows, absl::MakeConstSpan(&input, 1), outputs, workspace, activity);
  }

  // Receives a layer's values for a block of rows: z, [rows, units], and a, [rows, outputs], both
  // row-major and valid only during the call. `layer` is an index into network().layers();
  // `first_row` is the block's first row in the batch.
  using Observe = absl::FunctionRef<void(std::size_t layer, std::int64_t first_row,
                                         std::int64_t rows, const float* z, const float* a)>;

  // Evaluates like Evaluate, to the same bits, and calls `observe` with each layer of each block of
  // up to kBlockRows rows, in order and on this thread. Counts nothing. It allocates and is slower:
  // use it for calibration, samples and single requests.
  void EvaluateObserved(std::int64_t rows, absl::Span<const float* const> inputs,
                        absl::Span<float* const> outputs, Workspace& workspace,
                        Observe observe) const;

  // Writes |f'(z)|, as Evaluate counts it, for `rows` rows of a layer to `slopes`, [rows, units]. z
  // and a = f(z) have the shapes that Observe gets. REQUIRES: the layer's has_activity().
  void Slopes(std::size_t layer, const float* z, const float* a, std::int64_t rows,
              float* slopes) const;

  // The network, without the weights of its dense layers.
  const Network& network() const { return *network_; }

  // The same network, for callers that may outlive the evaluator.
  std::shared_ptr<const Network> shared_network() const { return network_; }

  // Bytes of the trained values as evaluated. Dense layers: packed weights with their padding,
  // biases, and each unit's tails and alpha. Other layers: the values that the network holds.
  std::int64_t weight_bytes() const;

  // Bytes of one workspace.
  std::int64_t workspace_bytes() const;

  // Number of threads in the arena, including the threads that call Evaluate.
  int threads() const { return std::max(1, arena_.max_concurrency()); }

  double saturation_epsilon() const { return saturation_epsilon_; }
  InstructionSet instruction_set() const { return instruction_set_; }
  WeightStorage weight_storage() const { return weight_storage_; }

  // The current tails, one entry for each layer.
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
  std::vector<std::unique_ptr<const DenseLayer>> dense_layers_;  // null for other layers
  std::vector<bool> reads_z_;  // whether a layer or an output reads the layer's pre-activations
  std::vector<SaturationBounds> saturation_bounds_;
  std::vector<std::vector<float>> unit_alphas_;  // for each layer: empty, or one for each unit
  MemoryPlan memory_;
  std::size_t most_sources_ = 0;     // of any layer
  std::int64_t scratch_floats_ = 0;  // of any dense layer
  std::int64_t widest_ = 0;          // units of the widest layer
  std::int64_t multiply_adds_per_row_ = 0;
};

// The buffers of one piece of a batch.
struct Evaluator::Piece {
  std::vector<std::vector<float>> buffers;  // of the memory plan, each [kBlockRows, its width]
  std::vector<float> slopes;                // [widest_]
  std::vector<float> scratch;               // of the dense layers
  // This piece and the others that may evaluate parts of its layers; empty if the batch is split by
  // rows or not at all.
  absl::Span<Piece> helpers;
  std::vector<RowsView> sources;  // of the current layer
  NetworkActivity activity;       // this piece's counts, if several pieces evaluate one batch
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
