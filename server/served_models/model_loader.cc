#include "server/served_models/model_loader.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/drift/baseline_file.h"
#include "model/formats/io/external_data.h"
#include "model/formats/io/memory_bound.h"
#include "model/formats/model_file.h"
#include "model/quote.h"
#include "server/memory_room.h"
#include "server/repository/content_signature.h"
#include "server/repository/settings_difference.h"
#include "server/repository/version_policy.h"
#include "server/served_models/model_changes.h"
#include "server/served_models/without_exceptions.h"

namespace mlp {
namespace {

constexpr char kStopping[] = "the server is stopping";

// A client that loads a model must not take these codes for answers about the call itself.
absl::StatusCode CodeForClients(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kPermissionDenied:
      return absl::StatusCode::kInvalidArgument;
    default:
      return code;
  }
}

absl::Status Named(const std::string& name, std::int64_t version, const absl::Status& status) {
  return {CodeForClients(status.code()),
          absl::StrCat("model ", Quote(name),
                       version > 0 ? absl::StrCat(" version ", version) : std::string(), ": ",
                       status.message())};
}

// OK if the version is not served in `before`, or still has the same inputs and outputs.
absl::Status CheckInterface(const ModelVersion& loaded, const LoadedModel& before) {
  const ServedModel* const old = before.ServedVersion(loaded.version);
  if (old == nullptr) return absl::OkStatus();
  const std::string difference =
      InterfaceDifference(InterfaceOf(*old->network), InterfaceOf(*loaded.network));
  if (difference.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("its inputs or outputs have changed: ", difference,
                                                 "; publish it as a new version"));
}

}  // namespace

absl::StatusOr<ModelRecord> ModelLoader::Serve(ModelVersion version) {
  for (const std::string& warning : version.warnings) {
    log_.warn("model '{}' version {}: {}", version.name, version.version, warning);
  }
  if (!version.baseline_refused.empty()) {
    log_.error("model '{}' version {}: {} is refused and not used to judge drift: {}", version.name,
               version.version, kBaselineFile, version.baseline_refused);
  }
  ModelRecord record;
  record.name = version.name;
  record.version = version.version;
  const std::size_t layers = version.network->layers().size();
  const std::int64_t parameters = version.network->parameter_count();
  const std::int64_t needed = PackingBytes(*version.network, arena_.max_concurrency());
  if (auto room = CheckMemory(needed, MemoryLeftForLoad()); !room.ok()) return room;
  absl::StatusOr<std::shared_ptr<const ServedModel>> served = MakeServedModel(
      std::move(version), options_, arena_, metrics_, [this] { return Interrupted(); });
  if (!served.ok()) return served.status();
  record.served = *std::move(served);
  record.state = ModelState::kReady;
  metrics_.model_loads().Count(record.name, true);
  const std::shared_ptr<const Baseline> baseline = record.served->baseline->Get();
  log_.info("model '{}' version {} is loaded: {} layers, {} parameters, weights kept as {}{}",
            record.name, record.version, layers, parameters,
            std::string(NameOf(record.served->evaluator->weight_storage())),
            baseline == nullptr ? "" : absl::StrCat(", baseline of ", baseline->rows, " rows"));
  return record;
}

// Whether what is served of the version can stay in service with `settings`.
bool ModelLoader::CanKeep(const LoadedModel& model, std::int64_t version,
                          const ModelSettings& settings) const {
  const auto old = model.versions.find(version);
  if (old == model.versions.end() || old->second.record.served == nullptr) return false;
  const ServedModel& served = *old->second.record.served;
  return ContentOf(model.content, version) == old->second.content &&
         served.settings.model_filename == settings.model_filename &&
         served.evaluator->weight_storage() == settings.weights.value_or(options_.weights);
}

