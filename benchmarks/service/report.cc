#include "benchmarks/service/report.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/table.h"
#include "client/text.h"

namespace mlp {
namespace {

std::string Number(std::optional<double> value, int digits) {
  return value.has_value() ? absl::StrFormat("%.*f", digits, *value) : "-";
}

}  // namespace

double CaseReport::Spread() const {
  std::vector<double> values;
  for (const Round& round : rounds) values.push_back(round.requests_per_second);
  const double median = Median(values);
  if (median == 0.0) return 0.0;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return (*most - *least) / median;
}

std::string ToTable(const Report& report) {
  std::string text = absl::StrCat("CPU     ", report.cpu_model, ", ", report.cpus, " usable\n");
  absl::StrAppend(&text, "server  ", report.server);
  if (!report.start_to_ready_seconds.empty()) {
    absl::StrAppend(&text, ", ready ", Number(Median(report.start_to_ready_seconds) * 1e3, 1),
                    " ms after its start (median of ", report.start_to_ready_seconds.size(), ")");
  }
  if (report.idle_resident_bytes.has_value()) {
    absl::StrAppend(&text, ", ",
                    Number(static_cast<double>(*report.idle_resident_bytes) / (1 << 20), 1),
                    " MiB resident when idle");
  }
  absl::StrAppend(&text, "\nmodel   ", report.model, ", ", report.inputs,
                  " inputs, 1 row a request\n");
  const std::size_t rounds = report.cases.empty() ? 0 : report.cases[0].rounds.size();
  absl::StrAppend(&text, "load    closed loop, connections: ", report.connections,
                  ", medians of rounds: ", rounds, ", of ", report.seconds, " s each\n\n");

  Table table({{"in flight", Alignment::kRight},
               {"requests/s", Alignment::kRight},
               {"spread", Alignment::kRight},
               {"p50 µs", Alignment::kRight},
               {"p99 µs", Alignment::kRight},
               {"server CPU µs", Alignment::kRight},
               {"client CPU µs", Alignment::kRight},
               {"mean batch", Alignment::kRight},
               {"errors", Alignment::kRight},
               {"wrong", Alignment::kRight}});
  for (const CaseReport& measured : report.cases) {
    const Round median = MedianRound(measured.rounds);
    table.AddRow({absl::StrCat(measured.in_flight),
                  FormatCount(std::llround(median.requests_per_second)),
                  absl::StrCat(Number(measured.Spread() * 100.0, 0), " %"),
                  Number(median.p50_microseconds, 1), Number(median.p99_microseconds, 1),
                  Number(median.server_cpu_microseconds, 1),
                  Number(median.generator_cpu_microseconds, 1), Number(median.mean_batch_rows, 2),
                  FormatCount(measured.errors), FormatCount(measured.wrong_answers)});
  }
  absl::StrAppend(&text, table.ToString());
  for (const CaseReport& measured : report.cases) {
    if (measured.errors == 0) continue;
    absl::StrAppend(&text, "first error at ", measured.in_flight,
                    " in flight: ", Printable(measured.first_error), "\n");
  }
  return text;
}

std::string ToJson(const Report& report) {
  nlohmann::ordered_json cases = nlohmann::ordered_json::array();
  for (const CaseReport& measured : report.cases) {
    nlohmann::ordered_json rounds = nlohmann::ordered_json::array();
    for (const Round& round : measured.rounds) rounds.push_back(ToJson(round));
    cases.push_back({{"in_flight", measured.in_flight},
                     {"requests", measured.requests},
                     {"errors", measured.errors},
                     {"wrong_answers", measured.wrong_answers},
                     {"spread", measured.Spread()},
                     {"median", ToJson(MedianRound(measured.rounds))},
                     {"rounds", std::move(rounds)}});
  }
  nlohmann::ordered_json object = {
      {"cpu_model", report.cpu_model},  {"cpus", report.cpus},
      {"server", report.server},        {"model", report.model},
      {"inputs", report.inputs},        {"connections", report.connections},
      {"seconds", report.seconds},      {"start_to_ready_seconds", report.start_to_ready_seconds},
      {"idle_resident_bytes", nullptr}, {"cases", std::move(cases)}};
  if (report.idle_resident_bytes.has_value()) {
    object["idle_resident_bytes"] = *report.idle_resident_bytes;
  }
  return object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace mlp
