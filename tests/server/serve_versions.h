// The records of a table for versions that a test has made.

#ifndef MLP_TESTS_SERVER_SERVE_VERSIONS_H_
#define MLP_TESTS_SERVER_SERVE_VERSIONS_H_

#include <oneapi/tbb/task_arena.h>

#include <string>
#include <utility>
#include <vector>

#include "server/observe/metrics.h"
#include "server/served_models/model_table.h"

namespace mlp {

// One record for each of `versions`: served if it has a network, otherwise unavailable.
inline std::vector<ModelRecord> ServeVersions(std::vector<ModelVersion> versions,
                                              const EvaluationOptions& options,
                                              tbb::task_arena& arena, Metrics& metrics) {
  std::vector<ModelRecord> records;
  records.reserve(versions.size());
  for (ModelVersion& version : versions) {
    ModelRecord& record = records.emplace_back();
    record.name = version.name;
    record.version = version.version;
    if (version.network.has_value()) {
      record.served = MakeServedModel(std::move(version), options, arena, metrics, [] {
                        return false;
                      }).value();
      record.state = ModelState::kReady;
    } else {
      record.reason = std::string(version.status.message());
      record.refused = true;
    }
  }
  return records;
}

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_SERVE_VERSIONS_H_
