#include "server/repository/model_settings.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "model/formats/io/file_content.h"
#include "model/join_first.h"
#include "model/quote.h"
#include "server/memory_room.h"
#include "server/repository/configured_dims.h"
#include "server/repository/label_file.h"
#include "server/repository/scheduling_settings.h"
#include "server/repository/triton_settings.h"
#include "server/repository/version_labels.h"
#include "server/repository/version_policy.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

constexpr char kConfigurationFile[] = "config.pbtxt";
constexpr char kWeightsParameter[] = "weights";
constexpr char kFieldsThatAreRead[] =
    "name, platform, backend, max_batch_size, input, output, version_policy, dynamic_batching, "
    "instance_group, model_warmup, parameters and default_model_filename";

constexpr std::size_t kMaxUnsupported = 16;

// Far more than people write. Keeps a file that is there by mistake from being read whole.
constexpr std::int64_t kMaxConfigurationBytes = std::int64_t{1} << 20;
constexpr std::size_t kLongestFileName = 255;

constexpr std::array<absl::string_view, 3> kPlatforms = {"", "mlpserve_onnx", "onnxruntime_onnx"};
constexpr std::array<absl::string_view, 3> kBackends = {"", "mlpserve", "onnxruntime"};

// The most memory that settings of `text_bytes` of text take while they are read and copied. An
// object has at least three bytes of text (`{},` in JSON). Usually, malloc maps another heap, and
// to align it, twice its size. If there is no room for that, each object of each copy takes a page.
std::int64_t MostBytesOfSettings(std::int64_t text_bytes) {
  constexpr std::int64_t kMinBytesPerObject = 3;
  constexpr std::int64_t kPage = 4096;
  constexpr std::int64_t kCopies = 4;
  constexpr std::int64_t kMappedForAHeap = std::int64_t{128} << 20;
  constexpr std::int64_t kBytesOfAByte = 64;
  return std::min(kCopies * kPage * (text_bytes / kMinBytesPerObject),
                  kMappedForAHeap + kBytesOfAByte * text_bytes);
}

// Checked first, because an exception would leave protobuf's maps broken.
absl::Status CheckRoomForSettings(absl::string_view text) {
  if (HasAddressSpace(MostBytesOfSettings(static_cast<std::int64_t>(text.size())))) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError("there is not enough memory to read its configuration");
}

absl::Status InFile(const absl::Status& status) {
  return {status.code(), absl::StrCat(kConfigurationFile, ": ", status.message())};
}

template <typename Names>
void CheckOneOf(absl::string_view field, const std::string& value, const Names& names,
                std::vector<std::string>& problems) {
  if (std::find(names.begin(), names.end(), value) != names.end()) return;
  problems.push_back(
      absl::StrCat(field, " is ", Quote(value), "; expected '", names[1], "' or '", names[2], "'"));
}

// Reports everything that is wrong at the top level, and everything that is not served, so that
// nobody has to mend a file one word and one start at a time.
absl::Status CheckSettings(const TritonSettings& settings, absl::string_view name) {
  const inference::ModelConfig& config = settings.config;
  std::vector<std::string> problems;
  if (!config.name().empty() && config.name() != name) {
    problems.push_back(
        absl::StrCat("name is ", Quote(config.name()), "; the folder is ", Quote(name)));
  }
  CheckOneOf("platform", config.platform(), kPlatforms, problems);
  CheckOneOf("backend", config.backend(), kBackends, problems);
  if (config.max_batch_size() < 0) {
    problems.push_back(
        absl::StrCat("max_batch_size is ", config.max_batch_size(), "; expected 0 or more"));
  }
  if (!config.default_model_filename().empty() &&
      !IsPlainFileName(config.default_model_filename())) {
    problems.push_back(absl::StrCat("default_model_filename is ",
                                    Quote(config.default_model_filename()),
                                    "; expected the name of a file in the version"));
  }
  if (!settings.unsupported.empty()) {
    problems.push_back(
        absl::StrCat("unsupported fields: ", JoinFirst(settings.unsupported, kMaxUnsupported, ", "),
                     "; supported: ", kFieldsThatAreRead));
  }
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(kConfigurationFile, ": ", absl::StrJoin(problems, "; ")));
}

