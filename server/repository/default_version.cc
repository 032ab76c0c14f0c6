#include "server/repository/default_version.h"

#include <utility>

#include "absl/status/status.h"

namespace mlp {

std::optional<std::int64_t> LabelledDefault(const ModelSettings& settings) {
  const auto label = settings.version_labels.find(kDefaultLabel);
  if (label == settings.version_labels.end()) return std::nullopt;
  return label->second;
}

bool InterfacesDecide(const ModelSettings& settings) {
  return !LabelledDefault(settings).has_value() && !settings.config.version_policy().has_specific();
}

namespace {

// Such an error says nothing about the version.
bool EndsTheSearch(const absl::Status& status) {
  return absl::IsResourceExhausted(status) || absl::IsCancelled(status);
}

DefaultVersion ChooseByInterface(const std::map<std::int64_t, ModelInterface>& served,
                                 const ModelInterface& established) {
  DefaultVersion chosen;
  for (const auto& [version, interface] : served) {
    std::string difference = InterfaceDifference(established, interface);
    if (difference.empty()) {
      chosen.version = version;
      chosen.held_back.clear();
    } else {
      chosen.held_back.emplace(version, std::move(difference));
    }
  }
  return chosen;
}

}  // namespace

DefaultVersion ChooseDefault(const std::map<std::int64_t, ModelInterface>& served,
                             const DefaultChoice& choice) {
  DefaultVersion chosen;
  if (choice.labelled.has_value()) {
    for (const std::int64_t version : {*choice.labelled, choice.previous}) {
      if (served.count(version) == 0) continue;
      chosen.version = version;
      break;
    }
    return chosen;
  }
  if (served.empty()) return chosen;
  if (!choice.interfaces_decide) {
    chosen.version = served.rbegin()->first;
    return chosen;
  }
  // There is no default if nothing with these inputs and outputs is served. Otherwise, clients that
  // name no version would get answers to other questions.
  return ChooseByInterface(
      served, choice.established.has_value() ? *choice.established : served.begin()->second);
}

absl::StatusOr<std::optional<EstablishedInterface>> FindEstablished(
    const std::vector<std::int64_t>& found, const ReadInterface& read) {
  std::optional<EstablishedInterface> established;
  auto oldest = found.begin();
  for (; oldest != found.end() && !established.has_value(); ++oldest) {
    absl::StatusOr<ModelInterface> interface = read(*oldest);
    if (EndsTheSearch(interface.status())) return interface.status();
    if (interface.ok()) established = {*std::move(interface), *oldest};
  }
  if (!established.has_value()) return established;
  for (auto version = found.rbegin(); *version > established->newest; ++version) {
    const absl::StatusOr<ModelInterface> interface = read(*version);
    if (EndsTheSearch(interface.status())) return interface.status();
    if (!interface.ok()) continue;
    if (InterfaceDifference(established->interface, *interface).empty()) {
      established->newest = *version;
      break;
    }
  }
  return established;
}

}  // namespace mlp
