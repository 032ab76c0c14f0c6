#include "server/served_models/loaded_models.h"

#include <malloc.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/memory_room.h"
#include "server/repository/model_repository.h"

namespace mlp {
namespace {

// Each publication copies a share of all models and wakes the serving threads. During many loads,
// sparing publications take at most a tenth of the time.
constexpr int kSparing = 9;

constexpr char kUnloaded[] = "unloaded";

}  // namespace

LoadedModels::LoadedModels(std::filesystem::path repository, ModelLoader& loader,
                           ModelCatalog& catalog, Metrics& metrics, spdlog::logger& log,
                           std::function<bool()> published)
    : repository_(std::move(repository)),
      loader_(loader),
      catalog_(catalog),
      metrics_(metrics),
      log_(log),
      published_(std::move(published)) {}

absl::Status LoadedModels::LoadFile(const std::filesystem::path& file) {
  absl::StatusOr<ModelVersion> version =
      LoadModelFile(file, loader_.ExternalDataBelow(file.parent_path()), MemoryLeftForLoad());
  if (!version.ok()) return version.status();
  const std::string name = version->name;
  const std::int64_t number = version->version;
  absl::StatusOr<ModelRecord> record = loader_.Serve(*std::move(version));
  if (!record.ok()) return record.status();
  {
    const std::lock_guard lock(mutex_);
    unpublished_.insert(name);
    models_[name].versions[number].record = *std::move(record);
    models_[name].by_default.version = number;
  }
  Publish();
  return absl::OkStatus();
}

absl::Status LoadedModels::Load(const std::string& name, Publishing publishing) {
  return LoadFrom(name, {repository_ / name, std::nullopt, /*uploaded=*/false}, publishing);
}

absl::Status LoadedModels::Load(const ModelLoadRequest& request) {
  if (!IsModelName(request.model)) {
    return absl::InvalidArgumentError(absl::StrCat(
        Quote(request.model), " is not a model name; expected ", ModelNameRule(request.model)));
  }
  if (!request.files.empty()) return LoadUploaded(request);
  if (!InRepository(request.model)) {
    return absl::NotFoundError(
        absl::StrCat("model ", Quote(request.model), " is not in the model repository"));
  }
  absl::Status status = LoadFrom(request.model,
                                 {repository_ / request.model, request.settings, /*uploaded=*/false,
                                  /*asked_for=*/true},
                                 Publishing::kAtOnce);
  Publish();
  return status;
}

absl::Status LoadedModels::LoadUploaded(const ModelLoadRequest& request) {
  const absl::StatusOr<UploadedModel> uploaded = UploadedModel::Write(request.files);
  if (!uploaded.ok()) return uploaded.status();
  const auto is_known = [&] {
    const std::lock_guard lock(mutex_);
    return models_.count(request.model) > 0;
  };
  const bool known = is_known();
  absl::Status status = LoadFrom(
      request.model, {uploaded->folder(), request.settings, /*uploaded=*/true, /*asked_for=*/true},
      Publishing::kAtOnce);
  // Otherwise, clients could fill the table with names of models that never existed.
  if (!known) {
    const std::lock_guard lock(mutex_);
    const auto model = models_.find(request.model);
    if (!model->second.served()) {
      unpublished_.insert(request.model);
      models_.erase(model);
      metrics_.model_loads().Forget(request.model);
    }
  }
  Publish();
  return status;
}

absl::Status LoadedModels::LoadFrom(const std::string& name, const ModelSource& source,
                                    Publishing publishing) {
  LoadedModel model;
  {
    const std::lock_guard lock(mutex_);
    const auto existing = models_.find(name);
    if (existing != models_.end()) model = existing->second;
  }
  const absl::Cleanup loaded = [this] { SetLoading({}); };
  const auto announce = [&](const std::vector<std::int64_t>& versions) {
    std::vector<ModelRecord> loading;
    for (const std::int64_t version : versions) {
      const auto old = model.versions.find(version);
      if (old != model.versions.end() && old->second.record.served != nullptr) continue;
      loading.push_back({name, version, ModelState::kLoading, "it is being loaded", nullptr});
    }
    if (loading.empty()) return;
    SetLoading(std::move(loading));
    PublishAs(publishing, /*load_begins=*/true);
  };
  absl::Status status = loader_.Load(name, source, announce, model);
  {
    const std::lock_guard lock(mutex_);
    unpublished_.insert(name);
    loading_.clear();
    // `model` then holds what was served before; it is destroyed without the lock.
    std::swap(models_[name], model);
  }
  return status;
}

absl::Status LoadedModels::Unload(const std::string& name) {
  const bool in_repository = InRepository(name);
  {
    const std::lock_guard lock(mutex_);
    const auto model = models_.find(name);
    if (model == models_.end()) {
      return absl::NotFoundError(absl::StrCat("model ", Quote(name), " is unknown"));
    }
    unpublished_.insert(name);
    if (in_repository) {
      for (auto& [number, version] : model->second.versions) {
        version.record.state = ModelState::kUnavailable;
        version.record.reason = kUnloaded;
        version.record.served = nullptr;
        version.record.refused = false;
        version.record.unloaded = true;
      }
      model->second.labels.clear();
      model->second.by_default = {};
    } else {
      models_.erase(model);
      metrics_.model_loads().Forget(name);
    }
  }
  Publish();
  log_.info("model '{}' is unloaded", name);
  return absl::OkStatus();
}

void LoadedModels::Remove(const std::vector<std::string>& names) {
  if (names.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : names) {
      unpublished_.insert(name);
      models_.erase(name);
    }
  }
  Publish();
  for (const std::string& name : names) {
    metrics_.model_loads().Forget(name);
    log_.info("model '{}' was removed from the repository and is no longer served", name);
  }
}

