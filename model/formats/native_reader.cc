#include "model/formats/native_reader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/formats/file_content.h"
#include "model/formats/native_document.h"
#include "model/formats/native_tensors.h"
#include "model/quote.h"

namespace mlp {
namespace {

constexpr std::int64_t kLongestTensorsFile = std::int64_t{1} << 40;

// The most unused tensors that a warning lists.
constexpr std::size_t kMostListed = 4;

// Where each name of the document stands: a layer's index, or below 0 -1 - an input's.
using Names = absl::flat_hash_map<absl::string_view, std::int64_t>;

absl::StatusOr<Names> CollectNames(const NativeDocument& document) {
  Names names;
  for (std::size_t i = 0; i < document.inputs.size(); ++i) {
    if (!names.emplace(document.inputs[i].name, -1 - static_cast<std::int64_t>(i)).second) {
      return absl::InvalidArgumentError(absl::StrCat("'/inputs/", i, "/name' is ",
                                                     Quote(document.inputs[i].name),
                                                     ", which stands before; expected another"));
    }
  }
  for (std::size_t i = 0; i < document.layers.size(); ++i) {
    const std::optional<std::string>& name = document.layers[i].name;
    if (name.has_value() && !names.emplace(*name, static_cast<std::int64_t>(i)).second) {
      return absl::InvalidArgumentError(absl::StrCat("'/layers/", i, "/name' is ", Quote(*name),
                                                     ", which stands before; expected another"));
    }
  }
  return names;
}

// INVALID_ARGUMENT where a parameter is not given that frameworks have different defaults for, or
// that is trained.
absl::Status CheckGiven(const ActivationInfo& info, const NativeActivation& description,
                        const std::string& pointer) {
  std::vector<absl::string_view> needed;
  if (info.kind == ActivationKind::kLeakyRelu || info.kind == ActivationKind::kPrelu) {
    needed = {"alpha"};
  } else if (info.kind == ActivationKind::kHardSigmoid) {
    needed = {"alpha", "beta"};
  }
  for (const absl::string_view name : needed) {
    const bool given = std::any_of(description.parameters.begin(), description.parameters.end(),
                                   [&](const auto& parameter) { return parameter.first == name; });
    if (given) continue;
    return absl::InvalidArgumentError(absl::StrCat(Quote(pointer), " has no parameter ",
                                                   Quote(name), "; ", info.name,
                                                   " needs it, as frameworks differ"));
  }
  return absl::OkStatus();
}

// Reads the layers one after the other.
class LayersReader final {
 public:
  LayersReader(const NativeDocument& document, const Names& names, NativeTensors& tensors)
      : document_(document), names_(names), tensors_(tensors) {}

  absl::StatusOr<DenseLayer> Read(std::size_t index) {
    const NativeLayer& description = document_.layers[index];
    if (auto status = CheckSources(index); !status.ok()) return status;
    const std::string place = absl::StrCat("/layers/", index);
    if (description.combination != "dense") {
      return absl::UnimplementedError(absl::StrCat(
          "'", place, "/combination' is ", Quote(description.combination), "; supported is dense"));
    }
    absl::StatusOr<NativeMatrix> weights =
        tensors_.TakeMatrix(absl::StrCat("'", place, "/weights'"), description.weights,
                            /*transposed=*/description.layout == "out_in");
    if (!weights.ok()) return weights.status();
    DenseLayer layer;
    layer.inputs = weights->rows;
    layer.units = weights->columns;
    layer.weights = std::move(weights->values);
    if (description.bias.has_value()) {
      auto bias =
          tensors_.TakeVector(absl::StrCat("'", place, "/bias'"), *description.bias, layer.units);
      if (!bias.ok()) return bias.status();
      layer.bias = *std::move(bias);
    } else {
      layer.bias.assign(static_cast<std::size_t>(layer.units), 0.0F);
    }
    auto activation =
        ReadActivation(description.activation, absl::StrCat(place, "/activation"), layer.units);
    if (!activation.ok()) return activation.status();
    layer.activation = *std::move(activation);
    return layer;
  }

