#include "model/formats/native/writer.h"

#include <cmath>
#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/io/file_content.h"
#include "model/formats/io/sha256.h"
#include "model/formats/native/document.h"
#include "model/formats/native/members.h"
#include "model/formats/native/reader.h"
#include "model/formats/native/safetensors.h"
#include "model/formats/native/words.h"
#include "model/quote.h"
#include "model/utf8.h"

namespace mlp {
namespace {

// Collects views of tensors; their data stay with the network.
class TensorsWriter final {
 public:
  // Adds a tensor and returns its name, `name`.
  std::string Add(std::string name, std::vector<std::int64_t> shape,
                  const std::vector<float>& values) {
    return Add(std::move(name), SafetensorsType::kF32, std::move(shape), values.data(),
               values.size() * sizeof(float));
  }
  std::string Add(std::string name, std::vector<std::int64_t> shape,
                  const std::vector<std::int32_t>& values) {
    return Add(std::move(name), SafetensorsType::kI32, std::move(shape), values.data(),
               values.size() * sizeof(std::int32_t));
  }

  std::string Finish() const { return SerializeSafetensors(tensors_, {{"format", "mlpserve"}}); }

 private:
  std::string Add(std::string name, SafetensorsType type, std::vector<std::int64_t> shape,
                  const void* values, std::size_t bytes) {
    tensors_.push_back(
        {name, type, std::move(shape), absl::string_view(static_cast<const char*>(values), bytes)});
    return name;
  }

  std::vector<SafetensorsTensor> tensors_;
};

NativeActivation ActivationOf(const Layer& layer, TensorsWriter& tensors) {
  const Activation& activation = layer.activation;
  const ActivationInfo& info = InfoOf(activation.kind);
  NativeActivation description;
  description.name = std::string(info.name);
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const float value = activation.parameters[i];
    const std::string name(info.parameters[i].name);
    if (std::isfinite(value)) {
      description.parameters.emplace_back(name, static_cast<double>(value));
    } else if (value != info.parameters[i].default_value) {
      // JSON has no infinity.
      description.parameters.emplace_back(name,
                                          std::string(value > 0.0F ? kInfinite : kMinusInfinite));
    }
  }
  if (activation.unit_alpha.size() == 1) {
    description.parameters.emplace_back("alpha", static_cast<double>(activation.unit_alpha[0]));
  } else if (!activation.unit_alpha.empty()) {
    description.parameters.emplace_back("alpha", tensors.Add(absl::StrCat(layer.name, ".alpha"),
                                                             {layer.units}, activation.unit_alpha));
  }
  return description;
}

// Visits the members of a combination (members.h) and describes them.
class MemberWriter final {
 public:
  MemberWriter(const Layer& layer, TensorsWriter& tensors, std::vector<NativeMember>& members)
      : layer_(layer), tensors_(tensors), members_(members) {}

  void Weights(const Layer& layer) {
    AddTensor("weights", {layer.inputs, layer.units}, layer.dense().weights);
    Add("layout", std::string("in_out"));
  }
  void Vector(absl::string_view key, const std::vector<float>& values, std::int64_t) {
    AddTensor(key, {static_cast<std::int64_t>(values.size())}, values);
  }
  void Vector(absl::string_view key, const std::vector<float>& values, std::int64_t count, float) {
    Vector(key, values, count);
  }
  void OptionalVector(absl::string_view key, const std::vector<float>& values, std::int64_t count) {
    if (!values.empty()) Vector(key, values, count);
  }
  void Table(absl::string_view key, const std::vector<float>& values, std::int64_t width) {
    AddTensor(key, {static_cast<std::int64_t>(values.size()) / width, width}, values);
  }
  void Indices(absl::string_view key, const std::vector<std::int32_t>& indices) {
    AddTensor(key, {static_cast<std::int64_t>(indices.size())}, indices);
  }
  void Integer(absl::string_view key, std::int64_t number) { Add(key, number); }
  void Integer(absl::string_view key, std::int64_t number, std::int64_t default_value) {
    if (number != default_value) Add(key, number);
  }
  void Number(absl::string_view key, float number) { Add(key, static_cast<double>(number)); }
  void Number(absl::string_view key, float number, float default_value) {
    if (number != default_value) Number(key, number);
  }
  void NumberOrInfinity(absl::string_view key, float number) {
    if (std::isfinite(number)) Number(key, number);
    if (std::isinf(number)) Add(key, std::string(number > 0.0F ? kInfinite : kMinusInfinite));
  }
  template <typename Enumeration>
  void Choice(absl::string_view key, Enumeration choice) {
    Add(key, std::string(WordOf(choice)));
  }
  void Function(const UnitFunction& function) {
    Add("function", std::string(function.function->name));
    if (!function.function->domain.empty()) Add("domain", std::string(function.function->domain));
    if (function.parameters.empty()) return;
    NativeNumbers numbers;
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
      numbers.emplace_back(function.function->parameters[i].name, function.parameters[i]);
    }
    Add("parameters", std::move(numbers));
  }

 private:
  void Add(absl::string_view key, NativeValue value) {
    members_.push_back({std::string(key), std::move(value)});
  }
  template <typename Element>
  void AddTensor(absl::string_view key, std::vector<std::int64_t> shape,
                 const std::vector<Element>& values) {
    Add(key, tensors_.Add(absl::StrCat(layer_.name, ".", key), std::move(shape), values));
  }

