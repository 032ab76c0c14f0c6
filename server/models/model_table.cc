#include "server/models/model_table.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/decimal.h"

namespace mlp {

absl::string_view NameOf(ModelState state) {
  switch (state) {
    case ModelState::kReady:
      return "READY";
    case ModelState::kLoading:
      return "LOADING";
    case ModelState::kUnavailable:
      return "UNAVAILABLE";
  }
  return "UNKNOWN";
}

ModelTable::ModelTable(std::vector<ModelRecord> records, VersionLabels labels,
                       std::vector<std::string> not_loaded)
    : labels_(std::move(labels)), not_loaded_(std::move(not_loaded)) {
  for (ModelRecord& record : records) {
    std::string name = record.name;
    const std::int64_t version = record.version;
    models_[std::move(name)][version] = std::move(record);
  }
  for (const auto& [name, its_versions] : models_) {
    by_name_[name] = &its_versions;
    for (const auto& [number, record] : its_versions) {
      if (record.served != nullptr) newest_[name] = record.served;
    }
  }
}

const ModelTable::Versions* ModelTable::VersionsOf(absl::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

std::optional<std::int64_t> ModelTable::LabelledVersion(absl::string_view name,
                                                        absl::string_view label) const {
  const auto labels = labels_.find(std::string(name));
  if (labels == labels_.end()) return std::nullopt;
  const auto version = labels->second.find(std::string(label));
  return version == labels->second.end() ? std::nullopt : std::optional(version->second);
}

absl::StatusOr<std::shared_ptr<const ServedModel>> ModelTable::Find(
    absl::string_view name, absl::string_view version) const {
  if (version.empty()) {
    const auto newest = newest_.find(name);
    if (newest != newest_.end()) return newest->second;
  }
  if (name.empty()) {
    return absl::InvalidArgumentError("the model's name is empty; expected one that is served");
  }
  const Versions* versions = VersionsOf(name);
  if (versions == nullptr) {
    return absl::NotFoundError(absl::StrCat("model ", Quote(name), " is unknown"));
  }
  if (version.empty()) {
    const auto& [number, record] = *versions->rbegin();
    return absl::UnavailableError(
        absl::StrCat("model ", Quote(name), " is not ready: ", record.reason));
  }
  std::int64_t number = 0;
  const bool is_label = !IsDecimal(version);
  if (is_label) {
    const std::optional<std::int64_t> labelled = LabelledVersion(name, version);
    if (!labelled.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("version ", Quote(version), " of model ", Quote(name),
                       " is no number and none of its labels; expected decimal digits or a label"));
    }
    number = *labelled;
  } else if (!absl::SimpleAtoi(version, &number)) {
    number = 0;  // beyond every version that there can be
  }
  const auto found = number > 0 ? versions->find(number) : versions->end();
  if (found == versions->end()) {
    return absl::NotFoundError(absl::StrCat(
        "version ", Quote(version), " of model ", Quote(name), " is unknown",
        is_label ? absl::StrCat(": the label names version ", number, ", which there is not")
                 : std::string()));
  }
  if (found->second.served == nullptr) {
    return absl::UnavailableError(absl::StrCat("version ", number, " of model ", Quote(name),
                                               " is not ready: ", found->second.reason));
  }
  return found->second.served;
}

}  // namespace mlp
