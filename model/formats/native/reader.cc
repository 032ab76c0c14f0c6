#include "model/formats/native/reader.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/io/file_content.h"
#include "model/formats/io/sha256.h"
#include "model/formats/native/document.h"
#include "model/formats/native/layer_reader.h"
#include "model/formats/native/member_reader.h"
#include "model/formats/native/tensors.h"
#include "model/formats/native/words.h"
#include "model/quote.h"
#include "model/uncounted_functions.h"

namespace mlp {
namespace {

constexpr std::int64_t kLongestTensorsFile = std::int64_t{1} << 40;

// The most unused tensors listed in a warning.
constexpr std::size_t kMaxListed = 4;

absl::StatusOr<NativeNames> CollectNames(const NativeDocument& document) {
  NativeNames names;
  for (std::size_t i = 0; i < document.inputs.size(); ++i) {
    if (!names.emplace(document.inputs[i].name, -1 - static_cast<std::int64_t>(i)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("'/inputs/", i, "/name' is ", Quote(document.inputs[i].name),
                       ", which is already used; expected a unique name"));
    }
  }
  for (std::size_t i = 0; i < document.layers.size(); ++i) {
    const std::optional<std::string>& name = document.layers[i].name;
    if (name.has_value() && !names.emplace(*name, static_cast<std::int64_t>(i)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("'/layers/", i, "/name' is ", Quote(*name),
                       ", which is already used; expected a unique name"));
    }
  }
  return names;
}

absl::StatusOr<std::vector<TensorSpec>> ReadInputs(const NativeDocument& document) {
  std::vector<TensorSpec> inputs;
  for (const NativeInput& description : document.inputs) {
    TensorSpec& input = inputs.emplace_back();
    input.name = description.name;
    input.shape = description.shape;
    input.datatype = DatatypeOfWord(description.datatype);
    if (input.width() > 0) continue;
    return absl::InvalidArgumentError(absl::StrCat("'/inputs/", inputs.size() - 1, "/shape' is ",
                                                   ShapeText(input.shape), "; expected at most ",
                                                   Network::kMaxWidth, " values"));
  }
  return inputs;
}

absl::StatusOr<NetworkOutput> ReadOutput(const NativeDocument& document, std::size_t index,
                                         const NativeNames& names,
                                         const std::vector<Layer>& layers) {
  const NativeOutput& description = document.outputs[index];
  const std::string place = absl::StrCat("'/outputs/", index);
  NetworkOutput output;
  output.layer = static_cast<std::int64_t>(layers.size()) - 1;
  if (description.layer.has_value()) {
    const auto found = names.find(*description.layer);
    if (found == names.end() || found->second < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          place, "/layer' names ", Quote(*description.layer), ", which is not a layer"));
    }
    output.layer = found->second;
  }
  output.tap = TapOf(description.tap);
  output.kind = OutputKindOf(description.kind);
  output.integer_labels = description.integer_labels;
  output.string_labels = description.string_labels;
  const auto threshold = NativeFloat(absl::StrCat(place, "/threshold'"), description.threshold);
  if (!threshold.ok()) return threshold.status();
  output.threshold = *threshold;
  output.tensor.name = description.name;
  output.tensor.datatype = DatatypeOfWord(description.datatype);
  if (description.shape.has_value()) {
    output.tensor.shape = *description.shape;
  } else if (output.kind != OutputKind::kLabel) {
    output.tensor.shape = {layers[static_cast<std::size_t>(output.layer)].WidthAt(output.tap)};
  }
  return output;
}

void WarnOfUnused(const NativeTensors& tensors, std::vector<std::string>& warnings) {
  const std::vector<std::string> unused = tensors.Unused();
  for (std::size_t i = 0; i < std::min(unused.size(), kMaxListed); ++i) {
    warnings.push_back(absl::StrCat("tensor ", Quote(unused[i]), " is not used"));
  }
  if (unused.size() > kMaxListed) {
    warnings.push_back(absl::StrCat(unused.size() - kMaxListed, " more tensors are not used"));
  }
}

