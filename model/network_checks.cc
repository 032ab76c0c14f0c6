#include "model/network_checks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/quote.h"
#include "model/row_operation_checks.h"

namespace mlp {
namespace {

absl::Status CheckWidth(absl::string_view what, std::int64_t width) {
  if (width >= 1 && width <= Network::kMaxWidth) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " is ", width, " wide; expected 1 to ", Network::kMaxWidth));
}

// Where a source may read from.
struct Places {
  const std::vector<TensorSpec>& inputs;
  const std::vector<Layer>& layers;
};

absl::Status CheckSource(const Source& source, std::size_t layer, const Places& places) {
  const bool precedes = source.is_input()
                            ? source.input() < static_cast<std::int64_t>(places.inputs.size())
                            : source.layer < static_cast<std::int64_t>(layer);
  if (!precedes) {
    return absl::InvalidArgumentError(
        absl::StrCat("layer '", places.layers[layer].name,
                     "' reads a layer or an input that does not precede it"));
  }
  const std::int64_t width =
      source.is_input() ? places.inputs[static_cast<std::size_t>(source.input())].width()
                        : places.layers[static_cast<std::size_t>(source.layer)].WidthAt(source.tap);
  if (source.first < 0 || source.width < 1 || source.first > width - source.width) {
    return absl::InvalidArgumentError(absl::StrCat("layer '", places.layers[layer].name, "' reads ",
                                                   source.width, " units from unit ", source.first,
                                                   " on, but the source has ", width));
  }
  return absl::OkStatus();
}

// Checks that a layer's sources, widths and operation fit together.
absl::Status CheckLayer(std::size_t index, const Places& places) {
  const Layer& layer = places.layers[index];
  const std::string what = absl::StrCat("layer '", layer.name, "'");
  std::int64_t inputs = 0;
  for (const Source& source : layer.sources) {
    if (auto status = CheckSource(source, index, places); !status.ok()) return status;
    // The cap prevents an overflow: each source is within its layer, but there may be many of them.
    inputs = std::min(inputs + source.width, Network::kMaxUnits);
  }
  if (layer.inputs != inputs) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, " has ", layer.inputs, " inputs, but its sources have ", inputs, " units"));
  }
  if (auto status = CheckWidth(what, layer.units); !status.ok()) return status;
  if (auto status = CheckOperation(layer); !status.ok()) return status;
  if (layer.units != UnitsOfOperation(layer)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has ", layer.units, " units, which does not match its ",
                     layer.sources.size(), " sources with ", inputs, " units"));
  }
  if (auto status = CheckActivation(layer.activation, layer.units); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the activation of ", what, ": ", status.message()));
  }
  return absl::OkStatus();
}

absl::Status CheckLabels(const NetworkOutput& output, std::int64_t units) {
  const std::string what = absl::StrCat("output ", Quote(output.tensor.name));
  const bool in_strings = output.tensor.datatype == Datatype::kBytes;
  const std::size_t labels =
      in_strings ? output.string_labels.size() : output.integer_labels.size();
  const bool integers =
      output.tensor.datatype == Datatype::kInt32 || output.tensor.datatype == Datatype::kInt64;
  if (!integers && !(in_strings && output.kind == OutputKind::kLabel)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " gives labels as ",
                                                   NameOf(output.tensor.datatype),
                                                   "; expected INT32, INT64 or BYTES"));
  }
  if (!std::isfinite(output.threshold)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has the threshold ", output.threshold, "; expected a finite number"));
  }
  if (output.kind == OutputKind::kLabel && labels != static_cast<std::size_t>(units)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has ", labels, " labels for ", units, " units"));
  }
  return absl::OkStatus();
}

absl::Status CheckOutput(const NetworkOutput& output, const std::vector<Layer>& layers,
                         const Vocabulary& vocabulary) {
  const TensorSpec& tensor = output.tensor;
  if (output.layer < 0 || output.layer >= static_cast<std::int64_t>(layers.size())) {
    return absl::InvalidArgumentError(absl::StrCat("output ", Quote(tensor.name), " reads layer ",
                                                   output.layer, ", but there are ", layers.size(),
                                                   " layers"));
  }
  const Layer& layer = layers[static_cast<std::size_t>(output.layer)];
  const std::int64_t width = layer.WidthAt(output.tap);
  const std::int64_t expected = output.kind == OutputKind::kLabel ? 1 : width;
  if (tensor.width() != expected) {
    return absl::InvalidArgumentError(absl::StrCat("output ", Quote(tensor.name), " is ",
                                                   tensor.width(), " wide, but layer '", layer.name,
                                                   "' has ", layer.units, " units"));
  }
  if (output.kind != OutputKind::kValues) return CheckLabels(output, width);
  if (tensor.datatype != Datatype::kBytes || !vocabulary.words().empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("output ", Quote(tensor.name),
                   " gives values as BYTES, but the network has no words; expected a vocabulary"));
}

