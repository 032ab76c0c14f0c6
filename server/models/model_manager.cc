#include "server/models/model_manager.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/memory_room.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

// Serving goes before loading where the CPUs do not suffice for both.
constexpr int kNiceness = 10;

// How soon a change that was seen once is looked at again, if that is sooner than the next poll.
constexpr std::chrono::seconds kSettling(2);

// Each publication copies a share of all models and wakes those that serve. Of many loads, sparing
// ones take at most a tenth of the time.
constexpr int kSparing = 9;

// Changes of one look beyond which they are published sparingly.
constexpr std::size_t kManyChanges = 100;

constexpr char kAllModels[] = "*";
constexpr char kUnloaded[] = "unloaded";

// For the thread that calls it. One that may not goes on with the priority it has.
void LowerPriority() { setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness); }

bool IsNamed(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

ModelManager::ModelManager(ModelManagerOptions options, ModelCatalog& catalog, Metrics& metrics,
                           tbb::task_arena& arena, spdlog::logger& log)
    : options_(std::move(options)),
      catalog_(catalog),
      metrics_(metrics),
      log_(log),
      loader_(options_.evaluation, arena, metrics, log, [this] { return Interrupted(); }),
      watch_(options_.repository),
      requests_(options_.most_waiting_bytes) {}

absl::Status ModelManager::LoadStartSet() {
  if (!options_.model_file.empty()) {
    absl::StatusOr<ModelVersion> version = LoadModelFile(options_.model_file, MemoryLeftForLoad());
    if (!version.ok()) return version.status();
    const std::string name = version->name;
    const std::int64_t number = version->version;
    absl::StatusOr<ModelRecord> record = loader_.Serve(*std::move(version));
    if (!record.ok()) return record.status();
    {
      const std::lock_guard lock(models_mutex_);
      unpublished_.insert(name);
      models_[name].versions[number].record = *std::move(record);
    }
    Publish();
    return absl::OkStatus();
  }
  const absl::StatusOr<RepositoryListing> listing = ListRepository(options_.repository);
  if (!listing.ok()) return listing.status();
  for (const std::string& warning : listing->warnings) log_.warn("{}", warning);
  std::vector<std::string> names = listing->models;
  if (options_.control == ModelControl::kExplicit && !IsNamed(options_.load_at_start, kAllModels)) {
    names = options_.load_at_start;
    for (const std::string& name : names) {
      if (std::binary_search(listing->models.begin(), listing->models.end(), name)) continue;
      return absl::NotFoundError(absl::StrCat("the model ", Quote(name), " that --load-model names",
                                              " is not in '", options_.repository.string(), "'"));
    }
  }
  if (options_.control == ModelControl::kExplicit) {
    const std::lock_guard lock(models_mutex_);
    listed_ = std::make_shared<const ModelTable::Names>(listing->models);
  }
  // Errors are logged, and stand in the table.
  for (const std::string& name : names) {
    LoadNamed(name, Publishing::kSparing).IgnoreError();
    if (Interrupted()) return absl::CancelledError("interrupted");
  }
  Publish();
  if (options_.control == ModelControl::kNone && !AnyServed()) {
    return absl::NotFoundError(absl::StrCat(
        "there is no model to serve in '", options_.repository.string(),
        "'; expected <model>/<version>/model.onnx, and at least one that is not refused"));
  }
  return absl::OkStatus();
}

ModelManager::~ModelManager() {
  BeginStop();
  if (load_thread_.joinable()) load_thread_.join();
  if (unload_thread_.joinable()) unload_thread_.join();
}

void ModelManager::Start(std::function<void()> changed) {
  if (options_.control == ModelControl::kNone) return;
  changed_ = std::move(changed);
  StartThread(Kind::kLoad, load_thread_);
  // Only requests unload.
  if (options_.control == ModelControl::kExplicit) StartThread(Kind::kUnload, unload_thread_);
}

void ModelManager::StartThread(Kind kind, std::thread& thread) {
  thread = std::thread([this, kind] { Run(kind); });
  const std::lock_guard lock(mutex_);
  ++running_;
}

absl::Status ModelManager::CheckRequestsAreTaken() const {
  switch (options_.control) {
    case ModelControl::kExplicit:
      return absl::OkStatus();
    case ModelControl::kPoll:
      return absl::UnavailableError(
          "models follow the repository, as --model-control is poll; expected explicit");
    case ModelControl::kNone:
      break;
  }
  return absl::UnavailableError(
      "models are loaded at the start only, as --model-control is none; expected explicit");
}

void ModelManager::Load(ModelLoadRequest request, Done done) {
  std::size_t bytes = 0;
  for (const UploadedFile& file : request.files) bytes += file.content.size();
  // std::function wants to be copied.
  auto shared = std::make_shared<const ModelLoadRequest>(std::move(request));
  Enqueue({Kind::kLoad, shared->model, bytes, [this, shared] { return LoadRequested(*shared); },
           std::move(done)});
}

void ModelManager::Unload(const std::string& model, Done done) {
  Enqueue(
      {Kind::kUnload, model, 0, [this, model] { return UnloadRequested(model); }, std::move(done)});
}

void ModelManager::Enqueue(ModelRequests::Request request) {
  const absl::Status taken = CheckRequestsAreTaken();
  if (!taken.ok()) return request.done(taken);
  requests_.Add(std::move(request));
}

absl::Status ModelManager::CheckRoomFor(std::size_t bytes) const {
  return requests_.CheckRoomFor(bytes);
}

void ModelManager::BeginStop() { requests_.Stop(); }

bool ModelManager::WaitForEnd(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, patience,
                         [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return running_ == 0; });
}

