// Version 1 of the model "small", which serves the small network.

#ifndef MLP_TESTS_SERVER_SMALL_MODEL_H_
#define MLP_TESTS_SERVER_SMALL_MODEL_H_

#include <oneapi/tbb/task_arena.h>

#include <memory>
#include <utility>
#include <vector>

#include "server/observe/metrics.h"
#include "server/served_models/model_table.h"
#include "tests/server/serve_versions.h"
#include "tests/server/small_network.h"

namespace mlp {

inline std::vector<ModelRecord> SmallModelRecords(tbb::task_arena& arena, Metrics& metrics) {
  std::vector<ModelVersion> versions(1);
  versions[0].name = "small";
  versions[0].version = 1;
  versions[0].network = SmallNetwork();
  return ServeVersions(std::move(versions), {}, arena, metrics);
}

// A table of this model alone, to be published in a catalog.
inline std::shared_ptr<const ModelTable> SmallModelTable(tbb::task_arena& arena, Metrics& metrics) {
  return std::make_shared<const ModelTable>(SmallModelRecords(arena, metrics));
}

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_SMALL_MODEL_H_