bool HasWord(float key, const Vocabulary& vocabulary) {
  return key >= 0.0F && key < static_cast<float>(vocabulary.words().size()) &&
         key == std::floor(key);
}

// A string arrives as its position in the vocabulary, and an unknown string as kUnknown. A table
// that reads strings must therefore have keys.
absl::Status CheckTablesOfWords(const Places& places, const Vocabulary& vocabulary) {
  std::vector<bool> of_words(places.layers.size(), false);
  for (std::size_t i = 0; i < places.layers.size(); ++i) {
    const Layer& layer = places.layers[i];
    const bool reads_words =
        std::any_of(layer.sources.begin(), layer.sources.end(), [&](const Source& source) {
          return source.is_input()
                     ? places.inputs[static_cast<std::size_t>(source.input())].datatype ==
                           Datatype::kBytes
                     : of_words[static_cast<std::size_t>(source.layer)];
        });
    if (!reads_words) continue;
    of_words[i] =
        layer.combination() == Combination::kConcat || layer.combination() == Combination::kSelect;
    const auto* lookup = std::get_if<Lookup>(&layer.operation);
    if (lookup == nullptr) continue;
    const bool has_words =
        !lookup->keys.empty() && std::all_of(lookup->keys.begin(), lookup->keys.end(),
                                             [&](float key) { return HasWord(key, vocabulary); });
    if (has_words) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("layer '", layer.name, "' looks up strings; expected keys that are positions ",
                     "in the vocabulary of ", vocabulary.words().size(), " words"));
  }
  return absl::OkStatus();
}

// The most inputs, and outputs. A request names no more (server/rpc/request_wire.h), and lookups by
// name are linear searches.
constexpr std::size_t kMaxTensors = 4'096;

absl::Status CheckInputs(const std::vector<TensorSpec>& inputs, const Vocabulary& vocabulary) {
  if (inputs.empty()) return absl::InvalidArgumentError("the network has no input");
  absl::flat_hash_set<absl::string_view> names;
  for (const TensorSpec& input : inputs) {
    if (input.name.empty()) return absl::InvalidArgumentError("the input has no name");
    if (!names.insert(input.name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("input name ", Quote(input.name), " occurs twice"));
    }
    const std::string what = absl::StrCat("input ", Quote(input.name));
    if (auto status = CheckWidth(what, input.width()); !status.ok()) return status;
    if (input.datatype == Datatype::kBytes && vocabulary.words().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          what, " takes BYTES, but the network has no words; expected numbers, or a vocabulary"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckNetwork(const std::vector<TensorSpec>& inputs, const std::vector<Layer>& layers,
                          const std::vector<NetworkOutput>& outputs, const Vocabulary& vocabulary) {
  const bool any_dense = std::any_of(layers.begin(), layers.end(), [](const Layer& layer) {
    return layer.combination() == Combination::kDense ||
           layer.combination() == Combination::kMatrixProduct;
  });
  if (!any_dense) {
    return absl::UnimplementedError(
        "the network has no dense layer; supported are perceptrons, with at least one");
  }
  if (layers.size() > static_cast<std::size_t>(Network::kMaxLayers)) {
    return absl::UnimplementedError(absl::StrCat(
        "the network has ", layers.size(), " layers; supported are at most ", Network::kMaxLayers));
  }
  if (outputs.empty()) return absl::InvalidArgumentError("the network has no output");
  if (inputs.size() > kMaxTensors || outputs.size() > kMaxTensors) {
    return absl::UnimplementedError(absl::StrCat("the network has ", inputs.size(), " inputs and ",
                                                 outputs.size(), " outputs; supported are at most ",
                                                 kMaxTensors, " of each"));
  }
  if (auto status = CheckInputs(inputs, vocabulary); !status.ok()) return status;

  std::int64_t units = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (auto status = CheckLayer(i, {inputs, layers}); !status.ok()) return status;
    units += layers[i].units;
    if (units > Network::kMaxUnits) {
      return absl::UnimplementedError(absl::StrCat("the network has more than ", Network::kMaxUnits,
                                                   " units; at most ", Network::kMaxUnits,
                                                   " are supported"));
    }
  }
  if (auto status = CheckTablesOfWords({inputs, layers}, vocabulary); !status.ok()) return status;
  absl::flat_hash_set<absl::string_view> names;
  for (const NetworkOutput& output : outputs) {
    const std::string& name = output.tensor.name;
    if (name.empty() || !names.insert(name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("output name ", Quote(name), " is empty or occurs twice"));
    }
    if (auto status = CheckOutput(output, layers, vocabulary); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace mlp
