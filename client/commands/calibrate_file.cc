#include "client/commands/calibrate_file.h"

#include <oneapi/tbb/task_arena.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/cpu/instruction_set.h"
#include "model/drift/baseline_file.h"
#include "model/drift/calibration.h"
#include "model/drift/network_digest.h"
#include "model/evaluator/evaluator.h"

namespace mlp {
namespace {

bool HoldsTexts(const TensorSpec& input) { return input.datatype == Datatype::kBytes; }

// The values of each input, [rows, its width], from rows that hold all inputs in order. Texts are
// replaced by their positions in the vocabulary.
std::vector<std::vector<float>> InputsOf(const Network& network, const Rows& rows) {
  std::vector<std::vector<float>> inputs;
  std::int64_t first = 0;
  std::int64_t first_text = 0;
  for (const TensorSpec& input : network.inputs()) {
    const std::int64_t width = input.width();
    std::vector<float>& values = inputs.emplace_back();
    values.reserve(static_cast<std::size_t>(rows.rows * width));
    for (std::int64_t row = 0; row < rows.rows; ++row) {
      for (std::int64_t i = 0; i < width; ++i) {
        const auto text = static_cast<std::size_t>(row * rows.text_width + first_text + i);
        const auto number = static_cast<std::size_t>(row * rows.width + first + i);
        values.push_back(HoldsTexts(input)
                             ? static_cast<float>(network.vocabulary().PositionOf(rows.texts[text]))
                             : rows.values[number]);
      }
    }
    (HoldsTexts(input) ? first_text : first) += width;
  }
  return inputs;
}

absl::Status CheckWidths(const Network& network, const Rows& rows) {
  std::int64_t numbers = 0;
  std::int64_t texts = 0;
  for (const TensorSpec& input : network.inputs()) {
    (HoldsTexts(input) ? texts : numbers) += input.width();
  }
  if (rows.width == numbers && rows.text_width == texts) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("rows of ", rows.width + rows.text_width,
                                                 " values; the model expects ", numbers + texts));
}

BaselineFile ToBaselineFile(CalibratedBaseline made, const Network& network) {
  const Baseline& baseline = made.baseline;
  BaselineFile file;
  file.contents = WriteBaseline(baseline, network);
  file.source = std::string(WordOf(baseline.source));
  file.created = std::chrono::system_clock::to_time_t(baseline.created);
  file.rows = baseline.rows;
  file.warnings = std::move(made.warnings);
  for (const TargetBaseline& target : baseline.targets) {
    BaselineLayer& layer = file.layers.emplace_back();
    layer.name = target.name;
    layer.components = target.components;
    layer.level = target.level;
  }
  for (const LayerReference& reference : baseline.layers) {
    BaselineLayer& layer = BaselineLayerNamed(reference.layer, file);
    layer.has_reference = true;
    layer.lower_share = reference.lower_share;
    layer.upper_share = reference.upper_share;
    layer.dead_units = reference.dead_units;
    layer.mean = reference.mean;
    layer.gradient_gain = reference.gradient_gain;
  }
  return file;
}

}  // namespace

absl::StatusOr<FileToCalibrate> FileToCalibrate::Read(const std::string& path) {
  absl::StatusOr<ReadNetwork> read = ReadModelFile(path);
  if (!read.ok()) return read.status();
  return FileToCalibrate(*std::move(read));
}

TextColumns FileToCalibrate::text_columns() const {
  TextColumns columns;
  std::int64_t first = 0;
  for (const TensorSpec& input : read_.network.inputs()) {
    if (HoldsTexts(input)) columns.Add(first, first + input.width());
    first += input.width();
  }
  return columns;
}

absl::StatusOr<BaselineFile> FileToCalibrate::Calibrate(
    Rows rows, const std::function<void(double)>& progress) {
  if (absl::Status status = CheckWidths(read_.network, rows); !status.ok()) return status;
  const std::vector<std::vector<float>> inputs = InputsOf(read_.network, rows);
  rows.values = {};
  std::vector<const float*> pointers;
  pointers.reserve(inputs.size());
  for (const std::vector<float>& input : inputs) pointers.push_back(input.data());
  CalibrationOptions options;
  options.model_digest = NetworkDigest(read_.network);
  options.progress = progress;
  tbb::task_arena arena;
  const Evaluator evaluator(std::move(read_.network), kDefaultSaturationEpsilon, arena);
  absl::StatusOr<CalibratedBaseline> made = mlp::Calibrate(evaluator, rows.rows, pointers, options);
  if (!made.ok()) return made.status();
  return ToBaselineFile(*std::move(made), evaluator.network());
}

std::string BaselinePathBeside(const std::string& path) {
  std::error_code error;
  const std::filesystem::path model(path);
  const std::filesystem::path folder =
      std::filesystem::is_directory(model, error) ? model : model.parent_path();
  return (folder / kBaselineFile).string();
}

std::string MissingValuesText(const std::string& place) {
  return absl::StrCat(place, "; it counts as a missing value (NaN)");
}

}  // namespace mlp
