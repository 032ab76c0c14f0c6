#include "server/repository/warm_up.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <random>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/formats/io/file_content.h"
#include "model/formats/io/memory_bound.h"
#include "model/input_ranges.h"
#include "model/quote.h"
#include "server/memory_room.h"
#include "server/repository/configured_dims.h"
#include "server/repository/model_settings.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

constexpr char kWarmUpFolder[] = "warmup";

// With more, a warm-up would take longer than anybody waits.
constexpr int kMaxWarmUps = 64;
constexpr std::int64_t kMaxRows = 1 << 20;
constexpr std::int64_t kMaxTimes = 1000;

std::string FloatsAsBytes(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// The same values each time, so that measurements of a warm-up can be repeated.
std::string RandomRow(std::int64_t width) {
  std::minstd_rand generator(1);
  std::uniform_real_distribution<float> distribution(0.0F, 1.0F);
  std::vector<float> values(static_cast<std::size_t>(width));
  std::generate(values.begin(), values.end(), [&] { return distribution(generator); });
  return FloatsAsBytes(values);
}

absl::StatusOr<WarmUpRequest::Input> ReadDataFile(const fs::path& folder, const std::string& what,
                                                  const std::string& filename,
                                                  const TensorSpec& spec) {
  if (!IsPlainFileName(filename)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " has the input_data_file ",
                                                   Quote(filename), "; expected the name of a file",
                                                   " in the model's folder '", kWarmUpFolder, "'"));
  }
  if (spec.datatype == Datatype::kBytes) {
    return absl::UnimplementedError(
        absl::StrCat(what, " has an input_data_file of strings, which is not supported; expected ",
                     "zero_data or random_data"));
  }
  const std::int64_t expected = spec.width() * static_cast<std::int64_t>(SizeOf(spec.datatype));
  absl::StatusOr<std::string> content =
      ReadFileContent(folder / kWarmUpFolder / filename, expected);
  if (!content.ok()) {
    return absl::Status(content.status().code(),
                        absl::StrCat(what, ": ", content.status().message()));
  }
  if (static_cast<std::int64_t>(content->size()) != expected) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, ": the file ", Quote(filename), " has ", content->size(), " bytes; expected ",
        expected, ", one row of ", ShapeText(spec.shape), " ", NameOf(spec.datatype)));
  }
  return WarmUpRequest::Input{*std::move(content), spec.datatype};
}

absl::StatusOr<WarmUpRequest::Input> ReadInput(const fs::path& folder, const std::string& what,
                                               const inference::ModelWarmup::Input& input,
                                               const TensorSpec& spec,
                                               std::int64_t max_batch_size) {
  if (input.data_type() != ConfigDatatype(spec.datatype)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " has data_type ",
                                                   inference::DataType_Name(input.data_type()),
                                                   "; the model has ", NameOf(spec.datatype)));
  }
  const ConfiguredDims dims{{input.dims().begin(), input.dims().end()}, max_batch_size};
  if (!AreDimsOf(spec.shape, dims)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " ", DimsDiffer(spec.shape, dims)));
  }
  // The data given is one row; the rows of the request are copies of it.
  if (dims.dims.size() > spec.shape.size() && dims.dims.front() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has dims ", ShapeText(dims.dims),
                     "; expected a batch of 1, and the rows of a request in batch_size"));
  }
  // Checked for each input, because many small ones add up. What was read earlier is already held.
  constexpr std::int64_t kCopies = 2;
  const std::int64_t bytes =
      kCopies * spec.width() * static_cast<std::int64_t>(SizeOf(spec.datatype));
  if (auto room = CheckMemory(bytes, MemoryLeftForLoad()); !room.ok()) {
    return absl::Status(room.code(), absl::StrCat(what, ": ", room.message()));
  }
  switch (input.input_data_type_case()) {
    case inference::ModelWarmup::Input::kZeroData:
      return WarmUpRequest::Input{
          FloatsAsBytes(std::vector<float>(static_cast<std::size_t>(spec.width())))};
    case inference::ModelWarmup::Input::kRandomData:
      return WarmUpRequest::Input{RandomRow(spec.width())};
    case inference::ModelWarmup::Input::kInputDataFile:
      return ReadDataFile(folder, what, input.input_data_file(), spec);
    case inference::ModelWarmup::Input::INPUT_DATA_TYPE_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(what, " has no data; expected zero_data, random_data or input_data_file"));
}

