// The part of the status that comes from a baseline: references, drift and moved inputs and
// classes.

#ifndef MLP_SERVER_INSIGHT_DRIFT_STATUS_H_
#define MLP_SERVER_INSIGHT_DRIFT_STATUS_H_

#include <chrono>
#include <vector>

#include "server/insight/model_insight.h"
#include "server/insight/self_baseline.h"
#include "server/insight/status.h"
#include "server/insight/version_history.h"
#include "server/served_models/served_model.h"

namespace mlp {

// Adds how far the layers made by AddHistory (status_maker.h) are from their baseline.
void AddDrift(const ServedModel& served, const ModelInsight& insight, const VersionHistory& history,
              std::chrono::steady_clock::time_point now, StatusModel& model);

// Adds the progress of a baseline being learnt.
void AddLearning(const SelfBaseline& learning, StatusModel& model);

// `shapes` has one entry for each layer of the network.
void AddShapes(const ServedModel& served, const std::vector<StatusShape>& shapes,
               StatusModel& model);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_DRIFT_STATUS_H_
