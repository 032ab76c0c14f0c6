#include "benchmarks/service/service_bars.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "benchmarks/bar_list.h"
#include "benchmarks/cpu_model.h"
#include "benchmarks/service/measured_load.h"
#include "benchmarks/service/row_cost.h"

namespace mlp {
namespace {

constexpr int kManyInFlight = 64;

// Requests of 16 rows in flight for their peak: enough for a batch on every thread and the next one
// waiting, and few enough that the server refuses hardly any for a queue that stands.
constexpr int kInFlightOf16Rows = 8;

// A run's loads, by name, and figures of other kinds likewise; an entry for each round.
struct Rounds {
  std::map<std::string, std::vector<Round>> loads;
  std::map<std::string, std::vector<double>> figures;
  std::string first_error;  // of a load that is to have none
};

class BarRounds final {
 public:
  BarRounds(const ServiceBarsOptions& options, BarSides& sides)
      : options_(options),
        sides_(sides),
        small_cost_(*NetworkOfModel(kSmallModel)),
        middle_cost_(*NetworkOfModel(kMiddleModel)) {}

  // Measures all cases once.
  absl::Status MeasureRound() {
    if (absl::Status status = MeasureStart(); !status.ok()) return status;
    MeasureBesideFloor(sides_.small, sides_.small_echo, small_cost_, "small");
    const Round middle =
        MeasureBesideFloor(sides_.middle, sides_.middle_echo, middle_cost_, "middle");
    const double peak = middle.requests_per_second;
    const Round synchronous =
        Closed("middle, synchronous, 64 in flight", sides_.middle_synchronous, kManyInFlight);
    Add("over synchronous", peak / synchronous.requests_per_second);
    const Round stream = Closed("small, stream, 64 in flight", sides_.small_stream, kManyInFlight);
    Add("stream over unary", stream.requests_per_second /
                                 rounds_.loads["small, 64 in flight"].back().requests_per_second);
    Run("middle, 70 % of the peak rate", sides_.middle, {0, 0.7 * peak}, true);
    const Round peak_of_16 =
        Run("middle, 16 rows, peak", sides_.middle_of_16_rows, {kInFlightOf16Rows, 0.0}, false);
    const Round overload = Run("middle, 16 rows, twice the peak rate", sides_.middle_of_16_rows,
                               {0, 2.0 * peak_of_16.requests_per_second}, false);
    Add("goodput over peak", overload.requests_per_second / peak_of_16.requests_per_second);
    return absl::OkStatus();
  }

  const Rounds& rounds() const { return rounds_; }

 private:
  void Add(const std::string& name, double figure) { rounds_.figures[name].push_back(figure); }

  Round Run(const std::string& name, BarSide& side, const LoadTarget& target, bool all_answered) {
    std::cerr << name << "\n";
    const auto [round, result] =
        Measure(*side.server, *side.generator,
                {side.model, target, options_.seconds, options_.warm_up_seconds});
    if (all_answered && rounds_.first_error.empty() && result.ErrorCount() > 0) {
      rounds_.first_error = absl::StrCat(name, ": ", result.first_error);
    }
    rounds_.loads[name].push_back(round);
    return round;
  }

  Round Closed(const std::string& name, BarSide& side, int in_flight) {
    return Run(name, side, {in_flight, 0.0}, true);
  }

  // Measures a model's side and its floor at 64 and at 1 in flight; gives the former at 64.
  Round MeasureBesideFloor(BarSide& ours, BarSide& echo, RowCost& cost, const std::string& name) {
    const Round floor = Closed(name + ", echo, 64 in flight", echo, kManyInFlight);
    const Round many = Closed(name + ", 64 in flight", ours, kManyInFlight);
    const double row = cost.Microseconds(many.mean_batch_rows.value_or(1.0));
    Add(name + ", row at the mean batch", row);
    Add(name + ", CPU over floor and row",
        *many.server_cpu_microseconds / (*floor.server_cpu_microseconds + row));
    const Round floor_of_one = Closed(name + ", echo, 1 in flight", echo, 1);
    const Round one = Closed(name + ", 1 in flight", ours, 1);
    const double row_alone = cost.Microseconds(1.0);
    Add(name + ", row alone", row_alone);
    Add(name + ", p50 over floor and row",
        one.p50_microseconds / (floor_of_one.p50_microseconds + row_alone));
    Add(name + ", p50 beyond floor and row",
        one.p50_microseconds - floor_of_one.p50_microseconds - row_alone);
    return many;
  }

