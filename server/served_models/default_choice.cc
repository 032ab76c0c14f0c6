// The part of ModelLoader that chooses the default version.

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/formats/model_file.h"
#include "server/memory_room.h"
#include "server/served_models/model_loader.h"
#include "server/served_models/without_exceptions.h"

namespace mlp {
namespace {

void AddVersion(std::int64_t version, std::vector<std::int64_t>& versions) {
  const auto place = std::lower_bound(versions.begin(), versions.end(), version);
  if (place == versions.end() || *place != version) versions.insert(place, version);
}

}  // namespace

absl::StatusOr<ModelInterface> ModelLoader::SeeInterface(const ModelSource& source,
                                                         const ModelSettings& settings,
                                                         std::int64_t version, LoadedModel& model) {
  // Even if its files have changed: if their inputs or outputs differ, they will be refused.
  if (const ServedModel* served = model.ServedVersion(version); served != nullptr) {
    return InterfaceOf(*served->network);
  }
  const std::string content =
      absl::StrCat(ContentOf(model.content, version), settings.model_filename);
  const auto seen = model.seen.find(version);
  if (seen != model.seen.end() && seen->second.content == content) return seen->second.interface;
  if (Interrupted()) return absl::CancelledError("");
  ModelInterface interface;
  const absl::Status status = WithoutExceptions([&]() -> absl::Status {
    const absl::StatusOr<ReadNetwork> read =
        ReadModelFile(source.folder / absl::StrCat(version) / settings.model_filename,
                      ExternalDataBelow(source.folder.parent_path()), MemoryLeftForLoad());
    if (!read.ok()) return read.status();
    interface = InterfaceOf(read->network);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  model.seen[version] = {content, interface};
  return interface;
}

DefaultChoice ModelLoader::ChooseWithDefault(const ModelSource& source,
                                             const ModelSettings& settings,
                                             const std::vector<std::int64_t>& found,
                                             LoadedModel& model,
                                             std::vector<std::int64_t>& chosen) {
  DefaultChoice choice;
  choice.labelled = LabelledDefault(settings);
  choice.interfaces_decide = InterfacesDecide(settings) && !source.asked_for;
  choice.previous = model.by_default.version;
  if (choice.labelled.has_value()) AddVersion(*choice.labelled, chosen);
  std::erase_if(model.seen, [&](const auto& seen) {
    return !std::binary_search(found.begin(), found.end(), seen.first);
  });
  // If the policy chooses all versions, their interfaces are known once they are loaded.
  if (!choice.interfaces_decide || chosen == found) return choice;
  if (auto established = SeeEstablished(source, settings, found, model); established.has_value()) {
    AddVersion(established->newest, chosen);
    choice.established = std::move(established->interface);
  } else if (const ServedModel* previous = model.ServedVersion(choice.previous);
             previous != nullptr) {
    choice.established = InterfaceOf(*previous->network);
    AddVersion(choice.previous, chosen);
  }
  return choice;
}

std::optional<EstablishedInterface> ModelLoader::SeeEstablished(
    const ModelSource& source, const ModelSettings& settings,
    const std::vector<std::int64_t>& found, LoadedModel& model) {
  auto established = FindEstablished(
      found, [&](std::int64_t version) { return SeeInterface(source, settings, version, model); });
  return established.ok() ? *std::move(established) : std::nullopt;
}

void ModelLoader::LoadAnOlderDefault(const std::string& name, const ModelSource& source,
                                     const ModelSettings& settings,
                                     const std::vector<std::int64_t>& found,
                                     const DefaultChoice& choice, LoadedModel& model) {
  if (!choice.interfaces_decide || !choice.established.has_value()) return;
  for (auto version = found.rbegin(); version != found.rend(); ++version) {
    if (model.by_default.version != 0 || Interrupted()) return;
    if (model.versions.count(*version) > 0) continue;
    const auto interface = SeeInterface(source, settings, *version, model);
    if (!interface.ok() || !InterfaceDifference(*choice.established, *interface).empty()) continue;
    absl::Status status;
    model.versions[*version] = LoadOne(name, source, *version, settings, model, status);
    SetDefault(choice, model);
  }
}

void ModelLoader::SetDefault(const DefaultChoice& choice, LoadedModel& model) {
  std::map<std::int64_t, ModelInterface> served;
  for (const auto& [number, version] : model.versions) {
    if (version.record.served == nullptr) continue;
    served.emplace(number, InterfaceOf(*version.record.served->network));
  }
  model.by_default = ChooseDefault(served, choice);
}

}  // namespace mlp
