// Implements ReadBaseline.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "model/drift/accepted_windows.h"
#include "model/drift/baseline_file.h"
#include "model/drift/baseline_members.h"
#include "model/drift/baseline_metadata.h"
#include "model/formats/io/json_document.h"
#include "model/formats/native/safetensors.h"
#include "model/quote.h"

namespace mlp {
namespace {

constexpr std::size_t kMaxJudged = 64;
constexpr std::int64_t kMaxBaselineRows = std::int64_t{1} << 53;

// Reads tensors by name. Reads nothing more after the first error.
class BaselineReader final {
 public:
  explicit BaselineReader(const SafetensorsFile& file) {
    for (const SafetensorsTensor& tensor : file.tensors) unread_.emplace(tensor.name, &tensor);
  }

  void Floats(const std::string& name, std::vector<float>& values, std::int64_t count,
              NumberRange range) {
    Take(name, SafetensorsType::kF32, {count}, values);
    Check(name, values, range);
  }
  void Doubles(const std::string& name, std::vector<double>& values, std::int64_t count,
               NumberRange range) {
    Take(name, SafetensorsType::kF64, {count}, values);
    Check(name, values, range);
  }
  void Number(const std::string& name, double& number, NumberRange range) {
    std::vector<double> values;
    Take(name, SafetensorsType::kF64, {}, values);
    Check(name, values, range);
    if (status_.ok()) number = values.front();
  }
  void Classes(const std::string& name, std::vector<std::int64_t>& classes, std::int64_t most) {
    const SafetensorsTensor* tensor = Find(name);
    if (tensor == nullptr) return;
    const std::int64_t count = tensor->shape.size() == 1 ? tensor->shape.front() : 0;
    Take(name, SafetensorsType::kI64, {count}, classes);
    if (!status_.ok()) return;
    bool ascends = classes.size() <= kMaxJudged;
    for (std::size_t i = 0; i < classes.size(); ++i) {
      ascends = ascends && classes[i] >= 0 && classes[i] < most &&
                (i == 0 || classes[i] > classes[i - 1]);
    }
    if (ascends) return;
    Fail(absl::StrCat("tensor ", Quote(name), " holds ", classes.size(),
                      " classes; expected at most ", kMaxJudged, ", ascending from 0 to ",
                      most - 1));
  }
  void Targets(std::vector<TargetBaseline>& targets, const std::vector<TargetShape>& shapes,
               std::size_t judged) {
    if (!status_.ok()) return;
    for (const TargetShape& shape : shapes) {
      TargetBaseline target;
      target.name = shape.name;
      target.kind = shape.kind;
      target.components = shape.ComponentsWith(judged);
      target.panel_units = shape.panel_units;
      targets.push_back(std::move(target));
    }
  }
  void Layers(std::vector<LayerReference>& layers, const Network& network) {
    for (const Layer& layer : network.layers()) {
      if (!layer.has_activity()) continue;
      layers.emplace_back().layer = layer.name;
    }
  }
  void Accepted(std::vector<std::shared_ptr<const AcceptedWindows>>& accepted,
                const std::vector<TargetBaseline>& targets) {
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const std::string prefix = absl::StrCat("accepted.", targets[i].name);
      const auto found = unread_.find(prefix + ".windows");
      if (found == unread_.end()) continue;
      const std::int64_t p = targets[i].components;
      const std::vector<std::int64_t>& shape = found->second->shape;
      const std::int64_t count = shape.size() == 2 ? shape.front() : 0;
      if (count < kMinAcceptedWindows || count > kMaxAcceptedWindows) {
        return Fail(absl::StrCat("tensor ", Quote(found->first), " has the shape ",
                                 ShapeText(shape), "; expected ", kMinAcceptedWindows, " to ",
                                 kMaxAcceptedWindows, " windows of ", p));
      }
      AcceptedFigures figures;
      Take(prefix + ".windows", SafetensorsType::kF32, {count, p}, figures.windows);
      Check(prefix + ".windows", figures.windows, kAnyNumber);
      Doubles(prefix + ".mean", figures.mean, p, kMeanOfFloats);
      Number(prefix + ".shrinkage", figures.shrinkage, kShrinkage);
      Number(prefix + ".scale", figures.scale, kAcceptedScale);
      Number(prefix + ".level", figures.level, kAcceptedScale);
      if (!status_.ok()) return;
      accepted.resize(targets.size());
      accepted[i] = std::make_shared<const AcceptedWindows>(std::move(figures));
    }
  }

  // The first error; an error if tensors are left unread.
  absl::Status Finish() {
    if (status_.ok() && !unread_.empty()) {
      Fail(absl::StrCat("tensor ", Quote(unread_.begin()->first),
                        " does not belong to this network's baseline"));
    }
    return status_;
  }

 private:
  void Fail(const std::string& message) { status_ = absl::InvalidArgumentError(message); }

  const SafetensorsTensor* Find(const std::string& name) {
    if (!status_.ok()) return nullptr;
    const auto found = unread_.find(name);
    if (found != unread_.end()) return found->second;
    Fail(absl::StrCat("tensor ", Quote(name), " is missing"));
    return nullptr;
  }

  template <typename Value>
  void Take(const std::string& name, SafetensorsType type, const std::vector<std::int64_t>& shape,
            std::vector<Value>& values) {
    const SafetensorsTensor* tensor = Find(name);
    if (tensor == nullptr) return;
    if (tensor->type != type || tensor->shape != shape) {
      return Fail(absl::StrCat("tensor ", Quote(name), " is ", NameOf(tensor->type), " of shape ",
                               ShapeText(tensor->shape), "; expected ", NameOf(type), " of shape ",
                               ShapeText(shape)));
    }
    values.resize(static_cast<std::size_t>(tensor->count()));
    if (!values.empty()) std::memcpy(values.data(), tensor->data.data(), tensor->data.size());
    unread_.erase(name);
  }