bool ModelManager::Interrupted() const { return requests_.stopped() || options_.interrupted(); }

void ModelManager::Run(Kind kind) {
  const bool loads = kind == Kind::kLoad;
  if (loads) LowerPriority();
  const auto look_later = [&] {
    return loads ? Clock::now() + options_.poll_interval : Clock::time_point::max();
  };
  Clock::time_point next_look = look_later();
  while (!requests_.stopped()) {
    // Where memory fails a change, the models stay as they are.
    try {
      const RefusableWork work;
      if (const auto change = requests_.Take(kind, next_look)) {
        requests_.Answer(kind, (*change)());
      } else if (Clock::now() >= next_look) {
        next_look = Look();
      }
    } catch (const std::bad_alloc&) {
      requests_.Answer(
          kind, absl::ResourceExhaustedError("there is not enough memory to change the models"));
      next_look = look_later();
    }
  }
  const std::lock_guard lock(mutex_);
  --running_;
  ended_.notify_all();
}

ModelManager::Clock::time_point ModelManager::Look() {
  if (options_.control == ModelControl::kPoll) return Poll();
  List();
  return Clock::now() + options_.poll_interval;
}

void ModelManager::List() {
  absl::StatusOr<RepositoryListing> listing = ListRepository(options_.repository);
  // What cannot be read now shows when it is to be loaded.
  if (!listing.ok()) return;
  {
    const std::lock_guard lock(models_mutex_);
    if (listing->models == *listed_) return;
    listed_ = std::make_shared<const ModelTable::Names>(std::move(listing->models));
  }
  Publish();
}

ModelManager::Clock::time_point ModelManager::Poll() {
  std::map<std::string, ContentSignature> loaded;
  {
    const std::lock_guard lock(models_mutex_);
    for (const auto& [name, model] : models_) loaded[name] = model.content;
  }
  const absl::StatusOr<RepositoryChanges> changes = watch_.Look(loaded);
  const bool told = last_look_ == changes.status();
  last_look_ = changes.status();
  if (!changes.ok()) {
    // A volume that is away for a moment must not take the models with it.
    if (!told) log_.error("{}; what was loaded goes on", std::string(last_look_.message()));
    return Clock::now() + options_.poll_interval;
  }
  for (const std::string& warning : changes->warnings) log_.warn("{}", warning);
  {
    const std::lock_guard lock(models_mutex_);
    for (const std::string& name : changes->gone) {
      unpublished_.insert(name);
      models_.erase(name);
    }
  }
  if (!changes->gone.empty()) Publish();
  for (const std::string& name : changes->gone) {
    metrics_.model_loads().Forget(name);
    log_.info("model '{}' is gone from the repository and is no longer served", name);
  }
  const Publishing publishing =
      changes->changed.size() > kManyChanges ? Publishing::kSparing : Publishing::kAtOnce;
  for (const std::string& name : changes->changed) {
    if (requests_.stopped()) break;
    LoadNamed(name, publishing).IgnoreError();  // it is logged, and stands in the table
    PublishAs(publishing, /*begins=*/false);
  }
  if (publishing == Publishing::kSparing) Publish();
  const std::chrono::seconds wait =
      changes->unsettled ? std::min(options_.poll_interval, kSettling) : options_.poll_interval;
  return Clock::now() + wait;
}

bool ModelManager::InRepository(const std::string& name) const {
  std::error_code error;
  return IsModelName(name) && fs::is_directory(options_.repository / name, error);
}

absl::Status ModelManager::LoadNamed(const std::string& name, Publishing publishing) {
  return LoadFrom(name, {options_.repository / name, std::nullopt, /*uploaded=*/false}, publishing);
}

