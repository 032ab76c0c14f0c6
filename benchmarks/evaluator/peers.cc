#include "benchmarks/evaluator/peers.h"

#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <vector>

#include "benchmarks/evaluator/machine_kernels.h"
#include "model/activations/kernels/activation_kernel.h"
#include "model/evaluator/dense_layer.h"
#include "model/evaluator/evaluator.h"

namespace mlp {
namespace {

// A buffer for each layer's values.
std::vector<std::vector<float>> BuffersFor(const Network& network, std::int64_t rows) {
  std::vector<std::vector<float>> buffers;
  for (const Layer& layer : network.layers()) {
    buffers.emplace_back(static_cast<std::size_t>(rows * layer.units));
  }
  return buffers;
}

class Ours final : public Peer {
 public:
  Ours(const std::shared_ptr<const Network>& network, std::int64_t rows,
       InstructionSet instruction_set, int threads, WeightStorage storage)
      : arena_(threads),
        rows_(rows),
        evaluator_(*network, 0.01, arena_, instruction_set, storage),
        workspace_(evaluator_.MakeWorkspace()),
        activity_(MakeNetworkActivity(*network)),
        values_(static_cast<std::size_t>(rows * network->layers().back().units)),
        outputs_({values_.data()}) {}

  const float* Evaluate(const float* x) override {
    evaluator_.Evaluate(rows_, x, absl::MakeSpan(outputs_), workspace_, activity_);
    return values_.data();
  }

 private:
  tbb::task_arena arena_;
  std::int64_t rows_;
  Evaluator evaluator_;
  Evaluator::Workspace workspace_;
  NetworkActivity activity_;
  std::vector<float> values_;
  std::vector<float*> outputs_;
};

class Layers final : public Peer {
 public:
  Layers(const Network& network, std::int64_t rows, InstructionSet instruction_set, bool counts)
      : rows_(rows),
        counts_(counts),
        activity_(MakeNetworkActivity(network)),
        buffers_(BuffersFor(network, rows)) {
    for (const Layer& layer : network.layers()) {
      layers_.push_back(
          std::make_unique<DenseLayer>(layer, BoundsOf(layer, 0.01), instruction_set));
      inputs_.push_back(layer.inputs);
      const auto scratch = layers_.back()->ScratchFloats(Evaluator::kBlockRows);
      scratch_.resize(std::max(scratch_.size(), static_cast<std::size_t>(scratch)));
    }
    values_.resize(buffers_.back().size());
  }

  const float* Evaluate(const float* x) override {
    constexpr std::int64_t kBlockRows = Evaluator::kBlockRows;
    const std::int64_t inputs = inputs_.front();
    const std::int64_t units = static_cast<std::int64_t>(values_.size()) / rows_;
    for (std::int64_t row = 0; row < rows_; row += kBlockRows) {
      const std::int64_t count = std::min(kBlockRows, rows_ - row);
      const float* read = x + row * inputs;
      for (std::size_t i = 0; i < layers_.size(); ++i) {
        float* made = buffers_[i].data();
        layers_[i]->Evaluate(read, inputs_[i], count, layers_[i]->AllPanels(), scratch_.data(),
                             nullptr, made, counts_ ? &activity_[i] : nullptr);
        read = made;
      }
      std::copy_n(read, count * units, values_.data() + row * units);
    }
    return values_.data();
  }

 private:
  std::int64_t rows_;
  bool counts_;
  NetworkActivity activity_;
  std::vector<std::unique_ptr<DenseLayer>> layers_;
  std::vector<std::int64_t> inputs_;
  std::vector<float> scratch_;
  std::vector<std::vector<float>> buffers_;
  std::vector<float> values_;
};

class EigenLayers final : public Peer {
 public:
  EigenLayers(const std::shared_ptr<const Network>& network, std::int64_t rows,
              InstructionSet instruction_set)
      : network_(network),
        rows_(rows),
        instruction_set_(instruction_set),
        buffers_(BuffersFor(*network_, rows)) {}

  const float* Evaluate(const float* x) override {
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      const Layer& layer = network_->layers()[i];
      float* z = buffers_[i].data();
      MachineKernelsOf(instruction_set_)
          .eigen_product(x, layer.dense().weights.data(), layer.dense().bias.data(), rows_,
                         layer.inputs, layer.units, z);
      KernelOf(layer.activation.kind, instruction_set_)
          .values(z, layer.activation.parameters.data(), nullptr, rows_ * layer.units, z);
      x = z;
    }
    return x;
  }

 private:
  std::shared_ptr<const Network> network_;
  std::int64_t rows_;
  InstructionSet instruction_set_;
  std::vector<std::vector<float>> buffers_;
};

}  // namespace

std::unique_ptr<Peer> MakeOurs(const std::shared_ptr<const Network>& network, std::int64_t rows,
                               InstructionSet instruction_set, int threads, WeightStorage storage) {
  return std::make_unique<Ours>(network, rows, instruction_set, threads, storage);
}

std::unique_ptr<Peer> MakeLayers(const std::shared_ptr<const Network>& network, std::int64_t rows,
                                 InstructionSet instruction_set, bool counts) {
  return std::make_unique<Layers>(*network, rows, instruction_set, counts);
}

std::unique_ptr<Peer> MakeEigen(const std::shared_ptr<const Network>& network, std::int64_t rows,
                                InstructionSet instruction_set) {
  return std::make_unique<EigenLayers>(network, rows, instruction_set);
}

}  // namespace mlp