  template <typename Value>
  void Check(const std::string& name, const std::vector<Value>& values, NumberRange range) {
    if (!status_.ok()) return;
    for (const Value value : values) {
      // The comparisons are false for NaN.
      if (value >= range.lowest && value <= range.highest && std::isfinite(value)) continue;
      return Fail(absl::StrCat("tensor ", Quote(name), " holds ", value, "; expected ",
                               range.lowest, " to ", range.highest));
    }
  }

  std::map<std::string, const SafetensorsTensor*> unread_;
  absl::Status status_;
};

// Whether the file ends within its header or within the tensors that the header lists.
bool IsCutOff(absl::string_view file) {
  std::uint64_t length = 0;
  if (file.size() < sizeof(length)) return true;
  std::memcpy(&length, file.data(), sizeof(length));
  file.remove_prefix(sizeof(length));
  if (length > file.size()) return length <= kLongestSafetensorsHeader;
  const absl::StatusOr<nlohmann::json> header = ParseJson(
      "the header", file.substr(0, length), {kLongestSafetensorsHeader, 3, std::size_t{1} << 18});
  if (!header.ok()) return false;
  const nlohmann::json none = nlohmann::json::array();
  for (const nlohmann::json& member : *header) {
    const nlohmann::json offsets = member.is_object() ? member.value("data_offsets", none) : none;
    if (offsets.is_array() && !offsets.empty() && offsets.back().is_number_unsigned() &&
        offsets.back().get<std::uint64_t>() > file.size() - length) {
      return true;
    }
  }
  return false;
}

// The error of ParseSafetensors; says so if the cause is a truncated file.
absl::Status NoSafetensors(absl::string_view file, const absl::Status& error) {
  if (!IsCutOff(file)) return error;
  return absl::InvalidArgumentError(absl::StrCat("the file is truncated: ", error.message()));
}

absl::StatusOr<std::string> EntryOf(const SafetensorsFile& file, const char* key) {
  const auto found = file.metadata.find(key);
  if (found != file.metadata.end()) return found->second;
  return absl::InvalidArgumentError(absl::StrCat("the metadata have no ", Quote(key)));
}

absl::Status WrongEntry(const char* key, const std::string& value, absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("the metadata's ", Quote(key), " is ", Quote(value), "; expected ", expected));
}

absl::Status ReadBaselineMetadata(const SafetensorsFile& file, absl::string_view model_digest,
                                  Baseline& baseline) {
  std::map<std::string, std::string> entries;
  for (const char* key : {kFormatKey, kDigestKey, kSourceKey, kRowsKey, kCreatedKey}) {
    const absl::StatusOr<std::string> entry = EntryOf(file, key);
    if (!entry.ok()) return entry.status();
    entries[key] = *entry;
  }
  if (entries[kFormatKey] != kBaselineFormat) {
    return WrongEntry(kFormatKey, entries[kFormatKey], Quote(kBaselineFormat));
  }
  if (entries[kDigestKey] != model_digest) {
    return absl::FailedPreconditionError(
        absl::StrCat("the baseline was made with another model, of digest ",
                     Quote(entries[kDigestKey]), "; this one's is ", Quote(model_digest)));
  }
  baseline.model_digest = entries[kDigestKey];
  if (entries[kSourceKey] == WordOf(BaselineSource::kLiveTraffic)) {
    baseline.source = BaselineSource::kLiveTraffic;
  } else if (entries[kSourceKey] != WordOf(BaselineSource::kCalibration)) {
    return WrongEntry(kSourceKey, entries[kSourceKey], "'calibration' or 'live_traffic'");
  }
  if (!absl::SimpleAtoi(entries[kRowsKey], &baseline.rows) || baseline.rows < 2 ||
      baseline.rows > kMaxBaselineRows) {
    return WrongEntry(kRowsKey, entries[kRowsKey], "a count of 2 or more");
  }
  absl::Time created;
  std::string error;
  if (!absl::ParseTime(kTimeFormat, entries[kCreatedKey], absl::UTCTimeZone(), &created, &error)) {
    return WrongEntry(kCreatedKey, entries[kCreatedKey], "a time such as '2026-11-29T18:00:00Z'");
  }
  baseline.created = absl::ToChronoTime(created);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Baseline> ReadBaseline(absl::string_view file, const Network& network,
                                      absl::string_view model_digest) {
  const absl::StatusOr<SafetensorsFile> tensors = ParseSafetensors(file);
  if (!tensors.ok()) return NoSafetensors(file, tensors.status());
  Baseline baseline;
  if (auto status = ReadBaselineMetadata(*tensors, model_digest, baseline); !status.ok()) {
    return status;
  }
  BaselineReader reader(*tensors);
  VisitBaseline(reader, baseline, network);
  if (auto status = reader.Finish(); !status.ok()) return status;
  for (ValueReference* references : {&baseline.inputs, &baseline.values}) {
    for (std::size_t i = 0; i < references->minimum.size(); ++i) {
      if (references->minimum[i] <= references->maximum[i]) continue;
      return absl::InvalidArgumentError(absl::StrCat("value ", i, " has the minimum ",
                                                     references->minimum[i], " and the maximum ",
                                                     references->maximum[i]));
    }
  }
  for (const TargetBaseline& target : baseline.targets) {
    const auto is_zero = [](float value) { return value == 0.0F; };
    if (!std::all_of(target.whitening.begin(), target.whitening.end(), is_zero)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("tensor ", Quote(absl::StrCat("targets.", target.name, ".whitening")),
                     " contains only 0; expected at least one other number"));
  }
  return baseline;
}

}  // namespace mlp
