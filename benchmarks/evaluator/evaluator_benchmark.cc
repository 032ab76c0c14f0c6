// evaluator_benchmark: the evaluator beside the machine's limits, oneDNN and Eigen.
//
// With --bars it measures the aims of docs/evaluator.md alone, prints "name value bar ok|short" for
// each, and exits with 1 where one falls short.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "benchmarks/cpu_model.h"
#include "benchmarks/evaluator/machine_kernels.h"
#include "benchmarks/evaluator/measure.h"
#include "benchmarks/evaluator/peers.h"

namespace mlp {
namespace {

using Widths = std::vector<std::int64_t>;

Widths Small() { return {64, 64, 32, 10}; }
Widths Middle() { return {784, 512, 512, 10}; }
Widths Deep() { return {1024, 1024, 1024, 1024, 1024, 256}; }
Widths Wide() { return {4096, 4096, 4096, 1000}; }

std::string NameOf(const Widths& widths) { return absl::StrJoin(widths, "-"); }

std::shared_ptr<const Network> NetworkOf(const Widths& widths, ActivationKind hidden) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<Layer> layers;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    Layer& layer = layers.emplace_back();
    layer.inputs = widths[i];
    layer.units = widths[i + 1];
    layer.weights.resize(static_cast<std::size_t>(layer.inputs * layer.units));
    const float scale = 1.0F / std::sqrt(static_cast<float>(layer.inputs));
    for (float& weight : layer.weights) weight = scale * normal(random);
    layer.bias.resize(static_cast<std::size_t>(layer.units), 0.1F);
    layer.activation =
        DefaultActivation(i + 2 == widths.size() ? ActivationKind::kIdentity : hidden);
  }
  const auto last = static_cast<std::int64_t>(layers.size()) - 1;
  return std::make_shared<const Network>(
      Network::Create({"x", {widths.front()}}, std::move(layers),
                      {{{"y", {widths.back()}}, last, Tap::kActivation}})
          .value());
}

std::int64_t WeightsOf(const Widths& widths) {
  std::int64_t weights = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) weights += widths[i] * widths[i + 1];
  return weights;
}

// One case and the machine's limits, measured beside each other. All NaN where the answers differ.
struct Case {
  double ours = std::nan("");  // seconds for the batch, and so the next three
  double without_statistics = std::nan("");
  double eigen = std::nan("");
  double onednn = std::nan("");        // 0 where there is none
  double at_peak = std::nan("");       // the multiply-adds at the machine's peak
  double at_bandwidth = std::nan("");  // reading as many bytes as the weights have, again and again

  double share_of_peak() const { return at_peak / ours; }
  double over_roofline() const { return ours / std::max(at_peak, at_bandwidth); }
};

Case MeasureCase(const Widths& widths, ActivationKind activation, std::int64_t rows,
                 InstructionSet instruction_set, const MeasureOptions& options) {
  const auto network = NetworkOf(widths, activation);
  std::vector<float> x(static_cast<std::size_t>(rows * widths.front()));
  std::mt19937 random(6);
  std::normal_distribution<float> normal;
  for (float& value : x) value = normal(random);

  const MachineKernels& machine = MachineKernelsOf(instruction_set);
  constexpr std::int64_t kPeakCounts = 20'000;
  const std::int64_t weights = (WeightsOf(widths) + 63) / 64 * 64;
  const std::unique_ptr<float[], void (*)(float*)> read(
      new (std::align_val_t{64}) float[static_cast<std::size_t>(weights)](),
      [](float* data) { ::operator delete[](data, std::align_val_t{64}); });

  const auto ours = MakeOurs(network, rows, instruction_set, 1);
  const auto without = MakeWithoutStatistics(network, rows, instruction_set);
  const auto eigen = MakeEigen(network, rows, instruction_set);
  const auto onednn = MakeOneDnn(network, rows);
  volatile float sink = 0.0F;
  std::vector<std::function<void()>> sides = {[&] { sink = ours->Evaluate(x.data())[0]; },
                                              [&] { sink = without->Evaluate(x.data())[0]; },
                                              [&] { sink = eigen->Evaluate(x.data())[0]; },
                                              [&] { sink = machine.multiply_add(kPeakCounts); },
                                              [&] { sink = machine.read(read.get(), weights); }};
  if (onednn != nullptr) sides.emplace_back([&] { sink = onednn->Evaluate(x.data())[0]; });
  const std::vector<double> seconds = Measure(sides, options);

  // A figure for a wrong answer is none.
  const float* expected = eigen->Evaluate(x.data());
  const std::vector<float> answer(ours->Evaluate(x.data()),
                                  ours->Evaluate(x.data()) + rows * widths.back());
  for (std::size_t i = 0; i < answer.size(); ++i) {
    if (std::fabs(answer[i] - expected[i]) > 1e-3F * (1.0F + std::fabs(expected[i]))) {
      std::cerr << NameOf(widths) << ": the sides' answers differ\n";
      return {};
    }
  }

  const double multiply_adds = static_cast<double>(WeightsOf(widths) * rows);
  Case result;
  result.ours = seconds[0];
  result.without_statistics = seconds[1];
  result.eigen = seconds[2];
  result.at_peak = seconds[3] * multiply_adds /
                   static_cast<double>(kPeakCounts * machine.multiply_adds_per_count);
  result.at_bandwidth = seconds[4];
  result.onednn = onednn == nullptr ? 0.0 : seconds[5];
  return result;
}