  absl::Status MeasureStart() {
    auto server = ServerUnderTest::Start(options_.sides.server, options_.sample_repository);
    if (!server.ok()) return server.status();
    Add("start to ready, ms", absl::ToDoubleMilliseconds(*(*server)->start_to_ready()));
    Add("resident when idle, MB",
        static_cast<double>((*server)->ResidentBytes().value_or(0)) / 1e6);
    return absl::OkStatus();
  }

  const ServiceBarsOptions& options_;
  BarSides& sides_;
  RowCost small_cost_;
  RowCost middle_cost_;
  Rounds rounds_;
};

// The lines, from the medians.
void Judge(const Rounds& rounds, BarList& bars) {
  const auto figure = [&](const std::string& name) { return Median(rounds.figures.at(name)); };
  const auto load = [&](const std::string& name) { return MedianRound(rounds.loads.at(name)); };
  const std::string small = NameOf(SmallNetwork());
  const std::string middle = NameOf(MiddleNetwork());

  bars.AtMost("CPU over floor and row, 64 in flight, " + middle,
              figure("middle, CPU over floor and row"), 1.10);
  bars.AtMost("CPU over floor and row, 64 in flight, " + small,
              figure("small, CPU over floor and row"), 1.15);
  for (const auto& [model, network] : {std::pair("middle", middle), std::pair("small", small)}) {
    const std::string name = model;
    bars.AtMost("p50 over floor and row, 1 in flight, " + network,
                figure(name + ", p50 over floor and row"), 1.15);
    bars.AtMost("microseconds beyond these", figure(name + ", p50 beyond floor and row"), 5.0);
  }
  bars.AtLeast("requests/s over a synchronous service, " + middle, figure("over synchronous"), 2.5);
  bars.AtLeast("stream over unary requests/s, " + small, figure("stream over unary"), 1.3);
  const double p50 = load("middle, 1 in flight").p50_microseconds;
  bars.AtMost("p99 at 70 % of the peak rate, microseconds, " + middle,
              load("middle, 70 % of the peak rate").p99_microseconds, std::max(5.0 * p50, 1e3));
  bars.AtLeast("goodput at twice the peak rate over the peak, 16 rows", figure("goodput over peak"),
               0.90);
  bars.AtMost("p99 of what was answered then, milliseconds",
              load("middle, 16 rows, twice the peak rate").p99_microseconds / 1e3,
              static_cast<double>(kDeadline.count()));
  bars.AtMost("start to ready, sample models, milliseconds", figure("start to ready, ms"), 100.0);
  bars.AtMost("resident when idle, sample models, MB", figure("resident when idle, MB"), 40.0);
}

nlohmann::ordered_json BarsJson(const ServiceBarsOptions& options, const Rounds& rounds,
                                const BarList& bars) {
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (const Bar& bar : bars.bars()) {
    lines.push_back({{"name", bar.name}, {"value", bar.value}, {"bar", bar.bar}, {"ok", bar.ok}});
  }
  nlohmann::ordered_json loads = nlohmann::ordered_json::object();
  for (const auto& [name, measured] : rounds.loads) {
    nlohmann::ordered_json& load = loads[name];
    load["median"] = ToJson(MedianRound(measured));
    for (const Round& round : measured) load["rounds"].push_back(ToJson(round));
  }
  return {{"cpu_model", CpuModelName()},      {"cpus", std::thread::hardware_concurrency()},
          {"threads", options.sides.threads}, {"connections", options.sides.connections},
          {"rounds", options.rounds},         {"seconds", options.seconds},
          {"bars", std::move(lines)},         {"figures", rounds.figures},
          {"loads", std::move(loads)}};
}

}  // namespace

absl::StatusOr<bool> MeasureServiceBars(const ServiceBarsOptions& options) {
  const absl::StatusOr<std::unique_ptr<BarSides>> sides = BarSides::Start(options.sides);
  if (!sides.ok()) return sides.status();
  std::cout << "# " << CpuModelName() << ", " << std::thread::hardware_concurrency()
            << " CPUs, medians of " << options.rounds << " rounds" << std::endl;
  BarRounds measured(options, **sides);
  for (int round = 0; round < options.rounds; ++round) {
    std::cerr << "round " << round + 1 << " of " << options.rounds << "\n";
    if (absl::Status status = measured.MeasureRound(); !status.ok()) return status;
  }
  BarList bars;
  Judge(measured.rounds(), bars);
  if (!options.json.empty() &&
      !(std::ofstream(options.json) << BarsJson(options, measured.rounds(), bars).dump(2) << "\n")
           .flush()) {
    return absl::InternalError(absl::StrCat("cannot write '", options.json, "'"));
  }
  // Figures with errors in them are worth a look, and no more.
  if (!measured.rounds().first_error.empty()) {
    return absl::InternalError(measured.rounds().first_error);
  }
  return bars.all_reached();
}

}  // namespace mlp
