#include "model/formats/native_writer.h"

#include <cmath>
#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/formats/file_content.h"
#include "model/formats/native_document.h"
#include "model/formats/native_reader.h"
#include "model/formats/safetensors.h"

namespace mlp {
namespace {

// Collects tensors, whose data stay where they are.
class TensorsWriter final {
 public:
  // The tensor's name, which is `name`.
  std::string Add(std::string name, std::vector<std::int64_t> shape,
                  const std::vector<float>& values) {
    const auto* bytes = reinterpret_cast<const char*>(values.data());
    tensors_.push_back({name, SafetensorsType::kF32, std::move(shape),
                        absl::string_view(bytes, values.size() * sizeof(float))});
    return name;
  }

  std::string Finish() const { return SerializeSafetensors(tensors_, {{"format", "mlpserve"}}); }

 private:
  std::vector<SafetensorsTensor> tensors_;
};

NativeActivation ActivationOf(const DenseLayer& layer, TensorsWriter& tensors) {
  const Activation& activation = layer.activation;
  NativeActivation description;
  description.name = std::string(InfoOf(activation.kind).name);
  const ActivationInfo& info = InfoOf(activation.kind);
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    // JSON has no infinity, which only defaults are.
    if (!std::isfinite(activation.parameters[i])) continue;
    description.parameters.emplace_back(std::string(info.parameters[i].name),
                                        static_cast<double>(activation.parameters[i]));
  }
  if (activation.unit_alpha.size() == 1) {
    description.parameters.emplace_back("alpha", static_cast<double>(activation.unit_alpha[0]));
  } else if (!activation.unit_alpha.empty()) {
    description.parameters.emplace_back("alpha", tensors.Add(absl::StrCat(layer.name, ".alpha"),
                                                             {layer.units}, activation.unit_alpha));
  }
  return description;
}

NativeLayer LayerOf(const DenseLayer& layer, TensorsWriter& tensors) {
  NativeLayer description;
  description.name = layer.name;
  description.weights =
      tensors.Add(absl::StrCat(layer.name, ".weights"), {layer.inputs, layer.units}, layer.weights);
  description.layout = "in_out";
  description.bias = tensors.Add(absl::StrCat(layer.name, ".bias"), {layer.units}, layer.bias);
  description.activation = ActivationOf(layer, tensors);
  return description;
}

}  // namespace

NativeModel WriteNative(const Network& network) {
  NativeDocument document;
  document.inputs.push_back({network.input().name, network.input().shape});
  TensorsWriter tensors;
  for (const DenseLayer& layer : network.layers()) {
    document.layers.push_back(LayerOf(layer, tensors));
    // A layer has its name from the network; an input may have the same one, and comes first.
    if (layer.name == network.input().name) document.layers.back().name->append("_layer");
  }
  for (const NetworkOutput& output : network.outputs()) {
    NativeOutput& description = document.outputs.emplace_back();
    description.name = output.tensor.name;
    description.layer = document.layers[static_cast<std::size_t>(output.layer)].name;
    if (output.tap == Tap::kPreActivation) description.tap = "pre_activation";
    description.shape.emplace(output.tensor.shape);
  }
  return {SerializeNativeDocument(document), tensors.Finish()};
}

absl::Status WriteNativeFolder(const Network& network, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("the folder cannot be made: ", error.message()));
  }
  const NativeModel model = WriteNative(network);
  if (auto status = WriteNewFile(folder / kNativeTensorsFile, model.tensors); !status.ok()) {
    return status;
  }
  return WriteNewFile(folder / kNativeDocumentFile, model.document);
}

}  // namespace mlp