LoadedVersion ModelLoader::KeepOne(const ModelSource& source, const ModelSettings& settings,
                                   const LoadedVersion& before, absl::Status& status) {
  const ServedModel& served = *before.record.served;
  ModelSettings fitted = settings;
  status = FitToNetwork(source.folder, *served.network, fitted);
  if (status.ok()) {
    status = ReadWarmUp(source.folder, settings.config, *served.network).status();
  }
  LoadedVersion kept = before;
  if (!status.ok()) {
    kept.record.reason = absl::StrCat("keeps its previous settings: ", status.message());
    kept.record.refused = true;
    metrics_.model_loads().Count(kept.record.name, false);
    log_.error("model '{}' version {} {}", kept.record.name, kept.record.version,
               kept.record.reason);
    return kept;
  }
  kept.record.reason.clear();
  kept.record.refused = false;
  if (source.asked_for && served.baseline->Restore()) {
    log_.info("model '{}' version {}: the {} in its folder is in force again", kept.record.name,
              kept.record.version, kBaselineFile);
  }
  if (!SameSettings(served.settings, fitted)) {
    std::string difference;
    // A failure to describe the change must not end the load, nor the server.
    WithoutExceptions([&] {
      difference = SettingsDifference(served.settings, fitted);
      return absl::OkStatus();
    }).IgnoreError();
    kept.record.served = WithSettings(served, std::move(fitted), options_);
    if (!difference.empty()) {
      log_.info("model '{}' version {} has other settings: {}", kept.record.name,
                kept.record.version, difference);
    }
  }
  return kept;
}

LoadedVersion ModelLoader::LoadOne(const std::string& name, const ModelSource& source,
                                   std::int64_t version, const ModelSettings& settings,
                                   const LoadedModel& before, absl::Status& status) {
  LoadedVersion now;
  const std::string folder = absl::StrCat(version);
  now.content = SignatureOfEntry(source.folder, folder);
  status = WithoutExceptions([&]() -> absl::Status {
    if (Interrupted()) return absl::CancelledError("");
    ExternalData external_data = ExternalDataBelow(source.folder.parent_path());
    external_data.allowed = !source.uploaded;
    ModelVersion loaded =
        LoadVersion(source.folder, name, version, settings, external_data, MemoryLeftForLoad());
    if (!loaded.status.ok()) return loaded.status;
    // Half of one file and half of another would be a model that nobody has trained.
    if (SignatureOfEntry(source.folder, folder) != now.content) {
      return absl::AbortedError(
          "its files changed while they were read; publish a version by renaming a finished "
          "folder");
    }
    if (auto same = CheckInterface(loaded, before); !same.ok() && !source.asked_for) return same;
    absl::StatusOr<ModelRecord> record = Serve(std::move(loaded));
    if (!record.ok()) return record.status();
    now.record = *std::move(record);
    return absl::OkStatus();
  });
  if (status.ok()) return now;
  if (absl::IsCancelled(status)) {
    status = absl::UnavailableError(kStopping);
    log_.info("model '{}' version {} is not loaded: the server is stopping", name, version);
    return RefusedVersion(name, version, status, before);
  }
  now = RefusedVersion(name, version, status, before);
  // A version that is still being written is tried at each poll; only the first failure is news.
  const auto old = before.versions.find(version);
  if (absl::IsAborted(status) && old != before.versions.end() &&
      old->second.record.reason == now.record.reason) {
    return now;
  }
  metrics_.model_loads().Count(name, false);
  log_.error("model '{}' version {} is refused: {}{}", name, version, std::string(status.message()),
             now.record.served != nullptr ? "; the version loaded earlier stays in service" : "");
  return now;
}

absl::Status ModelLoader::RefuseAll(const std::string& name, const absl::Status& status,
                                    const std::vector<std::int64_t>& versions, LoadedModel& model) {
  std::map<std::int64_t, LoadedVersion> refused;
  for (const auto& [version, before] : model.versions) {
    if (before.record.served == nullptr) continue;
    refused[version] = RefusedVersion(name, version, status, model);
  }
  for (const std::int64_t version : versions) {
    refused[version] = RefusedVersion(name, version, status, model);
  }
  if (refused.empty()) refused[0] = RefusedVersion(name, 0, status, model);
  metrics_.model_loads().Count(name, false);
  log_.error("model '{}' is refused: {}{}", name, std::string(status.message()),
             model.served() ? "; the versions loaded earlier stay in service" : "");
  model.versions = std::move(refused);
  return Named(name, 0, status);
}

