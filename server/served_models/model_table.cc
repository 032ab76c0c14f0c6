#include "server/served_models/model_table.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/decimal.h"
#include "server/repository/default_version.h"

namespace mlp {

namespace {

// Why a request without a version is not answered.
absl::Status NoDefault(absl::string_view name, const ModelTable::Model& model) {
  const auto labelled = model.labels.find(kDefaultLabel);
  const auto version = labelled == model.labels.end() ? std::prev(model.versions.end())
                                                      : model.versions.find(labelled->second);
  if (labelled == model.labels.end() && version->second.served != nullptr) {
    return absl::UnavailableError(
        absl::StrCat("model ", Quote(name),
                     " has no default version: the served versions have other inputs or outputs ",
                     "than earlier versions; name a version"));
  }
  return absl::UnavailableError(absl::StrCat(
      "model ", Quote(name), " is not ready: ",
      labelled == model.labels.end()
          ? std::string()
          : absl::StrCat("the label '", kDefaultLabel, "' names version ", labelled->second, ": "),
      version == model.versions.end() ? "it is not served" : version->second.reason));
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
  }
  return "UNKNOWN";
}

ModelTable::ModelTable(const std::vector<ModelRecord>& records, const VersionLabels& labels) {
  Changes changes;
  for (const ModelRecord& record : records) {
    Model& model = changes[record.name];
    model.versions[record.version] = record;
    if (record.served != nullptr) {
      model.default_version = std::max(model.default_version, record.version);
    }
  }
  for (const auto& [name, its_labels] : labels) changes[name].labels = its_labels;
  Set(std::move(changes));
}

std::size_t ModelTable::ShardOf(std::size_t hash) {
  // The low bits choose the place within a shard.
  static_assert(kShards == 256);
  return hash >> (std::numeric_limits<std::size_t>::digits - 8);
}

void ModelTable::Set(Changes&& changes) {
  const auto hash = Shard().hash_function();
  // Each shard is copied once, however many of its models change.
  std::map<std::size_t, std::shared_ptr<Shard>> copies;
  for (auto& [name, model] : changes) {
    const std::size_t index = ShardOf(hash(name));
    std::shared_ptr<Shard>& copy = copies[index];
    if (copy == nullptr) {
      const std::shared_ptr<const Shard>& old_shard = shards_[index];
      copy = old_shard == nullptr ? std::make_shared<Shard>() : std::make_shared<Shard>(*old_shard);
    }
    // The key points into the entry, which is destroyed here.
    copy->erase(name);
    if (model.versions.empty()) continue;
    auto entry = std::make_shared<Entry>(Entry{name, std::move(model), nullptr});
    const auto by_default = entry->model.versions.find(entry->model.default_version);
    if (by_default != entry->model.versions.end()) entry->by_default = by_default->second.served;
    const absl::string_view key = entry->name;
    copy->emplace(key, std::move(entry));
  }
  for (auto& [index, copy] : copies) {
    if (copy->empty()) copy = nullptr;
    shards_[index] = std::move(copy);
  }
}

std::shared_ptr<const ModelTable> ModelTable::With(Changes changes,
                                                   std::shared_ptr<const Names> listed) const {
  auto table = std::make_shared<ModelTable>(*this);
  table->Set(std::move(changes));
  table->listed_ = std::move(listed);
  return table;
}

ModelTable::Names ModelTable::ChangedSince(const ModelTable& last) const {
  Names changed;
  const auto add_missing = [&changed](const Shard& shard, const Shard& compared, bool gone) {
    for (const auto& [name, entry] : shard) {
      const auto found = compared.find(name);
      const bool differs = found == compared.end() || (!gone && found->second != entry);
      if (differs) changed.emplace_back(name);
    }
  };
  const Shard empty;
  for (std::size_t i = 0; i < kShards; ++i) {
    if (shards_[i] == last.shards_[i]) continue;
    const Shard& now = shards_[i] == nullptr ? empty : *shards_[i];
    const Shard& before = last.shards_[i] == nullptr ? empty : *last.shards_[i];
    add_missing(now, before, /*gone=*/false);
    add_missing(before, now, /*gone=*/true);
  }
  return changed;
}

const ModelTable::Entry* ModelTable::EntryOf(absl::string_view name) const {
  const std::size_t hash = Shard::hasher()(name);
  const Shard* const shard = shards_[ShardOf(hash)].get();
  if (shard == nullptr) return nullptr;
  const auto found = shard->find(name, hash);
  return found == shard->end() ? nullptr : found->second.get();
}

const ModelTable::Model* ModelTable::ModelNamed(absl::string_view name) const {
  const Entry* const entry = EntryOf(name);
  return entry == nullptr ? nullptr : &entry->model;
}

const ModelTable::Versions* ModelTable::VersionsOf(absl::string_view name) const {
  const Model* const model = ModelNamed(name);
  return model == nullptr ? nullptr : &model->versions;
}

std::vector<ModelTable::NamedModel> ModelTable::models() const {
  std::vector<const Entry*> entries;
  for (const std::shared_ptr<const Shard>& shard : shards_) {
    if (shard == nullptr) continue;
    for (const auto& [name, entry] : *shard) entries.push_back(entry.get());
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry* left, const Entry* right) { return left->name < right->name; });
  std::vector<NamedModel> models;
  models.reserve(entries.size());
  for (const Entry* entry : entries) models.push_back({entry->name, entry->model});
  return models;
}

ModelTable::Names ModelTable::not_loaded() const {
  Names names;
  for (const std::string& name : *listed_) {
    if (EntryOf(name) == nullptr) names.push_back(name);
  }
  return names;
}

absl::StatusOr<std::shared_ptr<const ServedModel>> ModelTable::Find(
    absl::string_view name, absl::string_view version) const {
  const Entry* const entry = EntryOf(name);
  if (version.empty() && entry != nullptr && entry->by_default != nullptr) {
    return entry->by_default;
  }
  if (name.empty()) {
    return absl::InvalidArgumentError("the model's name is empty; expected a served model");
  }
  if (entry == nullptr) {
    return absl::NotFoundError(absl::StrCat("model ", Quote(name), " is unknown"));
  }
  const Versions& versions = entry->model.versions;
  if (version.empty()) return NoDefault(name, entry->model);
  std::int64_t number = 0;
  const bool is_label = !IsDecimal(version);
  if (is_label) {
    const auto labelled = entry->model.labels.find(std::string(version));
    if (labelled == entry->model.labels.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "version ", Quote(version), " of model ", Quote(name),
          " is neither a number nor a label of the model; expected decimal digits or a label"));
    }
    number = labelled->second;
  } else if (!absl::SimpleAtoi(version, &number)) {
    number = 0;  // beyond every possible version
  }
  const auto found = number > 0 ? versions.find(number) : versions.end();
  if (found == versions.end()) {
    return absl::NotFoundError(absl::StrCat(
        "version ", Quote(version), " of model ", Quote(name), " is unknown",
        is_label ? absl::StrCat(": the label names version ", number, ", which is not loaded")
                 : std::string()));
  }
  if (found->second.served == nullptr) {
    return absl::UnavailableError(absl::StrCat("version ", number, " of model ", Quote(name),
                                               " is not ready: ", found->second.reason));
  }
  return found->second.served;
}

}  // namespace mlp