// The memory for the file, the values of all its tensors, and a second copy of the largest matrix
// while it is transposed.
std::int64_t MemoryOf(absl::string_view tensors_file, const SafetensorsFile& file) {
  std::int64_t values = 0;
  std::int64_t most = 0;
  for (const SafetensorsTensor& tensor : file.tensors) {
    values += tensor.count();
    most = std::max(most, tensor.count());
  }
  return static_cast<std::int64_t>(tensors_file.size()) +
         (values + most) * static_cast<std::int64_t>(sizeof(float));
}

}  // namespace

absl::StatusOr<ReadNetwork> ReadNative(absl::string_view document_text,
                                       absl::string_view tensors_file, std::int64_t most_bytes) {
  const absl::StatusOr<NativeDocument> document = ParseNativeDocument(document_text);
  if (!document.ok()) {
    return absl::Status(document.status().code(), absl::StrCat(Quote(kNativeDocumentFile), ": ",
                                                               document.status().message()));
  }
  if (document->sha256.has_value()) {
    const std::string digest = Sha256(tensors_file);
    if (digest != *document->sha256) {
      return absl::InvalidArgumentError(absl::StrCat(Quote(kNativeTensorsFile), " has the SHA-256 ",
                                                     digest, "; expected ", *document->sha256,
                                                     ", as ", Quote(kNativeDocumentFile), " says"));
    }
  }
  absl::StatusOr<SafetensorsFile> file = ParseSafetensors(tensors_file);
  if (!file.ok()) {
    return absl::Status(file.status().code(),
                        absl::StrCat(Quote(kNativeTensorsFile), ": ", file.status().message()));
  }
  const std::int64_t needed = MemoryOf(tensors_file, *file);
  if (auto room = CheckMemory(needed, most_bytes); !room.ok()) return room;
  const absl::StatusOr<NativeNames> names = CollectNames(*document);
  if (!names.ok()) return names.status();
  absl::StatusOr<std::vector<TensorSpec>> inputs = ReadInputs(*document);
  if (!inputs.ok()) return inputs.status();
  NativeTensors tensors(*std::move(file));
  NativeLayerReader reader(*document, *names, *inputs, tensors);
  for (std::size_t i = 0; i < document->layers.size(); ++i) {
    if (auto status = reader.ReadNext(); !status.ok()) return status;
  }
  std::vector<NetworkOutput> outputs;
  for (std::size_t i = 0; i < document->outputs.size(); ++i) {
    absl::StatusOr<NetworkOutput> output = ReadOutput(*document, i, *names, reader.layers());
    if (!output.ok()) return output.status();
    outputs.push_back(*std::move(output));
  }
  absl::StatusOr<Vocabulary> vocabulary = Vocabulary::Create(document->vocabulary);
  if (!vocabulary.ok()) return vocabulary.status();
  absl::StatusOr<Network> network = Network::Create(*std::move(inputs), std::move(reader.layers()),
                                                    std::move(outputs), *std::move(vocabulary));
  if (!network.ok()) return network.status();
  ReadNetwork read{*std::move(network), {}, document->sha256.has_value()};
  WarnOfUnused(tensors, read.warnings);
  for (std::string& warning : WarnOfUncounted(read.network)) {
    read.warnings.push_back(std::move(warning));
  }
  return read;
}

absl::StatusOr<ReadNetwork> ReadNativeFolder(const std::filesystem::path& folder,
                                             std::int64_t most_bytes) {
  const absl::StatusOr<std::string> document = ReadFileContent(
      folder / kNativeDocumentFile, static_cast<std::int64_t>(kLongestNativeDocument));
  if (!document.ok()) return document.status();
  if (auto room = CheckMemory(FileBytes(folder / kNativeTensorsFile), most_bytes); !room.ok()) {
    return room;
  }
  const absl::StatusOr<std::string> tensors =
      ReadFileContent(folder / kNativeTensorsFile, kLongestTensorsFile);
  if (!tensors.ok()) return tensors.status();
  return ReadNative(*document, *tensors, most_bytes);
}

}  // namespace mlp
