// What `mlp-client bench` measured, and how it is reported: as a table and as JSON. docs/bench.md
// says what each figure means.

#ifndef MLP_CLIENT_BENCH_BENCH_REPORT_H_
#define MLP_CLIENT_BENCH_BENCH_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "client/bench/load.h"

namespace mlp {

struct BenchCase {
  LoadTarget target;
  LoadResult result;
};

struct BenchReport {
  std::string server;  // name and version
  std::string address;
  std::string model;
  std::int64_t rows = 1;  // in a request
  bool stream = false;
  int connections = 1;
  int threads = 1;
  double warmup_seconds = 0.0;
  bool checked = false;      // whether answers were compared
  bool interrupted = false;  // the last case, and those that would have followed
  std::vector<BenchCase> cases;
};

// "8 in flight" or "1,000/s".
std::string TargetText(const LoadTarget& target);

// A line of what was asked, a line for each case, and below what makes figures doubtful: errors
// with the first one's message, wrong answers, a generator that was late or at its limit.
std::string BenchTable(const BenchReport& report);

// All of it, every count exactly. Ends with \n.
std::string BenchJson(const BenchReport& report);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_BENCH_REPORT_H_
