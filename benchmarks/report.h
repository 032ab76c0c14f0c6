// What service_benchmark found, and how it is told: as a table and as JSON.

#ifndef MLP_BENCHMARKS_REPORT_H_
#define MLP_BENCHMARKS_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace mlp {

// One case in one round.
struct Round {
  double requests_per_second = 0;
  double p50_microseconds = 0;
  double p99_microseconds = 0;
  std::optional<double> server_cpu_microseconds;  // for each request, kernel included
  double generator_cpu_microseconds = 0;          // the same of this program
  std::optional<double> mean_batch_rows;
};

struct CaseReport {
  int in_flight = 0;
  std::vector<Round> rounds;
  std::int64_t requests = 0;
  std::int64_t errors = 0;
  std::int64_t wrong_answers = 0;
  std::string first_error;

  // Each figure by itself; none where a round lacks it. At least one round.
  Round Median() const;

  // How far the rounds' requests per second lie apart: (largest - smallest) / median.
  double Spread() const;
};

struct Report {
  std::string cpu_model;
  int cpus = 0;
  std::string server;  // name and version
  std::string model;
  std::int64_t inputs = 0;
  int connections = 0;
  double seconds = 0;  // of a case in a round
  std::vector<double> start_to_ready_seconds;
  std::optional<std::int64_t> idle_resident_bytes;
  std::vector<CaseReport> cases;
};

// The middle value, or the mean of the two in the middle; 0 of none.
double Median(std::vector<double> values);

std::string ToTable(const Report& report);

// With every round, so that other medians and spreads can be taken.
std::string ToJson(const Report& report);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_REPORT_H_