 private:
  // INVALID_ARGUMENT for a source that is nowhere in front, UNIMPLEMENTED for what is no chain.
  absl::Status CheckSources(std::size_t index) const {
    const std::vector<NativeSource>& sources = document_.layers[index].sources;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const auto found = names_.find(sources[i].name);
      if (found == names_.end()) {
        return absl::InvalidArgumentError(absl::StrCat("'/layers/", index, "/sources/", i,
                                                       "' names ", Quote(sources[i].name),
                                                       ", which is no input and no layer"));
      }
      if (found->second >= static_cast<std::int64_t>(index)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "'/layers/", index, "/sources/", i, "' names ", Quote(sources[i].name),
            ", which is not in front of it; expected layers in the order of their evaluation"));
      }
      if (sources.size() != 1 || found->second != static_cast<std::int64_t>(index) - 1 ||
          sources[i].tap != "activation" || sources[i].first != 0 || sources[i].width.has_value()) {
        return absl::UnimplementedError(
            absl::StrCat("'/layers/", index, "/sources' is no chain; supported are chains"));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Activation> ReadActivation(const NativeActivation& description,
                                            const std::string& pointer, std::int64_t units) {
    const auto info = FindActivation(description.name);
    if (!info.ok()) {
      const auto append_name = [](std::string* out, const ActivationInfo* known) {
        absl::StrAppend(out, known->name);
      };
      return absl::InvalidArgumentError(absl::StrCat(
          "'", pointer, "': activation ", Quote(description.name), " is not known; there are ",
          absl::StrJoin(AllActivations(), ", ", append_name)));
    }
    Activation activation = DefaultActivation((*info)->kind);
    const bool is_prelu = activation.kind == ActivationKind::kPrelu;
    for (const auto& [name, value] : description.parameters) {
      const std::string place = absl::StrCat("'", pointer, "/", name, "'");
      const auto parameter = std::find_if(
          (*info)->parameters.begin(), (*info)->parameters.end(),
          [&, &key = name](const ActivationParameter& known) { return known.name == key; });
      if (is_prelu ? name != "alpha" : parameter == (*info)->parameters.end()) {
        return absl::InvalidArgumentError(absl::StrCat(Quote(pointer), " has the parameter ",
                                                       Quote(name), ", which ", (*info)->name,
                                                       " does not have"));
      }
      float& place_of_value =
          is_prelu
              ? activation.unit_alpha[0]
              : activation
                    .parameters[static_cast<std::size_t>(parameter - (*info)->parameters.begin())];
      if (std::holds_alternative<double>(value)) {
        place_of_value = static_cast<float>(std::get<double>(value));
        continue;
      }
      if (!is_prelu) {
        return absl::InvalidArgumentError(
            absl::StrCat(place, " is a tensor's name; expected a number, as only the alpha of ",
                         "prelu is one for each unit"));
      }
      auto alpha = tensors_.TakeVector(place, std::get<std::string>(value), units);
      if (!alpha.ok()) return alpha.status();
      activation.unit_alpha = *std::move(alpha);
    }
    if (auto status = CheckGiven(**info, description, pointer); !status.ok()) return status;
    return activation;
  }

  const NativeDocument& document_;
  const Names& names_;
  NativeTensors& tensors_;
};

absl::StatusOr<NetworkOutput> ReadOutput(const NativeDocument& document, std::size_t index,
                                         const Names& names,
                                         const std::vector<DenseLayer>& layers) {
  const NativeOutput& description = document.outputs[index];
  const std::string place = absl::StrCat("'/outputs/", index);
  NetworkOutput output;
  output.layer = static_cast<std::int64_t>(layers.size()) - 1;
  if (description.layer.has_value()) {
    const auto found = names.find(*description.layer);
    if (found == names.end() || found->second < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, "/layer' names ", Quote(*description.layer), ", which is no layer"));
    }
    output.layer = found->second;
  }
  if (description.kind != "values" || description.datatype != "FP32") {
    return absl::UnimplementedError(absl::StrCat(place, "' gives ", description.kind, " as ",
                                                 description.datatype,
                                                 "; supported are values as FP32"));
  }
  output.tap = description.tap == "pre_activation" ? Tap::kPreActivation : Tap::kActivation;
  output.tensor.name = description.name;
  const DenseLayer& layer = layers[static_cast<std::size_t>(output.layer)];
  output.tensor.shape = description.shape.value_or(
      std::vector<std::int64_t>{output.tap == Tap::kPreActivation ? layer.units : layer.outputs()});
  return output;
}