// `kind` is "input" or "output".
template <typename Configured>
absl::Status CheckTensor(absl::string_view kind, const Configured& configured,
                         const TensorSpec& spec, std::int64_t max_batch_size) {
  const std::string what = absl::StrCat(kConfigurationFile, ": ", kind, " ", Quote(spec.name));
  if (configured.data_type() != inference::TYPE_INVALID &&
      configured.data_type() != ConfigDatatype(spec.datatype)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " has data_type ",
                                                   inference::DataType_Name(configured.data_type()),
                                                   "; the model has ", NameOf(spec.datatype)));
  }
  const ConfiguredDims dims{{configured.dims().begin(), configured.dims().end()}, max_batch_size};
  if (!dims.dims.empty() && !AreDimsOf(spec.shape, dims)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " ", DimsDiffer(spec.shape, dims)));
  }
  return absl::OkStatus();
}

absl::Status NamedTwice(absl::string_view kind, const std::string& name) {
  return absl::InvalidArgumentError(
      absl::StrCat(kConfigurationFile, ": the ", kind, " ", Quote(name), " is listed twice"));
}

absl::Status UnknownTensor(absl::string_view kind, const std::string& name) {
  return absl::InvalidArgumentError(
      absl::StrCat(kConfigurationFile, ": the model has no ", kind, " ", Quote(name)));
}

absl::StatusOr<ModelSettings> CheckedSettings(TritonSettings read, absl::string_view name) {
  if (auto status = CheckSettings(read, name); !status.ok()) return status;
  ModelSettings settings;
  settings.config = std::move(read.config);
  settings.ignored = std::move(read.ignored);
  const auto weights = settings.config.parameters().find(kWeightsParameter);
  if (weights != settings.config.parameters().end()) {
    const absl::StatusOr<WeightStorage> storage =
        ParseWeightStorage(weights->second.string_value());
    if (!storage.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(kConfigurationFile, ": parameter '",
                                                     kWeightsParameter,
                                                     "': ", storage.status().message()));
    }
    settings.weights = *storage;
  }
  absl::StatusOr<Scheduling> scheduling = ReadScheduling(settings.config);
  if (!scheduling.ok()) return InFile(scheduling.status());
  settings.scheduling = *std::move(scheduling);
  if (auto status = CheckVersionPolicy(settings.config); !status.ok()) return InFile(status);
  absl::StatusOr<std::map<std::string, std::int64_t>> labels = ReadVersionLabels(settings.config);
  if (!labels.ok()) return InFile(labels.status());
  settings.version_labels = *std::move(labels);
  settings.model_filename = settings.config.default_model_filename();
  return settings;
}

}  // namespace

bool IsPlainFileName(absl::string_view name) {
  return !name.empty() && name.size() <= kLongestFileName && name[0] != '.' &&
         name.find('/') == absl::string_view::npos && name.find('\0') == absl::string_view::npos;
}

absl::StatusOr<ModelSettings> ReadModelSettings(const fs::path& folder, absl::string_view name) {
  const absl::StatusOr<std::string> text =
      ReadFileContent(folder / kConfigurationFile, kMaxConfigurationBytes);
  if (absl::IsNotFound(text.status())) return ModelSettings();
  if (!text.ok()) return text.status();
  return ParseModelSettings(*text, name);
}

absl::StatusOr<ModelSettings> ParseModelSettings(const std::string& text, absl::string_view name) {
  if (auto status = CheckRoomForSettings(text); !status.ok()) return status;
  absl::StatusOr<TritonSettings> read = ReadTritonSettings(text);
  if (!read.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(kConfigurationFile, ", ",
                                                   read.status().message(),
                                                   "; supported fields: ", kFieldsThatAreRead));
  }
  return CheckedSettings(*std::move(read), name);
}

