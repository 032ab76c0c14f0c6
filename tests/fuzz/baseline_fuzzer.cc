// Reads any bytes as the baseline of a small network, judges a window with it, writes it and reads
// it again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "model/drift/baseline_file.h"
#include "model/drift/drift_judge.h"
#include "model/network.h"

namespace {

// The network of the seeds: 2 inputs, 3 hidden units, 2 classes.
mlp::Network SmallClassifier() {
  std::vector<mlp::Layer> layers(2);
  layers[0].inputs = 2;
  layers[0].units = 3;
  layers[0].dense().weights.assign(6, 0.5F);
  layers[0].dense().bias.assign(3, 0.0F);
  layers[0].activation.kind = mlp::ActivationKind::kTanh;
  layers[1].inputs = 3;
  layers[1].units = 2;
  layers[1].dense().weights.assign(6, 0.25F);
  layers[1].dense().bias.assign(2, 0.0F);
  layers[1].activation.kind = mlp::ActivationKind::kSoftmax;
  mlp::NetworkOutput output;
  output.tensor = {"probabilities", {2}};
  output.layer = 1;
  return *mlp::Network::Create({"x", {2}}, std::move(layers), {output});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const mlp::Network network = SmallClassifier();
  constexpr char kDigest[] = "seed";
  const auto read =
      mlp::ReadBaseline({reinterpret_cast<const char*>(data), size}, network, kDigest);
  if (!read.ok()) return 0;
  for (std::size_t i = 0; i < read->targets.size(); ++i) {
    const mlp::TargetBaseline& target = read->targets[i];
    const mlp::SubWindow part = {
        100, std::vector<double>(static_cast<std::size_t>(target.components), 50.0)};
    // Judged whole, and with one sub-window that may be left out.
    for (const std::size_t parts : {std::size_t{1}, std::size_t{5}}) {
      mlp::JudgeWindow(target, read->rows, read->AcceptedOf(i),
                       std::vector<mlp::SubWindow>(parts, part));
    }
  }
  if (!mlp::ReadBaseline(mlp::WriteBaseline(*read, network), network, kDigest).ok()) std::abort();
  return 0;
}