// Refuses what a request would be refused for: values of a file that name no entry of the model's
// tables. Zeros and random numbers may do so.
absl::Status CheckFilesRanges(const std::string& what, const inference::ModelWarmup& entry,
                              const Network& network, const WarmUpRequest& request) {
  for (const InputRange& range : InputRanges(network)) {
    const auto index = static_cast<std::size_t>(range.input);
    const TensorSpec& spec = network.inputs()[index];
    if (entry.inputs().at(spec.name).input_data_file().empty()) continue;
    const WarmUpRequest::Input& input = request.inputs[index];
    const std::size_t place = static_cast<std::size_t>(range.unit) * SizeOf(input.stored_as);
    float value = 0.0F;
    ConvertToFloats(input.stored_as, input.row.data() + place, 1, &value);
    if (range.Contains(value)) continue;
    return absl::InvalidArgumentError(absl::StrCat(what, ": input ", Quote(spec.name), " has ",
                                                   value, " at position ", range.unit,
                                                   ", which the model's tables do not have"));
  }
  return absl::OkStatus();
}

// `value`, with 0 meaning 1 as in Triton; nullopt if it is out of range.
std::optional<std::int64_t> CountIn(std::uint32_t value, std::int64_t most) {
  const std::int64_t count = std::max<std::int64_t>(value, 1);
  return count <= most ? std::optional(count) : std::nullopt;
}

absl::StatusOr<WarmUpRequest> ReadEntry(const fs::path& folder, const std::string& what,
                                        const inference::ModelWarmup& entry,
                                        std::int64_t max_batch_size, const Network& network) {
  const std::int64_t most_rows = max_batch_size > 0 ? max_batch_size : kMaxRows;
  const std::optional<std::int64_t> rows = CountIn(entry.batch_size(), most_rows);
  if (!rows.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(what, ": batch_size is ", entry.batch_size(),
                                                   "; expected at most ", most_rows));
  }
  const std::optional<std::int64_t> times = CountIn(entry.count(), kMaxTimes);
  if (!times.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": count is ", entry.count(), "; expected at most ", kMaxTimes));
  }
  WarmUpRequest request{*rows, *times, {}};
  for (const TensorSpec& spec : network.inputs()) {
    const auto input = entry.inputs().find(spec.name);
    if (input == entry.inputs().end()) {
      return absl::InvalidArgumentError(absl::StrCat(what, " has no input ", Quote(spec.name),
                                                     "; expected each of the model's inputs"));
    }
    absl::StatusOr<WarmUpRequest::Input> read =
        ReadInput(folder, absl::StrCat(what, ": input ", Quote(spec.name)), input->second, spec,
                  max_batch_size);
    if (!read.ok()) return read.status();
    request.inputs.push_back(*std::move(read));
  }
  if (auto status = CheckFilesRanges(what, entry, network, request); !status.ok()) return status;
  for (const auto& entry_input : entry.inputs()) {
    const std::string& name = entry_input.first;
    if (!network.InputNamed(name).has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, ": the model has no input ", Quote(name)));
    }
  }
  return request;
}

}  // namespace

absl::StatusOr<std::vector<WarmUpRequest>> ReadWarmUp(const fs::path& folder,
                                                      const inference::ModelConfig& config,
                                                      const Network& network) {
  if (config.model_warmup_size() > kMaxWarmUps) {
    return absl::InvalidArgumentError(absl::StrCat("model_warmup has ", config.model_warmup_size(),
                                                   " entries; expected at most ", kMaxWarmUps));
  }
  std::vector<WarmUpRequest> requests;
  requests.reserve(static_cast<std::size_t>(config.model_warmup_size()));
  for (const inference::ModelWarmup& entry : config.model_warmup()) {
    absl::StatusOr<WarmUpRequest> request =
        ReadEntry(folder, absl::StrCat("model_warmup ", Quote(entry.name())), entry,
                  config.max_batch_size(), network);
    if (!request.ok()) return request.status();
    requests.push_back(*std::move(request));
  }
  return requests;
}

}  // namespace mlp
