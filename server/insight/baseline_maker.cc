#include "server/insight/baseline_maker.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/drift/baseline_file.h"
#include "model/drift/calibration.h"
#include "model/quote.h"
#include "server/insight/input_rows.h"
#include "server/memory_room.h"

namespace mlp {
namespace {

absl::Status NoMemoryForBaseline() {
  return absl::ResourceExhaustedError("there is not enough memory to make a baseline");
}

}  // namespace

absl::Status CheckCalibrationRows(const Network& network, std::int64_t rows,
                                  const std::vector<std::vector<float>>& inputs) {
  if (rows < 1) return absl::InvalidArgumentError("there are no rows; expected at least 1");
  const std::int64_t most_rows = Insight::kMaxCalibrationBytes /
                                 (InputWidth(network) * static_cast<std::int64_t>(sizeof(float)));
  if (rows > most_rows) {
    return absl::ResourceExhaustedError(absl::StrCat("there are ", rows, " rows; expected at most ",
                                                     most_rows, " of this model, ",
                                                     Insight::kMaxCalibrationBytes >> 20, " MiB"));
  }
  if (inputs.size() != network.inputs().size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", inputs.size(), " inputs; expected ", network.inputs().size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorSpec& input = network.inputs()[i];
    if (static_cast<std::int64_t>(inputs[i].size()) == rows * input.width()) continue;
    return absl::InvalidArgumentError(absl::StrCat("the input ", Quote(input.name), " has ",
                                                   inputs[i].size(), " values; expected ", rows,
                                                   " rows of ", input.width()));
  }
  return absl::OkStatus();
}

absl::StatusOr<VersionBaseline> WithinMemory(
    const std::function<absl::StatusOr<VersionBaseline>()>& make) {
  if (!HasMemoryRoom(kUnasked)) return NoMemoryForBaseline();
  try {
    const RefusableWork work;
    return make();
  } catch (const std::bad_alloc&) {
    return NoMemoryForBaseline();
  } catch (const std::exception&) {
    return absl::InternalError("the baseline could not be made because of an internal error");
  }
}

VersionBaseline WithFile(const ServedModel& served, std::shared_ptr<const Baseline> baseline) {
  VersionBaseline made{served.name, served.version, std::move(baseline), {}, {}};
  made.file = WriteBaseline(*made.baseline, *served.network);
  return made;
}

absl::StatusOr<VersionBaseline> CalibrateVersion(const ServedModel& served, std::int64_t rows,
                                                 const std::vector<std::vector<float>>& inputs,
                                                 BaselineSource source,
                                                 const std::function<bool()>& cancelled) {
  std::vector<const float*> arrays;
  arrays.reserve(inputs.size());
  for (const std::vector<float>& input : inputs) arrays.push_back(input.data());
  CalibrationOptions options;
  options.model_digest = served.model_digest;
  options.source = source;
  options.cancelled = cancelled;
  absl::StatusOr<CalibratedBaseline> made = Calibrate(*served.evaluator, rows, arrays, options);
  if (!made.ok()) return made.status();
  VersionBaseline baseline =
      WithFile(served, std::make_shared<const Baseline>(std::move(made->baseline)));
  baseline.warnings = std::move(made->warnings);
  return baseline;
}

}  // namespace mlp
