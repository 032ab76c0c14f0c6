#include "model/drift/network_digest.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "model/formats/model_file.h"
#include "model/formats/native/reader.h"
#include "model/formats/native/writer.h"
#include "tests/model/every_operation.h"

namespace mlp {
namespace {

TEST(NetworkDigestTest, IsTheSameInAnotherFormat) {
  std::set<std::string> digests;
  const std::filesystem::path models = MLP_SOURCE_DIR "/deploy/models/repository";
  for (const char* name : {"digits-tanh", "digits-prelu", "digits-relu"}) {
    const auto read = ReadModelFile(models / name / "1" / kOnnxFile);
    ASSERT_TRUE(read.ok()) << read.status();
    const auto written = WriteNative(read->network);
    ASSERT_TRUE(written.ok()) << written.status();
    const auto again = ReadNative(written->document, written->tensors);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(NetworkDigest(again->network), NetworkDigest(read->network)) << name;
    EXPECT_EQ(NetworkDigest(read->network).size(), 64U);
    digests.insert(NetworkDigest(read->network));
  }
  EXPECT_EQ(digests.size(), 3U);
  EXPECT_EQ(NetworkDigest(NetworkOfEveryOperation()), NetworkDigest(NetworkOfEveryOperation()));
}

// Two dense layers of 2 units.
std::vector<Layer> TwoLayers() {
  std::vector<Layer> layers(2);
  for (Layer& layer : layers) {
    layer.inputs = layer.units = 2;
    layer.dense().weights = {1, 2, 3, 4};
    layer.dense().bias = {0, 0};
    layer.activation.kind = ActivationKind::kTanh;
  }
  return layers;
}

TEST(NetworkDigestTest, DependsOnTheWholeComputationButNotOnNames) {
  const auto digest_of =
      [](const std::function<void(std::vector<Layer>&, NetworkOutput&)>& change) {
        std::vector<Layer> layers = TwoLayers();
        NetworkOutput output;
        output.tensor = {"y", {2}};
        output.layer = 1;
        change(layers, output);
        return NetworkDigest(Network::Create({"x", {2}}, std::move(layers), {output}).value());
      };
  using Layers = std::vector<Layer>;
  const std::string plain = digest_of([](Layers&, NetworkOutput&) {});
  EXPECT_EQ(digest_of([](Layers&, NetworkOutput& output) { output.tensor.name = "z"; }), plain);
  const std::vector<std::function<void(Layers&, NetworkOutput&)>> changes = {
      [](Layers& layers, NetworkOutput&) { layers[0].dense().weights[3] = 5; },
      [](Layers& layers, NetworkOutput&) { layers[1].dense().bias[0] = 1; },
      [](Layers& layers, NetworkOutput&) { layers[0].activation.kind = ActivationKind::kSigmoid; },
      [](Layers& layers, NetworkOutput&) {
        layers[0].activation = DefaultActivation(ActivationKind::kElu);
      },
      [](Layers& layers, NetworkOutput&) {
        layers[0].activation = DefaultActivation(ActivationKind::kElu);
        layers[0].activation.parameters[0] = 0.5F;
      },
      [](Layers&, NetworkOutput& output) { output.layer = 0; },
      [](Layers&, NetworkOutput& output) { output.tap = Tap::kPreActivation; },
  };
  std::set<std::string> digests = {plain};
  for (const auto& change : changes) digests.insert(digest_of(change));
  EXPECT_EQ(digests.size(), changes.size() + 1);
}

}  // namespace
}  // namespace mlp