bool LoadedModels::SetListed(const ModelTable::Names& names) {
  const std::lock_guard lock(mutex_);
  if (names == *listed_) return false;
  listed_ = std::make_shared<const ModelTable::Names>(names);
  return true;
}

std::map<std::string, ContentSignature> LoadedModels::Contents() const {
  std::map<std::string, ContentSignature> contents;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, model] : models_) contents[name] = model.content;
  return contents;
}

bool LoadedModels::AnyServed() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(models_.begin(), models_.end(),
                     [](const auto& model) { return model.second.served(); });
}

void LoadedModels::SetLoading(std::vector<ModelRecord> loading) {
  const std::lock_guard lock(mutex_);
  loading_ = std::move(loading);
}

bool LoadedModels::InRepository(const std::string& name) const {
  std::error_code error;
  return IsModelName(name) && std::filesystem::is_directory(repository_ / name, error);
}

ModelTable::Model LoadedModels::ModelOf(const std::string& name) const {
  ModelTable::Model model;
  if (const auto loaded = models_.find(name); loaded != models_.end()) {
    for (const auto& [number, version] : loaded->second.versions) {
      model.versions.emplace(number, version.record);
    }
    model.labels = loaded->second.labels;
    model.default_version = loaded->second.by_default.version;
    model.held_back = loaded->second.by_default.held_back;
  }
  // Last, so that they replace versions that were refused before.
  for (const ModelRecord& record : loading_) {
    if (record.name == name) model.versions[record.version] = record;
  }
  return model;
}

void LoadedModels::PublishAs(Publishing publishing, bool load_begins) {
  const Clock::time_point begin = Clock::now();
  if (publishing == Publishing::kSparing && begin < next_sparing_publish_) return;
  PublishNow(load_begins);
  const Clock::time_point end = Clock::now();
  next_sparing_publish_ = end + kSparing * (end - begin);
}

void LoadedModels::PublishNow(bool load_begins) {
  {
    const std::lock_guard lock(mutex_);
    std::string loading = loading_.empty() ? std::string() : loading_.front().name;
    ModelTable::Changes changes;
    for (const std::string& name : unpublished_) changes.emplace(name, ModelOf(name));
    for (const std::string& name : {published_loading_, loading}) {
      if (!name.empty()) changes.emplace(name, ModelOf(name));
    }
    // If memory runs out in one of these, the next publication shows what this one did not.
    catalog_.Publish(catalog_.Get()->With(std::move(changes), listed_));
    unpublished_.clear();
    published_loading_ = std::move(loading);
  }
  if (!published_()) return;
  // glibc alone keeps what was freed: files that were read, versions that were given up, and
  // requests that waited meanwhile.
  if (!load_begins) malloc_trim(0);
}

}  // namespace mlp
