// Reads any bytes as config.pbtxt or, if they begin with a brace, as the JSON that clients send
// instead. Checks the settings against a network, in a folder that does not exist.

#include <cstddef>
#include <cstdint>
#include <string>

#include "model/network.h"
#include "server/repository/model_settings.h"

namespace {

// With the tensors that the seeds name: 64 inputs, 10 units.
mlp::Network DigitsNetwork() {
  mlp::Layer layer;
  layer.name = "hidden_1";
  layer.inputs = 64;
  layer.units = 10;
  layer.dense().weights.assign(640, 0.5F);
  layer.dense().bias.assign(10, 0.0F);
  mlp::NetworkOutput output;
  output.tensor = {"probabilities", {10}};
  return *mlp::Network::Create({"pixels", {64}}, {layer}, {output});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const bool is_json = !text.empty() && text.front() == '{';
  auto settings = is_json ? mlp::ParseModelSettingsJson(text, "digits")
                          : mlp::ParseModelSettings(text, "digits");
  if (!settings.ok()) return 0;
  static const mlp::Network network = DigitsNetwork();
  mlp::FitToNetwork("no_folder", network, *settings).IgnoreError();
  return 0;
}