absl::StatusOr<ModelSettings> ParseModelSettingsJson(const std::string& json,
                                                     absl::string_view name) {
  if (auto status = CheckRoomForSettings(json); !status.ok()) return status;
  absl::StatusOr<TritonSettings> read = ReadTritonSettingsJson(json);
  if (!read.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameter 'config' is not a ModelConfig in JSON: ", read.status().message(),
                     "; supported fields: ", kFieldsThatAreRead));
  }
  absl::StatusOr<ModelSettings> settings = CheckedSettings(*std::move(read), name);
  if (settings.ok()) return settings;
  absl::string_view message = settings.status().message();
  absl::ConsumePrefix(&message, kConfigurationFile);
  return absl::Status(settings.status().code(), absl::StrCat("parameter 'config'", message));
}

absl::Status FitToNetwork(const fs::path& folder, const Network& network, ModelSettings& settings) {
  const std::int64_t max_batch_size = settings.config.max_batch_size();
  std::vector<bool> input_seen(network.inputs().size());
  for (const inference::ModelInput& input : settings.config.input()) {
    const std::optional<std::size_t> index = network.InputNamed(input.name());
    if (!index.has_value()) return UnknownTensor("input", input.name());
    if (input_seen[*index]) return NamedTwice("input", input.name());
    input_seen[*index] = true;
    const TensorSpec& spec = network.inputs()[*index];
    if (auto status = CheckTensor("input", input, spec, max_batch_size); !status.ok())
      return status;
  }
  settings.labels.assign(network.outputs().size(), {});
  std::vector<bool> output_seen(network.outputs().size());
  for (const inference::ModelOutput& output : settings.config.output()) {
    const std::optional<std::size_t> index = network.OutputNamed(output.name());
    if (!index.has_value()) return UnknownTensor("output", output.name());
    if (output_seen[*index]) return NamedTwice("output", output.name());
    output_seen[*index] = true;
    const NetworkOutput& network_output = network.outputs()[*index];
    if (auto status = CheckTensor("output", output, network_output.tensor, max_batch_size);
        !status.ok()) {
      return status;
    }
    if (output.label_filename().empty()) continue;
    if (!IsPlainFileName(output.label_filename())) {
      return absl::InvalidArgumentError(
          absl::StrCat(kConfigurationFile, ": label_filename is ", Quote(output.label_filename()),
                       "; expected the name of a file in the model's folder"));
    }
    absl::StatusOr<std::vector<std::string>> labels =
        ReadLabelFile(folder, output.label_filename(), network.WidthOf(network_output));
    if (!labels.ok()) return labels.status();
    settings.labels[*index] = *std::move(labels);
  }
  return absl::OkStatus();
}

inference::DataType ConfigDatatype(Datatype datatype) {
  switch (datatype) {
    case Datatype::kBool:
      return inference::TYPE_BOOL;
    case Datatype::kUint8:
      return inference::TYPE_UINT8;
    case Datatype::kUint16:
      return inference::TYPE_UINT16;
    case Datatype::kUint32:
      return inference::TYPE_UINT32;
    case Datatype::kUint64:
      return inference::TYPE_UINT64;
    case Datatype::kInt8:
      return inference::TYPE_INT8;
    case Datatype::kInt16:
      return inference::TYPE_INT16;
    case Datatype::kInt32:
      return inference::TYPE_INT32;
    case Datatype::kInt64:
      return inference::TYPE_INT64;
    case Datatype::kFp16:
      return inference::TYPE_FP16;
    case Datatype::kBf16:
      return inference::TYPE_BF16;
    case Datatype::kFp32:
      return inference::TYPE_FP32;
    case Datatype::kFp64:
      return inference::TYPE_FP64;
    case Datatype::kBytes:
      return inference::TYPE_STRING;
  }
  return inference::TYPE_INVALID;
}

}  // namespace mlp
