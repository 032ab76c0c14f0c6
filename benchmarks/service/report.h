// The results of service_benchmark, and their output as a table and as JSON.

#ifndef MLP_BENCHMARKS_SERVICE_REPORT_H_
#define MLP_BENCHMARKS_SERVICE_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/service/round.h"

namespace mlp {

struct CaseReport {
  int in_flight = 0;
  std::vector<Round> rounds;
  std::int64_t requests = 0;
  std::int64_t errors = 0;
  std::int64_t wrong_answers = 0;
  std::string first_error;

  // The spread of the rounds' requests per second: (largest - smallest) / median.
  double Spread() const;
};

struct Report {
  std::string cpu_model;
  int cpus = 0;
  std::string server;  // name and version
  std::string model;
  std::int64_t inputs = 0;
  int connections = 0;
  double seconds = 0;  // duration of a case in a round
  std::vector<double> start_to_ready_seconds;
  std::optional<std::int64_t> idle_resident_bytes;
  std::vector<CaseReport> cases;
};

std::string ToTable(const Report& report);

// Includes every round, so that other medians and spreads can be computed.
std::string ToJson(const Report& report);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_REPORT_H_
