#include "server/observe/model_loads.h"

namespace mlp {

ModelLoads::ModelLoads(prometheus::Registry& registry)
    : family_(prometheus::BuildCounter()
                  .Name("mlp_model_loads_total")
                  .Help("Loads of model versions, by result.")
                  .Register(registry)) {}

void ModelLoads::Count(const std::string& model, bool ok) {
  const std::lock_guard lock(mutex_);
  auto counters = by_model_.find(model);
  if (counters == by_model_.end()) {
    counters = by_model_
                   .emplace(model, Counters{&family_.Add({{"model", model}, {"result", "ok"}}),
                                            &family_.Add({{"model", model}, {"result", "failed"}})})
                   .first;
  }
  (ok ? counters->second.ok : counters->second.failed)->Increment();
}

void ModelLoads::Forget(const std::string& model) {
  const std::lock_guard lock(mutex_);
  const auto counters = by_model_.find(model);
  if (counters == by_model_.end()) return;
  family_.Remove(counters->second.ok);
  family_.Remove(counters->second.failed);
  by_model_.erase(counters);
}

}  // namespace mlp
