#include "server/repository/scheduling_settings.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

constexpr std::uint64_t kMaxLevels = 1024;
constexpr std::uint64_t kMaxMicroseconds = std::uint64_t{3600} * 1'000'000;

absl::Status CheckRange(absl::string_view field, std::uint64_t value, std::uint64_t least,
                        std::uint64_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is ", value, "; expected ", least, " to ", most));
}

absl::StatusOr<QueuePolicy> ReadPolicy(absl::string_view field,
                                       const inference::ModelQueuePolicy& policy) {
  const std::uint64_t timeout = policy.default_timeout_microseconds();
  if (auto status = CheckRange(absl::StrCat(field, ".default_timeout_microseconds"), timeout, 0,
                               kMaxMicroseconds);
      !status.ok()) {
    return status;
  }
  QueuePolicy read;
  switch (policy.timeout_action()) {
    case inference::ModelQueuePolicy::REJECT:
      break;
    case inference::ModelQueuePolicy::DELAY:
      read.delay_on_timeout = true;
      break;
    default:
      return absl::InvalidArgumentError(absl::StrCat(field, ".timeout_action is ",
                                                     static_cast<int>(policy.timeout_action()),
                                                     "; expected REJECT or DELAY"));
  }
  read.default_timeout = std::chrono::microseconds(static_cast<std::int64_t>(timeout));
  read.max_queue_size = policy.max_queue_size();
  return read;
}

absl::Status ReadLevels(const inference::ModelDynamicBatching& batching, Scheduling& scheduling) {
  const std::uint64_t levels = batching.priority_levels();
  if (auto status = CheckRange("priority_levels", levels, 0, kMaxLevels); !status.ok()) {
    return status;
  }
  absl::StatusOr<QueuePolicy> policy =
      ReadPolicy("default_queue_policy", batching.default_queue_policy());
  if (!policy.ok()) return policy.status();
  scheduling.levels.assign(std::max<std::uint64_t>(levels, 1), *policy);
  if (levels > 0) {
    if (auto status =
            CheckRange("default_priority_level", batching.default_priority_level(), 1, levels);
        !status.ok()) {
      return status;
    }
    scheduling.default_level = static_cast<std::size_t>(batching.default_priority_level() - 1);
  } else if (batching.default_priority_level() > 0) {
    return absl::InvalidArgumentError(absl::StrCat("default_priority_level is ",
                                                   batching.default_priority_level(),
                                                   ", but priority_levels is not set"));
  }
  for (const auto& [level, its_policy] : batching.priority_queue_policy()) {
    if (auto status = CheckRange("the key of priority_queue_policy", level, 1,
                                 std::max<std::uint64_t>(levels, 1));
        !status.ok()) {
      return status;
    }
    policy = ReadPolicy(absl::StrCat("priority_queue_policy[", level, "]"), its_policy);
    if (!policy.ok()) return policy.status();
    scheduling.levels[static_cast<std::size_t>(level - 1)] = *policy;
  }
  return absl::OkStatus();
}

absl::Status ReadBatching(const inference::ModelConfig& config, Scheduling& scheduling) {
  const inference::ModelDynamicBatching& batching = config.dynamic_batching();
  for (const std::int32_t rows : batching.preferred_batch_size()) {
    // 0: no limit.
    const std::int32_t most = config.max_batch_size();
    if (rows < 1 || (most > 0 && rows > most)) {
      return absl::InvalidArgumentError(
          absl::StrCat("preferred_batch_size has ", rows, "; expected ",
                       most > 0 ? absl::StrCat("1 to max_batch_size, ", most) : "at least 1"));
    }
    scheduling.preferred_batch_rows.push_back(rows);
  }
  std::sort(scheduling.preferred_batch_rows.begin(), scheduling.preferred_batch_rows.end());
  const std::uint64_t delay = batching.max_queue_delay_microseconds();
  if (auto status = CheckRange("max_queue_delay_microseconds", delay, 0, kMaxMicroseconds);
      !status.ok()) {
    return status;
  }
  scheduling.max_queue_delay = std::chrono::microseconds(static_cast<std::int64_t>(delay));
  return ReadLevels(batching, scheduling);
}

absl::Status ReadInstances(const inference::ModelConfig& config, Scheduling& scheduling) {
  for (const inference::ModelInstanceGroup& group : config.instance_group()) {
    // The number for a GPU says nothing about a CPU.
    if (group.kind() == inference::ModelInstanceGroup::KIND_GPU || group.gpus_size() > 0) continue;
    if (group.count() < 0 || group.count() > 1024) {
      return absl::InvalidArgumentError(
          absl::StrCat("instance_group.count is ", group.count(), "; expected 0 to 1024"));
    }
    // As in Triton, a group without a count has one instance.
    scheduling.instances += std::max(group.count(), 1);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Scheduling> ReadScheduling(const inference::ModelConfig& config) {
  Scheduling scheduling;
  if (config.has_dynamic_batching()) {
    if (auto status = ReadBatching(config, scheduling); !status.ok()) return status;
  }
  if (auto status = ReadInstances(config, scheduling); !status.ok()) return status;
  return scheduling;
}

}  // namespace mlp
