#include "server/rpc/model_table.h"

#include <algorithm>
#include <limits>
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

ModelTable::ModelTable(std::vector<ModelVersion> versions, const EvaluationOptions& options,
                       tbb::task_arena& arena, Metrics& metrics) {
  for (ModelVersion& version : versions) {
    Entry& entry = models_[version.name][version.version];
    if (!version.network.has_value()) {
      entry.reason = std::string(version.status.message());
      metrics.AddRefusedModel(version.name,
                              version.version > 0 ? absl::StrCat(version.version) : "");
      continue;
    }
    auto model = std::make_unique<ServedModel>();
    model->name = version.name;
    model->version = absl::StrCat(version.version);
    model->index = served_.size();
    model->evaluator = std::make_unique<const Evaluator>(
        *std::move(version.network), options.saturation_epsilon, arena, options.instruction_set,
        version.settings.weights.value_or(options.weights));
    model->network = model->evaluator->shared_network();
    model->settings = std::move(version.settings);
    const std::int64_t configured = model->settings.config.max_batch_size();
    model->max_batch_rows =
        configured > 0 ? std::min(configured, options.max_batch_rows) : options.max_batch_rows;
    model->instruments = metrics.AddModel(model->name, model->version, *model->evaluator);
    entry.served = model.get();
    served_.push_back(std::move(model));
  }
  for (const auto& [name, its_versions] : models_) {
    by_name_[name] = &its_versions;
    for (const auto& [number, entry] : its_versions) {
      if (entry.served != nullptr) newest_[name] = entry.served;
    }
  }
}

const ModelTable::Versions* ModelTable::VersionsOf(absl::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

absl::StatusOr<const ServedModel*> ModelTable::Find(absl::string_view name,
                                                    absl::string_view version) const {
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
  if (!IsDecimal(version)) {
    return absl::InvalidArgumentError(absl::StrCat("version ", Quote(version), " of model ",
                                                   Quote(name),
                                                   " is no number; expected decimal digits"));
  }
  if (version.empty()) {
    const auto& [number, entry] = *versions->rbegin();
    return absl::UnavailableError(
        absl::StrCat("model ", Quote(name), " is not ready: ", entry.reason));
  }
  std::int64_t number = 0;
  const auto found =
      absl::SimpleAtoi(version, &number) && number > 0 ? versions->find(number) : versions->end();
  if (found == versions->end()) {
    return absl::NotFoundError(
        absl::StrCat("version ", Quote(version), " of model ", Quote(name), " is unknown"));
  }
  if (found->second.served == nullptr) {
    return absl::UnavailableError(absl::StrCat("version ", number, " of model ", Quote(name),
                                               " is not ready: ", found->second.reason));
  }
  return found->second.served;
}

}  // namespace mlp