// Prints the bars' lines and remembers whether one fell short.
class Bars final {
 public:
  void AtLeast(const std::string& name, double value, double bar) {
    Print(name, value, bar, value >= bar);
  }
  void AtMost(const std::string& name, double value, double bar) {
    Print(name, value, bar, value <= bar);
  }
  bool short_of_one() const { return short_of_one_; }

 private:
  void Print(const std::string& name, double value, double bar, bool ok) {
    std::printf("%-58s %8.3f %6.2f %s\n", name.c_str(), value, bar, ok ? "ok" : "short");
    std::fflush(stdout);
    short_of_one_ |= !ok;
  }
  bool short_of_one_ = false;
};

// Two threads over one, for 256 rows; and what two copies of the peak loop reach together is in the
// document, for it needs a program of its own.
double SpeedUpOfTwoThreads(InstructionSet instruction_set, const MeasureOptions& options) {
  const auto network = NetworkOf(Middle(), ActivationKind::kTanh);
  constexpr std::int64_t kRows = 256;
  std::vector<float> x(static_cast<std::size_t>(kRows * Middle().front()), 0.5F);
  const auto one = MakeOurs(network, kRows, instruction_set, 1);
  const auto two = MakeOurs(network, kRows, instruction_set, 2);
  volatile float sink = 0.0F;
  const std::vector<double> seconds = Measure(
      {[&] { sink = one->Evaluate(x.data())[0]; }, [&] { sink = two->Evaluate(x.data())[0]; }},
      options);
  return seconds[0] / seconds[1];
}

int MeasureBars(InstructionSet instruction_set, const MeasureOptions& options) {
  Bars bars;
  const auto measure = [&](const Widths& widths, ActivationKind activation, std::int64_t rows) {
    return MeasureCase(widths, activation, rows, instruction_set, options);
  };
  const Case at_64 = measure(Middle(), ActivationKind::kTanh, 64);
  bars.AtLeast("share of peak, 784-512-512-10 tanh, 64 rows", at_64.share_of_peak(), 0.92);
  bars.AtLeast("times Eigen's speed, the same", at_64.eigen / at_64.ours, 1.9);
  bars.AtMost("statistics on over off, the same", at_64.ours / at_64.without_statistics, 1.02);
  for (const std::int64_t rows : {12, 16}) {
    const Case result = measure(Middle(), ActivationKind::kTanh, rows);
    bars.AtLeast("share of peak, 784-512-512-10 tanh, " + std::to_string(rows) + " rows",
                 result.share_of_peak(), 0.85);
  }
  for (const std::int64_t rows : {1, 2, 4}) {
    for (const Widths& widths : {Middle(), Wide()}) {
      const Case result = measure(widths, ActivationKind::kTanh, rows);
      bars.AtMost(
          "time over roofline, " + NameOf(widths) + " tanh, " + std::to_string(rows) + " rows",
          result.over_roofline(), 1.15);
    }
  }
  const Case small_1 = measure(Small(), ActivationKind::kTanh, 1);
  bars.AtMost("microseconds, 64-64-32-10 tanh, 1 row", small_1.ours * 1e6, 1.2);
  const Case small_64 = measure(Small(), ActivationKind::kTanh, 64);
  bars.AtLeast("share of peak, 64-64-32-10 tanh, 64 rows", small_64.share_of_peak(), 0.6);
  bars.AtMost("statistics on over off, the same", small_64.ours / small_64.without_statistics,
              1.06);
  double least = std::numeric_limits<double>::infinity();
  double sum_of_logarithms = 0.0;
  int few_rows = 0;
  for (const Widths& widths : {Small(), Middle(), Deep(), Wide()}) {
    for (const std::int64_t rows : {1, 2, 4, 8, 12, 16, 64, 256}) {
      const Case result = measure(widths, ActivationKind::kRelu, rows);
      if (result.onednn == 0.0) continue;
      const double ratio = result.onednn / result.ours;
      least = std::min(least, ratio);
      if (rows > 16) continue;
      sum_of_logarithms += std::log(ratio);
      ++few_rows;
    }
  }
  if (few_rows > 0) {
    bars.AtLeast("times oneDNN's speed, the least of all shapes, relu", least, 0.97);
    bars.AtLeast("times oneDNN's speed, mean of 1 to 16 rows, relu",
                 std::exp(sum_of_logarithms / few_rows), 1.0);
  }
  bars.AtLeast("two threads over one, 784-512-512-10 tanh, 256 rows",
               SpeedUpOfTwoThreads(instruction_set, options), 1.8);
  return bars.short_of_one() ? 1 : 0;
}

