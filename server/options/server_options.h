// What the options of mlp-server say.

#ifndef MLP_SERVER_OPTIONS_SERVER_OPTIONS_H_
#define MLP_SERVER_OPTIONS_SERVER_OPTIONS_H_

#include <spdlog/common.h>

#include <cstdint>
#include <string>
#include <vector>

#include "model/activations/activation.h"
#include "model/cpu/instruction_set.h"
#include "model/weight_storage.h"
#include "server/batching/admission_control.h"
#include "server/observe/log.h"
#include "server/options/security_options.h"
#include "server/rpc/connection_limits.h"
#include "server/served_models/model_control.h"

namespace mlp {

struct ServerOptions {
  std::string config_file;       // that the other options are read from too; empty: none
  std::string model_repository;  // one of these two is set
  std::string model;
  bool validate = false;  // load all models, report whether any is refused, and exit
  ModelControl model_control = ModelControl::kNone;
  int poll_seconds = 15;
  std::vector<std::string> load_models;  // loaded at the start, with explicit control; "*" for all
  bool allow_rpc_model_files = false;
  bool external_data_hard_links = false;  // whether external data files may have other hard links
  std::string grpc_address = "127.0.0.1:8001";
  std::string http_address = "127.0.0.1:8002";
  std::string rest_address;  // empty: the protocol is not served over HTTP
  SecurityOptions security;
  int rpc_threads = 1;
  int evaluator_threads = 1;
  InstructionSet instruction_set = BestInstructionSet();
  WeightStorage weights = WeightStorage::kFloat32;  // unless a model's own settings say otherwise
  std::int64_t max_batch_rows = 4096;
  int drain_seconds = 8;         // below the 10 s after which Docker kills
  int shutdown_delay_ms = 0;     // time to keep serving after SIGTERM, before draining
  int grace_period_seconds = 0;  // that the supervisor allows for a stop; 0: unknown
  AdmissionOptions admission;
  std::int64_t max_answer_bytes = std::int64_t{64} << 20;
  std::int64_t max_unread_answer_bytes = std::int64_t{256} << 20;
  int answer_timeout_seconds = 60;
  std::int64_t max_memory_bytes = 0;  // that the process may hold; 0: any amount
  ConnectionLimits limits;
  double saturation_epsilon = kDefaultSaturationEpsilon;
  std::int64_t saturation_window = 10'000;
  std::int64_t self_baseline_rows = 0;  // of live traffic to learn a baseline from; 0: no learning
  bool triton_metrics = false;
  std::int64_t slow_request_ms = 1'000;  // 0: no lines about requests
  spdlog::level::level_enum log_level = spdlog::level::info;
  LogFormat log_format = LogFormat::kText;
};

// The longest time from the signal to the end of the process, in seconds: the delay, the drain, and
// two seconds for the rest. A supervisor must wait this long before it kills the process.
std::int64_t LongestStopSeconds(const ServerOptions& options);

// Of these, the time for what is left after the drain: cancelled calls, HTTP, the current step of a
// load.
inline constexpr std::int64_t kEndSeconds = 2;

}  // namespace mlp

#endif  // MLP_SERVER_OPTIONS_SERVER_OPTIONS_H_
