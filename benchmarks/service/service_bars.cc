#include "benchmarks/service/service_bars.h"

#include <algorithm>
#include <cmath>
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
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "benchmarks/bar_list.h"
#include "benchmarks/cpu_model.h"
#include "benchmarks/evaluator/two_peaks.h"
#include "benchmarks/service/measured_load.h"

namespace mlp {
namespace {

constexpr int kManyInFlight = 64;

// Requests of 16 rows in flight at the peak: enough for a batch on every thread and the next batch
// waiting, but few enough that the server rejects hardly any because of a standing queue.
constexpr int kInFlightOf16Rows = 8;

// Loads and other figures by name, with an entry for each round.
struct Rounds {
  std::map<std::string, std::vector<Round>> loads;
  std::map<std::string, std::vector<double>> figures;
  std::string first_error;  // of a load that must have none
};

class BarRounds final {
 public:
  BarRounds(const ServiceBarsOptions& options, BarSides& sides)
      : options_(options), sides_(sides) {}

  // Measures all cases once.
  absl::Status MeasureRound() {
    if (absl::Status status = MeasureStart(); !status.ok()) return status;
    const absl::StatusOr<Round> small = MeasureBesideFloor(sides_.small);
    if (!small.ok()) return small.status();
    const absl::StatusOr<Round> middle = MeasureBesideFloor(sides_.middle);
    if (!middle.ok()) return middle.status();
    const double peak = middle->requests_per_second;
    const Round synchronous =
        Closed("middle, synchronous, 64 in flight", sides_.middle_synchronous, kManyInFlight);
    Add("over synchronous", peak / synchronous.requests_per_second);
    Add("CPU of synchronous over ours",
        *synchronous.server_cpu_microseconds / *middle->server_cpu_microseconds);
    const Round stream = Closed("small, stream, 64 in flight", sides_.small_stream, kManyInFlight);
    Add("stream over unary", stream.requests_per_second / small->requests_per_second);
    Add("CPU of unary over stream",
        *small->server_cpu_microseconds / *stream.server_cpu_microseconds);
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

  // Measures a model's side at 64 and at 1 in flight, each followed by a floor that evaluates as
  // many rows at a time. Returns the former. The floor evaluates between the same reads and writes
  // of its process, so its row is as cold, and the neighbouring hardware thread as busy, as ours.
  absl::StatusOr<Round> MeasureBesideFloor(BarSide& ours) {
    const std::string& name = ours.model;
    const Round many = Closed(name + ", 64 in flight", ours, kManyInFlight);
    const absl::StatusOr<Round> floor_of_many =
        MeasureFloor(ours, std::lround(many.mean_batch_rows.value_or(1.0)), kManyInFlight);
    if (!floor_of_many.ok()) return floor_of_many.status();
    Add(name + ", CPU over floor and row",
        *many.server_cpu_microseconds / *floor_of_many->server_cpu_microseconds);
    const Round one = Closed(name + ", 1 in flight", ours, 1);
    const absl::StatusOr<Round> floor_of_one = MeasureFloor(ours, 1, 1);
    if (!floor_of_one.ok()) return floor_of_one.status();
    Add(name + ", p50 beyond floor and row", one.p50_microseconds - floor_of_one->p50_microseconds);
    Add(name + ", CPU of one over floor and row",
        *one.server_cpu_microseconds / *floor_of_one->server_cpu_microseconds);
    return many;
  }

  absl::StatusOr<Round> MeasureFloor(const BarSide& ours, long rows, int in_flight) {
    absl::StatusOr<FloorAndRows> floor = sides_.StartFloorAndRows(ours, static_cast<int>(rows));
    if (!floor.ok()) return floor.status();
    return Closed(absl::StrCat(ours.model, ", floor and row, ", in_flight, " in flight"),
                  floor->side, in_flight);
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
  Rounds rounds_;
};

// Judges the medians. If two CPUs are two threads of one core, the generator's share dominates
// every clock time, so only CPU times are judged.
void Judge(const Rounds& rounds, bool has_two_cores, BarList& bars) {
  const auto figure = [&](const std::string& name) { return Median(rounds.figures.at(name)); };
  const auto load = [&](const std::string& name) { return MedianRound(rounds.loads.at(name)); };
  const std::string small = NameOf(SmallNetwork());
  const std::string middle = NameOf(MiddleNetwork());

  bars.AtMost("CPU over floor and row, 64 in flight, " + middle,
              figure("middle, CPU over floor and row"), 1.15);
  bars.AtMost("CPU over floor and row, 64 in flight, " + small,
              figure("small, CPU over floor and row"), 1.12);
  bars.AtLeast("CPU of a synchronous service over ours, " + middle,
               figure("CPU of synchronous over ours"), 2.2);
  bars.AtLeast("CPU of unary over stream, " + small, figure("CPU of unary over stream"), 1.6);

  bars.set_judges(has_two_cores);
  bars.AtMost("p50 beyond floor and row, 1 in flight, microseconds, " + middle,
              figure("middle, p50 beyond floor and row"), 25.0);
  bars.AtMost("p50 beyond floor and row, 1 in flight, microseconds, " + small,
              figure("small, p50 beyond floor and row"), 12.0);
  bars.AtLeast("requests/s over a synchronous service, " + middle, figure("over synchronous"), 2.2);
  bars.AtLeast("stream over unary requests/s, " + small, figure("stream over unary"), 1.6);
  bars.AtMost("p99 at 70 % of the peak rate, microseconds, " + middle,
              load("middle, 70 % of the peak rate").p99_microseconds,
              5.0 * load("middle, 1 in flight").p50_microseconds);
  const std::vector<double>& goodput = rounds.figures.at("goodput over peak");
  bars.AtLeast("goodput at twice the peak rate, divided by the peak, 16 rows", Median(goodput),
               0.90);
  bars.AtLeast("the same in the worst round", *std::min_element(goodput.begin(), goodput.end()),
               0.75);
  bars.AtMost("p99 of answered requests in overload, milliseconds",
              load("middle, 16 rows, twice the peak rate").p99_microseconds / 1e3,
              static_cast<double>(kDeadline.count()));
  bars.set_judges(true);
  bars.AtMost("start to ready, sample models, milliseconds", figure("start to ready, ms"), 100.0);
  bars.AtMost("resident when idle, sample models, MB", figure("resident when idle, MB"), 40.0);
}

nlohmann::ordered_json BarsJson(const ServiceBarsOptions& options, double two_peaks,
                                const Rounds& rounds, const BarList& bars) {
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (const Bar& bar : bars.bars()) {
    lines.push_back({{"name", bar.name},
                     {"value", bar.value},
                     {"bar", bar.bar},
                     {"verdict", TextOf(bar.verdict)}});
  }
  nlohmann::ordered_json loads = nlohmann::ordered_json::object();
  for (const auto& [name, measured] : rounds.loads) {
    nlohmann::ordered_json& load = loads[name];
    load["median"] = ToJson(MedianRound(measured));
    for (const Round& round : measured) load["rounds"].push_back(ToJson(round));
  }
  return {{"cpu_model", CpuModelName()},
          {"cpus", std::thread::hardware_concurrency()},
          {"two_peaks_over_one", two_peaks},
          {"threads", options.sides.threads},
          {"connections", options.sides.connections},
          {"rounds", options.rounds},
          {"seconds", options.seconds},
          {"bars", std::move(lines)},
          {"figures", rounds.figures},
          {"loads", std::move(loads)}};
}

}  // namespace

absl::StatusOr<bool> MeasureServiceBars(const ServiceBarsOptions& options) {
  const absl::StatusOr<std::unique_ptr<BarSides>> sides = BarSides::Start(options.sides);
  if (!sides.ok()) return sides.status();
  const double two_peaks = SpeedUpOfTwoPeaks(BestInstructionSet(), {});
  const bool has_two_cores = two_peaks >= kMinSpeedUpOfTwoCores;
  std::cout << "# " << CpuModelName() << ", " << std::thread::hardware_concurrency()
            << " CPUs, medians of " << options.rounds << " rounds\n# two peak loops make "
            << absl::StrFormat("%.2f", two_peaks) << " of one: "
            << (has_two_cores ? "two cores" : "two threads of one core, judged by CPU time alone")
            << std::endl;
  BarRounds measured(options, **sides);
  for (int round = 0; round < options.rounds; ++round) {
    std::cerr << "round " << round + 1 << " of " << options.rounds << "\n";
    if (absl::Status status = measured.MeasureRound(); !status.ok()) return status;
  }
  BarList bars;
  Judge(measured.rounds(), has_two_cores, bars);
  if (!options.json.empty() &&
      !(std::ofstream(options.json)
        << BarsJson(options, two_peaks, measured.rounds(), bars).dump(2) << "\n")
           .flush()) {
    return absl::InternalError(absl::StrCat("cannot write '", options.json, "'"));
  }
  // Figures with errors are printed but not accepted.
  if (!measured.rounds().first_error.empty()) {
    return absl::InternalError(measured.rounds().first_error);
  }
  return bars.all_reached();
}

}  // namespace mlp
