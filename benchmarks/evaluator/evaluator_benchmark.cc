// evaluator_benchmark: compares the evaluator with the machine's limits, oneDNN and Eigen.
//
// With --bars it measures only the aims of docs/measurements/performance.md, prints "name value bar
// ok|short" for each, and exits with 1 if one falls short. With --insight it measures the cost of
// statistics and watching.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/cpu_model.h"
#include "benchmarks/evaluator/bars.h"
#include "benchmarks/evaluator/cases.h"
#include "benchmarks/evaluator/insight.h"
#include "benchmarks/evaluator/measure.h"
#include "benchmarks/evaluator/roofline.h"
#include "benchmarks/program_main.h"

namespace mlp {
namespace {

// The lines of the table.
struct TableOptions {
  std::vector<std::string> networks;
  std::vector<std::string> activations = {"relu", "tanh", "sigmoid", "gelu"};
  std::vector<std::int64_t> rows = {1, 2, 4, 8, 12, 16, 32, 64, 256, 1024, 4096};
};

void MeasureTable(InstructionSet instruction_set, const TableOptions& table,
                  const MeasureOptions& options, nlohmann::ordered_json& report) {
  std::printf("%-32s %-8s %5s %12s %8s %9s %8s %8s %8s %8s\n", "network", "hidden", "rows",
              "ours, us", "of peak", "roofline", "Eigen", "baseline", "oneDNN", "stats");
  for (const Widths& widths : BenchmarkNetworks()) {
    const bool listed = std::find(table.networks.begin(), table.networks.end(), NameOf(widths)) !=
                        table.networks.end();
    if (!table.networks.empty() && !listed) continue;
    for (const std::string& activation : table.activations) {
      const ActivationKind kind = FindActivation(activation).value()->kind;
      for (const std::int64_t rows : table.rows) {
        // These take minutes per call and show nothing new.
        if (WeightsOf(widths) * rows > std::int64_t{20'000'000'000}) continue;
        const Case result = MeasureCase(widths, kind, rows, instruction_set, options);
        std::printf("%-32s %-8s %5lld %12.2f %8.3f %9.3f %8.2f %8.2f %8.2f %8.3f\n",
                    NameOf(widths).c_str(), activation.c_str(), static_cast<long long>(rows),
                    result.ours * 1e6, result.share_of_peak(), result.over_roofline(),
                    result.eigen / result.ours, result.eigen_baseline / result.ours,
                    result.onednn / result.ours, result.statistics);
        std::fflush(stdout);
        report["cases"].push_back({{"network", NameOf(widths)},
                                   {"activation", activation},
                                   {"rows", rows},
                                   {"seconds", result.ours},
                                   {"statistics_on_over_off", result.statistics},
                                   {"eigen", result.eigen},
                                   {"eigen_baseline", result.eigen_baseline},
                                   {"onednn", result.onednn},
                                   {"at_peak", result.at_peak},
                                   {"at_bandwidth", result.at_bandwidth}});
      }
    }
  }
}

int Main(int argc, char** argv) {
  CLI::App app("Compares the evaluator with the machine's limits, oneDNN and Eigen.");
  bool bars = false;
  bool insight = false;
  std::string isa;
  std::string json;
  std::string svg;
  TableOptions table;
  MeasureOptions options;
  app.add_flag("--bars", bars, "Measure only the aims of docs/measurements/performance.md");
  app.add_flag("--insight", insight, "Measure only what statistics and watching rows cost");
  app.add_option("--isa", isa,
                 absl::StrCat("Instruction set, one of ", mlp::NamesOf(mlp::kEveryInstructionSet),
                              "; default: the widest"));
  app.add_option("--networks", table.networks,
                 "Networks in the table, for example 64-64-32-10; default: all four")
      ->delimiter(',');
  app.add_option("--activations", table.activations, "Activations in the table")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--rows", table.rows, "Numbers of rows in the table")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "Rounds of each case")->capture_default_str();
  app.add_option("--seconds", options.seconds, "Seconds for each side in a round")
      ->capture_default_str();
  app.add_option("--json", json, "Also write the cases to this JSON file");
  app.add_option("--svg", svg,
                 "Draw the first activation's cases and the roofline to this SVG file");
  CLI11_PARSE(app, argc, argv);
  InstructionSet instruction_set = BestInstructionSet();
  if (!isa.empty()) {
    const auto chosen = ChooseInstructionSet(isa, SupportedInstructionSets());
    if (!chosen.ok()) {
      std::cerr << "evaluator_benchmark: " << chosen.status().message() << "\n";
      return 2;
    }
    instruction_set = *chosen;
  }
  const std::string set_name(mlp::NameOf(instruction_set));
  std::printf("# %s, %s, medians of %d rounds\n", CpuModelName().c_str(), set_name.c_str(),
              options.rounds);
  if (insight) {
    MeasureInsight(instruction_set, options);
    return 0;
  }
  if (bars) return MeasureBars(instruction_set, options) ? 0 : 1;
  nlohmann::ordered_json report = {
      {"cpu", CpuModelName()}, {"instruction_set", set_name}, {"rounds", options.rounds}};
  MeasureTable(instruction_set, table, options, report);
  if (!json.empty()) std::ofstream(json) << report.dump(2) << "\n";
  if (!svg.empty()) std::ofstream(svg) << RooflineSvg(report);
  return 0;
}

}  // namespace
}  // namespace mlp

int main(int argc, char** argv) {
  return mlp::ProgramMain("evaluator_benchmark", mlp::Main, argc, argv);
}