absl::Status ModelLoader::LoadChosen(const std::string& name, const ModelSource& source,
                                     const ModelSettings& settings,
                                     const std::vector<std::int64_t>& found,
                                     const Announce& announce, LoadedModel& model) {
  std::vector<std::int64_t> chosen = ChooseVersions(settings.config, found);
  const LoadedModel last = model;
  DefaultChoice default_choice = ChooseWithDefault(source, settings, found, model, chosen);
  std::vector<std::int64_t> fresh;
  std::copy_if(chosen.begin(), chosen.end(), std::back_inserter(fresh),
               [&](std::int64_t version) { return !CanKeep(model, version, settings); });
  if (!fresh.empty()) announce(fresh);

  std::map<std::int64_t, LoadedVersion> now;
  absl::Status first_error;
  std::vector<std::int64_t> unfinished;
  for (const std::int64_t version : chosen) {
    absl::Status status;
    const bool is_fresh = std::binary_search(fresh.begin(), fresh.end(), version);
    now[version] = is_fresh ? LoadOne(name, source, version, settings, model, status)
                            : KeepOne(source, settings, model.versions.at(version), status);
    if (absl::IsAborted(status)) unfinished.push_back(version);
    if (!status.ok() && first_error.ok()) first_error = Named(name, version, status);
  }
  if (!first_error.ok()) {
    for (const auto& [version, before] : model.versions) {
      const bool has_content = source.uploaded || !ContentOf(model.content, version).empty();
      if (has_content && before.record.served != nullptr) now.emplace(version, before);
    }
  }
  // The next poll then finds them changed, and reads them again.
  for (const std::int64_t version : unfinished) model.content.erase(absl::StrCat(version));
  model.versions = std::move(now);
  model.labels = settings.version_labels;
  if (default_choice.interfaces_decide && !default_choice.established.has_value()) {
    if (auto established = SeeEstablished(source, settings, found, model); established) {
      default_choice.established = std::move(established->interface);
    }
  }
  SetDefault(default_choice, model);
  LoadAnOlderDefault(name, source, settings, found, default_choice, model);
  if (Interrupted()) {
    // Versions that were not read must not change the default in the last seconds.
    model = last;
    return Named(name, 0, absl::UnavailableError(kStopping));
  }
  LogChanges(name, last, model, log_);
  return first_error;
}

absl::Status ModelLoader::Load(const std::string& name, const ModelSource& source,
                               const Announce& announce, LoadedModel& model) {
  model.content = SignatureOf(source.folder);
  const absl::StatusOr<VersionListing> listing = ListVersions(source.folder, name);
  if (!listing.ok()) return RefuseAll(name, listing.status(), {}, model);
  for (const std::string& warning : listing->warnings) log_.warn("{}", warning);
  if (listing->versions.empty()) {
    return RefuseAll(name,
                     absl::NotFoundError(absl::StrCat("no version found; expected a file 1/",
                                                      kOnnxFile, " in the model's folder")),
                     {}, model);
  }
  absl::StatusOr<ModelSettings> settings = absl::UnknownError("");
  const absl::Status read = WithoutExceptions([&] {
    settings =
        source.settings.has_value() ? *source.settings : ReadModelSettings(source.folder, name);
    return settings.status();
  });
  if (!read.ok()) settings = read;
  if (!settings.ok()) return RefuseAll(name, settings.status(), listing->versions, model);
  if (!settings->ignored.empty()) {
    log_.warn("model '{}': ignored settings, which do not change answers here: {}", name,
              absl::StrJoin(settings->ignored, ", "));
  }
  return LoadChosen(name, source, *settings, listing->versions, announce, model);
}

}  // namespace mlp