absl::Status ModelManager::LoadFrom(const std::string& name, const ModelSource& source,
                                    Publishing publishing) {
  LoadedModel model;
  {
    const std::lock_guard lock(models_mutex_);
    const auto before = models_.find(name);
    if (before != models_.end()) model = before->second;
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
    PublishAs(publishing, /*begins=*/true);
  };
  absl::Status status = loader_.Load(name, source, announce, model);
  {
    const std::lock_guard lock(models_mutex_);
    unpublished_.insert(name);
    loading_.clear();
    // What was served before goes without the lock.
    std::swap(models_[name], model);
  }
  return status;
}

void ModelManager::SetLoading(std::vector<ModelRecord> loading) {
  const std::lock_guard lock(models_mutex_);
  loading_ = std::move(loading);
}

absl::Status ModelManager::LoadRequested(const ModelLoadRequest& request) {
  if (!IsModelName(request.model)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quote(request.model), " is no name for a model; expected 1 to 128 of ",
                     "letters, digits, '.', '_' and '-', without a dot in front"));
  }
  if (request.files.empty()) {
    if (!InRepository(request.model)) {
      return absl::NotFoundError(
          absl::StrCat("model ", Quote(request.model), " is not in the model repository"));
    }
    absl::Status status = LoadFrom(request.model,
                                   {options_.repository / request.model, request.settings,
                                    /*uploaded=*/false},
                                   Publishing::kAtOnce);
    Publish();
    return status;
  }
  const absl::StatusOr<UploadedModel> uploaded = UploadedModel::Write(request.files);
  if (!uploaded.ok()) return uploaded.status();
  const auto is_known = [&] {
    const std::lock_guard lock(models_mutex_);
    return models_.count(request.model) > 0;
  };
  const bool known = is_known();
  absl::Status status =
      LoadFrom(request.model, {uploaded->folder(), request.settings, /*uploaded=*/true},
               Publishing::kAtOnce);
  // Else clients could fill the table with names that there never was a model of.
  if (!known) {
    const std::lock_guard lock(models_mutex_);
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

absl::Status ModelManager::UnloadRequested(const std::string& name) {
  const bool in_repository = InRepository(name);
  {
    const std::lock_guard lock(models_mutex_);
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
      }
      model->second.labels.clear();
    } else {
      models_.erase(model);
      metrics_.model_loads().Forget(name);
    }
  }
  Publish();
  log_.info("model '{}' is unloaded", name);
  return absl::OkStatus();
}

bool ModelManager::AnyServed() const {
  const std::lock_guard lock(models_mutex_);
  return std::any_of(models_.begin(), models_.end(),
                     [](const auto& model) { return model.second.served(); });
}

void ModelManager::PublishAs(Publishing publishing, bool begins) {
  const Clock::time_point begin = Clock::now();
  if (publishing == Publishing::kSparing && begin < next_sparing_publish_) return;
  Publish(begins);
  const Clock::time_point end = Clock::now();
  next_sparing_publish_ = end + kSparing * (end - begin);
}

ModelTable::Model ModelManager::ModelOf(const std::string& name) const {
  ModelTable::Model model;
  if (const auto loaded = models_.find(name); loaded != models_.end()) {
    for (const auto& [number, version] : loaded->second.versions) {
      model.versions.emplace(number, version.record);
    }
    model.labels = loaded->second.labels;
  }
  // After the others, so that they take the place of versions that were refused before.
  for (const ModelRecord& record : loading_) {
    if (record.name == name) model.versions[record.version] = record;
  }
  return model;
}

void ModelManager::Publish(bool begins) {
  {
    const std::lock_guard models_lock(models_mutex_);
    std::string loading = loading_.empty() ? std::string() : loading_.front().name;
    ModelTable::Changes changes;
    for (const std::string& name : unpublished_) changes.emplace(name, ModelOf(name));
    for (const std::string& name : {published_loading_, loading}) {
      if (!name.empty()) changes.emplace(name, ModelOf(name));
    }
    // Where memory fails one of these, the next publication tells what this one did not.
    catalog_.Publish(catalog_.Get()->With(std::move(changes), listed_));
    unpublished_.clear();
    published_loading_ = std::move(loading);
  }
  if (!changed_) return;  // at the start
  if (!requests_.CallUnlessStopped(changed_)) return;
  // glibc by itself keeps what was freed: files that were read, versions that were given up, and
  // requests that waited meanwhile. A load that begins frees nothing yet.
  if (!begins) malloc_trim(0);
}

}  // namespace mlp
