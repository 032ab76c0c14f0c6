// Makes the part of the status for one version from its records.

#ifndef MLP_SERVER_INSIGHT_STATUS_MAKER_H_
#define MLP_SERVER_INSIGHT_STATUS_MAKER_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/network.h"
#include "server/insight/status.h"
#include "server/insight/version_history.h"
#include "server/served_models/model_table.h"

namespace mlp {

// One layer as the status shows it.
struct StatusRow {
  std::string name;                  // "inputs", "hidden_1", ..., "outputs"
  std::optional<std::size_t> layer;  // index in the network, if its activation is counted
};

// The inputs first and the outputs last. The outputs are the layer "output" if its activation is
// counted.
std::vector<StatusRow> StatusRowsOf(const Network& network);

// The status of one version of `model` from the model table.
StatusModel StatusOfRecord(const ModelTable::Model& model, const ModelRecord& record);

// Adds the data in `history`, with `now` as the latest minute. REQUIRES: the record is served.
void AddHistory(const ServedModel& served, const VersionHistory& history,
                std::chrono::steady_clock::time_point now, StatusModel& model);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_STATUS_MAKER_H_