void MeasureTable(InstructionSet instruction_set, const MeasureOptions& options,
                  nlohmann::ordered_json& report) {
  std::printf("%-32s %-8s %5s %12s %8s %9s %8s %8s %8s\n", "network", "hidden", "rows", "ours, us",
              "of peak", "roofline", "Eigen", "oneDNN", "stats");
  const std::pair<const char*, ActivationKind> activations[] = {
      {"relu", ActivationKind::kRelu},
      {"tanh", ActivationKind::kTanh},
      {"sigmoid", ActivationKind::kSigmoid},
      {"gelu", ActivationKind::kGelu}};
  for (const Widths& widths : {Small(), Middle(), Deep(), Wide()}) {
    for (const auto& [activation, kind] : activations) {
      for (const std::int64_t rows : {1, 2, 4, 8, 12, 16, 32, 64, 256, 1024, 4096}) {
        // Minutes a call, and no news.
        if (WeightsOf(widths) * rows > std::int64_t{20'000'000'000}) continue;
        const Case result = MeasureCase(widths, kind, rows, instruction_set, options);
        std::printf("%-32s %-8s %5lld %12.2f %8.3f %9.3f %8.2f %8.2f %8.3f\n",
                    NameOf(widths).c_str(), activation, static_cast<long long>(rows),
                    result.ours * 1e6, result.share_of_peak(), result.over_roofline(),
                    result.eigen / result.ours, result.onednn / result.ours,
                    result.ours / result.without_statistics);
        std::fflush(stdout);
        report["cases"].push_back({{"network", NameOf(widths)},
                                   {"activation", activation},
                                   {"rows", rows},
                                   {"seconds", result.ours},
                                   {"without_statistics", result.without_statistics},
                                   {"eigen", result.eigen},
                                   {"onednn", result.onednn},
                                   {"at_peak", result.at_peak},
                                   {"at_bandwidth", result.at_bandwidth}});
      }
    }
  }
}

int Main(int argc, char** argv) {
  CLI::App app("Measures the evaluator beside the machine's limits, oneDNN and Eigen.");
  bool bars = false;
  std::string isa;
  std::string json;
  MeasureOptions options;
  app.add_flag("--bars", bars, "Measure the aims of docs/evaluator.md and nothing else");
  app.add_option("--isa", isa, "Instruction set: baseline, avx2 or avx512; the widest by default");
  app.add_option("--rounds", options.rounds, "Rounds of each case")->capture_default_str();
  app.add_option("--seconds", options.seconds, "Seconds of each side in a round")
      ->capture_default_str();
  app.add_option("--json", json, "Write the cases to this file too");
  CLI11_PARSE(app, argc, argv);
  InstructionSet instruction_set = BestInstructionSet();
  if (!isa.empty()) {
    const auto parsed = ParseInstructionSet(isa);
    if (!parsed.ok() || !IsSupported(*parsed)) {
      std::cerr << "evaluator_benchmark: " << isa << " is not supported here\n";
      return 2;
    }
    instruction_set = *parsed;
  }
  const std::string set_name(mlp::NameOf(instruction_set));
  std::printf("# %s, %s, medians of %d rounds\n", CpuModelName().c_str(), set_name.c_str(),
              options.rounds);
  if (bars) return MeasureBars(instruction_set, options);
  nlohmann::ordered_json report = {
      {"cpu", CpuModelName()}, {"instruction_set", set_name}, {"rounds", options.rounds}};
  MeasureTable(instruction_set, options, report);
  if (!json.empty()) std::ofstream(json) << report.dump(2) << "\n";
  return 0;
}

}  // namespace
}  // namespace mlp

int main(int argc, char** argv) {
  try {
    return mlp::Main(argc, argv);
  } catch (const std::exception& exception) {
    std::cerr << "evaluator_benchmark: " << exception.what() << "\n";
    return 2;
  }
}
