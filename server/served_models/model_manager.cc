#include "server/served_models/model_manager.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/low_priority.h"
#include "server/memory_room.h"

namespace mlp {
namespace {

using Publishing = LoadedModels::Publishing;

// How soon a change that was seen once is looked at again, if the next poll is later.
constexpr std::chrono::seconds kSettling(2);

// If one look finds more changes than this, they are published sparingly.
constexpr std::size_t kManyChanges = 100;

constexpr char kAllModels[] = "*";

bool IsNamed(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

ModelManager::ModelManager(ModelManagerOptions options, ModelCatalog& catalog, Metrics& metrics,
                           tbb::task_arena& arena, spdlog::logger& log)
    : options_(std::move(options)),
      log_(log),
      requests_(options_.most_waiting_bytes),
      loader_(options_.evaluation, arena, metrics, log, [this] { return Interrupted(); }),
      models_(options_.repository, loader_, catalog, metrics, log,
              [this] { return changed_ && requests_.CallUnlessStopped(changed_); }),
      watch_(options_.repository) {}

absl::Status ModelManager::LoadStartSet() {
  if (!options_.model_file.empty()) return models_.LoadFile(options_.model_file);
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
  if (options_.control == ModelControl::kExplicit) models_.SetListed(listing->models);
  // Errors are logged and recorded in the table.
  for (const std::string& name : names) {
    models_.Load(name, Publishing::kSparing).IgnoreError();
    if (Interrupted()) return absl::CancelledError("interrupted");
  }
  models_.Publish();
  if (options_.control == ModelControl::kNone && !models_.AnyServed()) {
    return absl::NotFoundError(
        absl::StrCat("no model to serve in '", options_.repository.string(),
                     "'; expected at least one <model>/<version>/model.onnx that is not refused"));
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
          "--model-control is poll, so models follow the repository; expected explicit");
    case ModelControl::kNone:
      break;
  }
  return absl::UnavailableError(
      "--model-control is none, so models are loaded only at the start; expected explicit");
}

void ModelManager::Load(ModelLoadRequest request, Done done) {
  std::size_t bytes = 0;
  for (const UploadedFile& file : request.files) bytes += file.content.size();
  // Once parsed, it holds many times the bytes of its text.
  if (request.settings) bytes += request.settings->config.SpaceUsedLong();
  // std::function must be copyable.
  auto shared = std::make_shared<const ModelLoadRequest>(std::move(request));
  Enqueue({Kind::kLoad, shared->model, bytes, [this, shared] { return models_.Load(*shared); },
           std::move(done)});
}

void ModelManager::Unload(const std::string& model, Done done) {
  Enqueue(
      {Kind::kUnload, model, 0, [this, model] { return models_.Unload(model); }, std::move(done)});
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
  if (loads) YieldToServing();
  const auto look_later = [&] {
    return loads ? Clock::now() + options_.poll_interval : Clock::time_point::max();
  };
  Clock::time_point next_look = look_later();
  while (!requests_.stopped()) {
    // If memory runs out during a change, the models stay as they are.
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
  const absl::StatusOr<RepositoryListing> listing = ListRepository(options_.repository);
  // What cannot be read now is reported when it is loaded.
  if (listing.ok() && models_.SetListed(listing->models)) models_.Publish();
}

ModelManager::Clock::time_point ModelManager::Poll() {
  const absl::StatusOr<RepositoryChanges> changes = watch_.Look(models_.Contents());
  const bool is_logged = last_look_ == changes.status();
  last_look_ = changes.status();
  if (!changes.ok()) {
    // A volume that is briefly unavailable must not take the models out of service.
    if (!is_logged) {
      log_.error("{}; the loaded models stay in service", std::string(last_look_.message()));
    }
    return Clock::now() + options_.poll_interval;
  }
  for (const std::string& warning : changes->warnings) log_.warn("{}", warning);
  models_.Remove(changes->gone);
  const Publishing publishing =
      changes->changed.size() > kManyChanges ? Publishing::kSparing : Publishing::kAtOnce;
  for (const std::string& name : changes->changed) {
    if (requests_.stopped()) break;
    models_.Load(name, publishing).IgnoreError();  // it is logged and recorded in the table
    models_.Publish(publishing);
  }
  if (publishing == Publishing::kSparing) models_.Publish();
  const std::chrono::seconds wait =
      changes->unsettled ? std::min(options_.poll_interval, kSettling) : options_.poll_interval;
  return Clock::now() + wait;
}

}  // namespace mlp