  const Layer& layer_;
  TensorsWriter& tensors_;
  std::vector<NativeMember>& members_;
};

// Whether the layer at `index` reads what a layer without sources reads by default.
bool ReadsWhatIsInFront(const Network& network, std::size_t index) {
  const std::vector<Source>& sources = network.layers()[index].sources;
  if (sources.size() != 1 || sources[0].first != 0 || sources[0].tap != Tap::kActivation) {
    return false;
  }
  if (index == 0) {
    return network.inputs().size() == 1 && sources[0].width == network.inputs()[0].width();
  }
  return sources[0].layer == static_cast<std::int64_t>(index) - 1 &&
         sources[0].width == network.layers()[index - 1].outputs();
}

NativeSource DescribeSource(const Source& source, const Network& network,
                            const NativeDocument& document) {
  NativeSource description;
  description.first = source.first;
  std::int64_t width = 0;
  if (source.is_input()) {
    const auto index = static_cast<std::size_t>(source.input());
    description.name = document.inputs[index].name;
    width = network.inputs()[index].width();
  } else {
    const auto index = static_cast<std::size_t>(source.layer);
    description.name = *document.layers[index].name;
    description.tap = std::string(WordOf(source.tap));
    width = network.layers()[index].WidthAt(source.tap);
  }
  if (source.first + source.width < width) description.width = source.width;
  return description;
}

void DescribeLayers(const Network& network, TensorsWriter& tensors, NativeDocument& document) {
  absl::flat_hash_set<std::string> taken;
  for (const NativeInput& input : document.inputs) taken.insert(input.name);
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const Layer& layer = network.layers()[i];
    NativeLayer description;
    // A layer gets the network's name for it, with a suffix if an input already has that name.
    std::string name = layer.name;
    while (!taken.insert(name).second) name += "_layer";
    description.name = std::move(name);
    description.combination = std::string(NameOf(layer.combination()));
    MemberWriter writer(layer, tensors, description.members);
    VisitMembers(writer, layer);
    description.activation = ActivationOf(layer, tensors);
    if (!ReadsWhatIsInFront(network, i)) {
      for (const Source& source : layer.sources) {
        description.sources.push_back(DescribeSource(source, network, document));
      }
    }
    document.layers.push_back(std::move(description));
  }
}

NativeOutput DescribeOutput(const NetworkOutput& output, const NativeDocument& document) {
  NativeOutput description;
  description.name = output.tensor.name;
  description.layer = document.layers[static_cast<std::size_t>(output.layer)].name;
  description.tap = std::string(WordOf(output.tap));
  description.kind = std::string(WordOf(output.kind));
  description.shape = output.tensor.shape;
  description.datatype = std::string(NameOf(output.tensor.datatype));
  if (output.kind == OutputKind::kLabel) {
    description.integer_labels = output.integer_labels;
    description.string_labels = output.string_labels;
  }
  description.threshold = output.threshold;
  return description;
}

// INVALID_ARGUMENT for text that JSON cannot represent.
absl::Status CheckTexts(const NativeDocument& document) {
  const auto check = [](absl::string_view what, const std::string& text) {
    if (IsUtf8(text)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(what, " ", Quote(text), " is not UTF-8, which JSON requires"));
  };
  absl::Status status;
  for (const NativeInput& input : document.inputs) status.Update(check("input", input.name));
  for (const NativeOutput& output : document.outputs) {
    status.Update(check("output", output.name));
    for (const std::string& label : output.string_labels) status.Update(check("label", label));
  }
  return status;
}

}  // namespace

absl::StatusOr<NativeModel> WriteNative(const Network& network) {
  NativeDocument document;
  document.vocabulary = network.vocabulary().words();
  for (const TensorSpec& input : network.inputs()) {
    document.inputs.push_back({input.name, input.shape, std::string(NameOf(input.datatype))});
  }
  TensorsWriter tensors;
  DescribeLayers(network, tensors, document);
  for (const NetworkOutput& output : network.outputs()) {
    document.outputs.push_back(DescribeOutput(output, document));
  }
  if (auto status = CheckTexts(document); !status.ok()) return status;
  std::string tensors_file = tensors.Finish();
  document.sha256 = Sha256(tensors_file);
  NativeModel model{SerializeNativeDocument(document), std::move(tensors_file)};
  // The format has limits that a network does not: on inputs, sources, names and the text of all
  // labels.
  if (const auto read = ParseNativeDocument(model.document); !read.ok()) {
    return absl::UnimplementedError(
        absl::StrCat("the native format cannot represent the network: ", read.status().message()));
  }
  return model;
}

absl::Status WriteNativeFolder(const Network& network, const std::filesystem::path& folder) {
  const absl::StatusOr<NativeModel> model = WriteNative(network);
  if (!model.ok()) return model.status();
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("the folder cannot be made: ", error.message()));
  }
  if (auto status = WriteNewFile(folder / kNativeTensorsFile, model->tensors); !status.ok()) {
    return status;
  }
  return WriteNewFile(folder / kNativeDocumentFile, model->document);
}

}  // namespace mlp
