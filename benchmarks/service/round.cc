#include "benchmarks/service/round.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

namespace mlp {
namespace {

double MedianOf(const std::vector<Round>& rounds, double Round::*figure) {
  std::vector<double> values;
  values.reserve(rounds.size());
  for (const Round& round : rounds) values.push_back(round.*figure);
  return Median(std::move(values));
}

std::optional<double> MedianWhereAll(const std::vector<Round>& rounds,
                                     std::optional<double> Round::*figure) {
  std::vector<double> values;
  for (const Round& round : rounds) {
    if (!(round.*figure).has_value()) return std::nullopt;
    values.push_back(*(round.*figure));
  }
  return Median(std::move(values));
}

nlohmann::ordered_json OrNull(std::optional<double> value) {
  return value.has_value() ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

double Median(std::vector<double> values) {
  if (values.empty()) return 0.0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2.0;
}

Round MedianRound(const std::vector<Round>& rounds) {
  return {MedianOf(rounds, &Round::requests_per_second),
          MedianOf(rounds, &Round::p50_microseconds),
          MedianOf(rounds, &Round::p99_microseconds),
          MedianWhereAll(rounds, &Round::server_cpu_microseconds),
          MedianOf(rounds, &Round::generator_cpu_microseconds),
          MedianWhereAll(rounds, &Round::mean_batch_rows)};
}

nlohmann::ordered_json ToJson(const Round& round) {
  return {{"requests_per_second", round.requests_per_second},
          {"p50_microseconds", round.p50_microseconds},
          {"p99_microseconds", round.p99_microseconds},
          {"server_cpu_microseconds_per_request", OrNull(round.server_cpu_microseconds)},
          {"generator_cpu_microseconds_per_request", round.generator_cpu_microseconds},
          {"mean_batch_rows", OrNull(round.mean_batch_rows)}};
}

}  // namespace mlp