void WarnOfUnused(const NativeTensors& tensors, std::vector<std::string>& warnings) {
  const std::vector<std::string> unused = tensors.Unused();
  for (std::size_t i = 0; i < std::min(unused.size(), kMostListed); ++i) {
    warnings.push_back(absl::StrCat("tensor ", Quote(unused[i]), " is not used"));
  }
  if (unused.size() > kMostListed) {
    warnings.push_back(absl::StrCat(unused.size() - kMostListed, " more tensors are not used"));
  }
}

}  // namespace

absl::StatusOr<ReadNetwork> ReadNative(absl::string_view document_text,
                                       absl::string_view tensors_file) {
  const absl::StatusOr<NativeDocument> document = ParseNativeDocument(document_text);
  if (!document.ok()) {
    return absl::Status(document.status().code(), absl::StrCat(Quote(kNativeDocumentFile), ": ",
                                                               document.status().message()));
  }
  absl::StatusOr<SafetensorsFile> file = ParseSafetensors(tensors_file);
  if (!file.ok()) {
    return absl::Status(file.status().code(),
                        absl::StrCat(Quote(kNativeTensorsFile), ": ", file.status().message()));
  }
  const absl::StatusOr<Names> names = CollectNames(*document);
  if (!names.ok()) return names.status();
  if (document->inputs.size() != 1 || document->inputs[0].datatype != "FP32") {
    return absl::UnimplementedError("'/inputs' is not one input of FP32; supported is one");
  }
  NativeTensors tensors(*std::move(file));
  std::vector<DenseLayer> layers;
  LayersReader reader(*document, *names, tensors);
  for (std::size_t i = 0; i < document->layers.size(); ++i) {
    absl::StatusOr<DenseLayer> layer = reader.Read(i);
    if (!layer.ok()) return layer.status();
    layers.push_back(*std::move(layer));
  }
  std::vector<NetworkOutput> outputs;
  for (std::size_t i = 0; i < document->outputs.size(); ++i) {
    absl::StatusOr<NetworkOutput> output = ReadOutput(*document, i, *names, layers);
    if (!output.ok()) return output.status();
    outputs.push_back(*std::move(output));
  }
  TensorSpec input{document->inputs[0].name, document->inputs[0].shape};
  absl::StatusOr<Network> network =
      Network::Create(std::move(input), std::move(layers), std::move(outputs));
  if (!network.ok()) return network.status();
  ReadNetwork read{*std::move(network), {}};
  WarnOfUnused(tensors, read.warnings);
  return read;
}

absl::StatusOr<ReadNetwork> ReadNativeFolder(const std::filesystem::path& folder) {
  const absl::StatusOr<std::string> document = ReadFileContent(
      folder / kNativeDocumentFile, static_cast<std::int64_t>(kLongestNativeDocument));
  if (!document.ok()) return document.status();
  const absl::StatusOr<std::string> tensors =
      ReadFileContent(folder / kNativeTensorsFile, kLongestTensorsFile);
  if (!tensors.ok()) return tensors.status();
  return ReadNative(*document, *tensors);
}

}  // namespace mlp
