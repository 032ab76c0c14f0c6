// token_guess: measures whether the time to look up a token reveals how nearly right it is.
//
// The method is dudect's (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant time?", 2017):
// guesses of each kind in random order, and a t-test of each kind against the first. Here the
// t-test is paired: it uses the differences of the means within an epoch, so the effects of an
// epoch's place in memory are noise, not a finding. A comparison that stops at the first difference
// is measured too: a test that does not find that one would find nothing.

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "benchmarks/cpu_model.h"
#include "benchmarks/program_main.h"
#include "benchmarks/security/lookup_times.h"

namespace mlp {
namespace {

struct Difference {
  double mean = 0;
  double error = 0;  // standard error of the mean
};

Difference MeanDifference(const std::vector<double>& times, const std::vector<double>& base) {
  const double count = static_cast<double>(times.size());
  Difference difference;
  for (std::size_t i = 0; i < times.size(); ++i) difference.mean += (times[i] - base[i]) / count;
  double squares = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double deviation = times[i] - base[i] - difference.mean;
    squares += deviation * deviation;
  }
  difference.error = std::sqrt(squares / (count - 1) / count);
  return difference;
}

double MeanOf(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

void Report(const char* title, const LookupCase& lookup_case, std::uint64_t seed) {
  const std::vector<std::vector<double>> times = MeasureLookups(lookup_case, seed);
  std::cout << absl::StreamFormat("\n%s, %d callers; %d epochs of %d lookups of each guess\n",
                                  title, lookup_case.callers, lookup_case.epochs,
                                  lookup_case.lookups);
  std::cout << absl::StreamFormat("%-36s %12s %16s %12s %8s\n", "guess", "time", "more than first",
                                  "+-", "t");
  for (std::size_t kind = 0; kind < kGuessKinds; ++kind) {
    const double mean = MeanOf(times[kind]);
    std::cout << absl::StreamFormat("%-36s %9.1f ns", kGuesses[kind].name, mean);
    if (kind > 0) {
      const Difference difference = MeanDifference(times[kind], times[0]);
      std::cout << absl::StreamFormat(" %13.2f ns %9.2f ns %8.1f", difference.mean,
                                      difference.error, difference.mean / difference.error);
    }
    std::cout << "\n" << std::flush;
  }
}

int Main(int argc, const char* const* argv) {
  int epochs = 60;
  int lookups = 10'000;
  std::uint64_t seed = 1;
  CLI::App app("Measures whether the time to look up a token reveals how much of it is right.",
               "token_guess");
  app.add_option("--epochs", epochs, "Number of random lists and tokens")
      ->check(CLI::Range(3, 10'000))
      ->capture_default_str();
  app.add_option("--lookups", lookups, "Lookups of each guess in an epoch, in a list of one caller")
      ->check(CLI::Range(40, 10'000'000))
      ->capture_default_str();
  app.add_option("--seed", seed, "Seed of the tokens and of the order")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::cout << CpuModelName() << ", " << std::thread::hardware_concurrency()
            << " CPUs. |t| over 4.5: the time tells the two guesses apart.\n";
  // In a longer list, each lookup takes longer.
  for (const std::size_t callers : {std::size_t{1}, std::size_t{4096}}) {
    const int count = callers == 1 ? lookups : lookups / 20;
    Report("The server's list", {Comparison::kAccessList, callers, epochs, count}, seed);
    Report("Stopping at the first difference", {Comparison::kEarlyExit, callers, epochs, count},
           seed);
  }
  return 0;
}

}  // namespace
}  // namespace mlp

int main(int argc, char** argv) { return mlp::ProgramMain("token_guess", mlp::Main, argc, argv); }
