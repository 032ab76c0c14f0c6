// The results of `mlp-client bench`, and their report as a table and as JSON. docs/use/bench.md
// defines each figure.

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
  std::int64_t rows = 1;  // per request
  bool stream = false;
  int connections = 1;
  int threads = 1;
  double warmup_seconds = 0.0;
  bool checked = false;      // whether answers were compared
  bool interrupted = false;  // the last case was cut short, and later ones were skipped
  std::vector<BenchCase> cases;
};

// "8 in flight" or "1,000/s".
std::string TargetText(const LoadTarget& target);

// A line on the setup, a line per case, and below them reasons to doubt figures: errors with the
// first message, wrong answers, or a generator that was late or at its limit.
std::string BenchTable(const BenchReport& report);

// The whole report, with exact counts. Ends with \n.
std::string BenchJson(const BenchReport& report);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_BENCH_REPORT_H_
