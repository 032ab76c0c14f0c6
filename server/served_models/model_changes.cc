#include "server/served_models/model_changes.h"

#include <cstdint>
#include <memory>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// Empty if one of the two is not served, or if both have the same inputs and outputs.
std::string DifferenceBetween(const LoadedModel& before, std::int64_t old_version,
                              const LoadedModel& now, std::int64_t new_version) {
  const ServedModel* const old = before.ServedVersion(old_version);
  const ServedModel* const current = now.ServedVersion(new_version);
  if (old == nullptr || current == nullptr) return "";
  return InterfaceDifference(InterfaceOf(*old->network), InterfaceOf(*current->network));
}

void LogVersions(const std::string& name, const LoadedModel& before, const LoadedModel& now,
                 spdlog::logger& log) {
  for (const auto& [version, old] : before.versions) {
    if (old.record.served == nullptr) continue;
    if (now.ServedVersion(version) == nullptr) {
      log.info("model '{}' version {} is withdrawn: {}", name, version,
               ContentOf(now.content, version).empty() ? "its folder is gone"
                                                       : "version_policy no longer selects it");
    }
    const std::string difference = DifferenceBetween(before, version, now, version);
    if (!difference.empty()) {
      log.warn("model '{}' version {} has other inputs or outputs than before: {}", name, version,
               difference);
    }
  }
}

void LogLabels(const std::string& name, const LoadedModel& before, const LoadedModel& now,
               spdlog::logger& log) {
  for (const auto& [label, version] : before.labels) {
    if (now.labels.count(label) > 0) continue;
    log.info("model '{}': the label '{}' (version {}) was removed", name, label, version);
  }
  for (const auto& [label, version] : now.labels) {
    const auto old = before.labels.find(label);
    const bool moved = old != before.labels.end() && old->second != version;
    if (moved) {
      log.info("model '{}': the label '{}' names version {} now, it was {}", name, label, version,
               old->second);
    } else if (old == before.labels.end() && !before.versions.empty()) {
      log.info("model '{}': the label '{}' is new, it names version {}", name, label, version);
    }
    // LogDefault says more about the default.
    if (label == kDefaultLabel || now.ServedVersion(version) != nullptr) continue;
    if (moved || old == before.labels.end() || before.ServedVersion(version) != nullptr) {
      log.warn("model '{}': the label '{}' names version {}, which is not served", name, label,
               version);
    }
  }
}

void LogDefault(const std::string& name, const LoadedModel& before, const LoadedModel& now,
                spdlog::logger& log) {
  const std::int64_t version = now.by_default.version;
  const auto labelled = now.labels.find(kDefaultLabel);
  if (labelled != now.labels.end() && labelled->second != version) {
    log.error("model '{}': the label '{}' names version {}, which is not served; {}", name,
              kDefaultLabel, labelled->second,
              version > 0 ? absl::StrCat("version ", version, " stays the default")
                          : "requests without a version are refused");
  }
  for (const auto& [held_back, difference] : now.by_default.held_back) {
    const auto old = before.by_default.held_back.find(held_back);
    if (old != before.by_default.held_back.end() && old->second == difference) continue;
    log.warn(
        "model '{}' version {} has other inputs or outputs than earlier versions: {}; it does not "
        "become the default until the parameter version_label.{} in config.pbtxt is {}",
        name, held_back, difference, kDefaultLabel, held_back);
  }
  const std::int64_t old_version = before.by_default.version;
  if (old_version == version || old_version == 0) return;
  if (version == 0) {
    log.warn("model '{}' no longer has a default version; it was {}", name, old_version);
    return;
  }
  const std::string difference = DifferenceBetween(before, old_version, now, version);
  if (difference.empty()) {
    log.info("model '{}': the default version is {} now, it was {}", name, version, old_version);
  } else {
    log.warn(
        "model '{}': the default version is {} now, it was {}, with other inputs or outputs: {}",
        name, version, old_version, difference);
  }
}

}  // namespace

void LogChanges(const std::string& name, const LoadedModel& before, const LoadedModel& now,
                spdlog::logger& log) {
  LogVersions(name, before, now, log);
  LogLabels(name, before, now, log);
  LogDefault(name, before, now, log);
}

}  // namespace mlp
