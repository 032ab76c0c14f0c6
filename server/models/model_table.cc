#include "server/models/model_table.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

bool IsDecimal(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isdigit(c); });
}

}  // namespace

absl::string_view NameOf(ModelState state) {
  switch (state) {
    case ModelState::kReady:
      return "READY";
    case ModelState::kLoading:
      return "LOADING";
    case ModelState::kUnavailable:
      return "UNAVAILABLE";
    case ModelState::kUnloading:
      return "UNLOADING";
  }
  return "UNKNOWN";
}

ModelTable::ModelTable(std::vector<ModelRecord> records, VersionLabels labels)
    : labels_(std::move(labels)) {
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
  if (IsDecimal(version)) {
    if (!absl::SimpleAtoi(version, &number)) number = 0;
  } else {
    const auto its_labels = labels_.find(std::string(name));
    const bool labelled = its_labels != labels_.end() &&
                          its_labels->second.find(std::string(version)) != its_labels->second.end();
    if (!labelled) {
      return absl::InvalidArgumentError(
          absl::StrCat("version ", Quote(version), " of model ", Quote(name),
                       " is no number and none of its labels; expected decimal digits or a label"));
    }
    number = its_labels->second.at(std::string(version));
  }
  const auto found = number > 0 ? versions->find(number) : versions->end();
  if (found == versions->end()) {
    return absl::NotFoundError(absl::StrCat(
        "version ", Quote(version), " of model ", Quote(name), " is unknown",
        IsDecimal(version)
            ? std::string()
            : absl::StrCat(": the label names version ", number, ", which there is not")));
  }
  if (found->second.served == nullptr) {
    return absl::UnavailableError(absl::StrCat("version ", number, " of model ", Quote(name),
                                               " is not ready: ", found->second.reason));
  }
  return found->second.served;
}

}  // namespace mlp
