// Makes a version's part of the status out of what there is of it.

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

// What the status shows as one layer.
struct StatusRow {
  std::string name;                  // "inputs", "hidden_1", ..., "outputs"
  std::optional<std::size_t> layer;  // of the network, where its activation is counted
};

// The inputs first, the outputs last: these are the layer "output", where its activation is
// counted.
std::vector<StatusRow> StatusRowsOf(const Network& network);

// What the table of models says of one version of `model`.
StatusModel StatusOfRecord(const ModelTable::Model& model, const ModelRecord& record);

// Adds what `history` knows, with the latest minute at `now`. REQUIRES: the record was served.
void AddHistory(const ServedModel& served, const VersionHistory& history,
                std::chrono::steady_clock::time_point now, StatusModel& model);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_STATUS_MAKER_H_
