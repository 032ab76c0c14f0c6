#include "client/bench/bench_report.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/table.h"
#include "client/text.h"

namespace mlp {
namespace {

// A larger send lag is reported: an open loop's figures may be off by as much.
constexpr double kDoubtfulLagMicroseconds = 1000.0;

// If the generator's threads were busier than this, they may be what was measured.
constexpr double kDoubtfulBusyShare = 0.9;

// A share of unsent requests below which no reported percentile changes.
constexpr double kDoubtfulUnsentShare = 0.001;

double Microseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; }

double PercentileMicroseconds(const LatencyHistogram& histogram, double share) {
  return Microseconds(histogram.Percentile(share));
}

std::string Rounded(double value) { return FormatCount(std::llround(value)); }

std::string CodeName(grpc::StatusCode code) {
  // The two enumerations have the same numbers.
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
}

std::string ErrorsText(const LoadResult& result) {
  if (result.errors.empty()) return "0";
  return absl::StrJoin(result.errors, ", ", [](std::string* out, const auto& of_code) {
    absl::StrAppend(out, CodeName(of_code.first), " ", FormatCount(of_code.second));
  });
}

std::string LoadText(const BenchReport& report) {
  std::string text =
      absl::StrCat("server  ", Printable(report.server), " at ", Printable(report.address),
                   "\nmodel   ", Printable(report.model), ", rows per request: ", report.rows,
                   "\nload    ", report.stream ? "ModelStreamInfer" : "ModelInfer",
                   ", connections: ", report.connections, ", threads: ", report.threads);
  if (!report.cases.empty()) {
    absl::StrAppend(&text, report.cases[0].target.open()
                               ? ", open loop: latencies count from when a request was due"
                               : ", closed loop: latencies count from when a request was sent");
  }
  return absl::StrCat(text, "\n\n");
}

// Why a reader should doubt the case's figures; one line per reason.
std::string Doubts(const BenchReport& report, const BenchCase& measured) {
  const LoadResult& result = measured.result;
  std::string text;
  const auto add = [&](const auto&... parts) {
    absl::StrAppend(&text, TargetText(measured.target), ": ", parts..., "\n");
  };
  if (!result.errors.empty()) add("first error: ", Printable(result.first_error));
  if (result.wrong > 0) {
    add(FormatCount(result.wrong), " answers differ from the first answer to the same rows");
  }
  const double lag = PercentileMicroseconds(result.lag, 0.99);
  if (lag > kDoubtfulLagMicroseconds) {
    add("the generator fell behind: 1 % of the requests were sent more than ", Rounded(lag),
        " us after they were due, one of them ", Rounded(Microseconds(result.lag.longest())),
        " us; the latencies include these delays");
  }
  if (result.held_back > 0) {
    add("with ", FormatCount(kMaxInFlight), " requests in flight, the next one had to wait ",
        FormatCount(result.held_back), " times; the latencies include that");
  }
  // One or two requests may be due just before the end.
  if (static_cast<double>(result.unsent) >
      kDoubtfulUnsentShare * static_cast<double>(result.sent)) {
    add(FormatCount(result.unsent),
        " requests were due but unsent when time ran out; their latencies, the longest, are "
        "missing");
  }
  const double seconds = std::chrono::duration<double>(result.window).count();
  const double busy = std::chrono::duration<double>(result.own_cpu_time).count();
  if (seconds > 0.0 && busy > kDoubtfulBusyShare * seconds * report.threads) {
    add("the generator used ", Rounded(100.0 * busy / seconds),
        " % of one CPU and may be the bottleneck; try more --threads");
  }
  return text;
}

nlohmann::ordered_json HistogramJson(const LatencyHistogram& histogram) {
  return {{"mean", histogram.Mean() / 1e3},
          {"p50", PercentileMicroseconds(histogram, 0.5)},
          {"p90", PercentileMicroseconds(histogram, 0.9)},
          {"p99", PercentileMicroseconds(histogram, 0.99)},
          {"p99.9", PercentileMicroseconds(histogram, 0.999)},
          {"max", Microseconds(histogram.longest())}};
}

nlohmann::ordered_json CaseJson(const BenchReport& report, const BenchCase& measured) {
  const LoadResult& result = measured.result;
  auto errors = nlohmann::ordered_json::object();
  for (const auto& [code, count] : result.errors) errors[CodeName(code)] = count;
  nlohmann::ordered_json object = {
      {"window_seconds", std::chrono::duration<double>(result.window).count()},
      {"sent", result.sent},
      {"answered", result.answered},
      {"errors", std::move(errors)},
      {"first_error", result.first_error},
      {"wrong", nullptr},
      {"requests_per_second", result.Rate()},
      {"rows_per_second", result.Rate() * static_cast<double>(report.rows)},
      {"latency_microseconds", HistogramJson(result.latency)},
      {"client_cpu_microseconds_per_request", result.OwnCpuMicroseconds()}};
  if (report.checked) object["wrong"] = result.wrong;
  if (measured.target.open()) {
    object["rate"] = measured.target.rate;
    object["send_lag_microseconds"] = HistogramJson(result.lag);
    object["held_back"] = result.held_back;
    object["unsent"] = result.unsent;
  } else {
    object["concurrency"] = measured.target.concurrency;
  }
  return object;
}

}  // namespace

std::string TargetText(const LoadTarget& target) {
  if (!target.open()) return absl::StrCat(FormatCount(target.concurrency), " in flight");
  return absl::StrCat(
      target.rate == std::trunc(target.rate) ? Rounded(target.rate) : absl::StrCat(target.rate),
      "/s");
}

std::string BenchTable(const BenchReport& report) {
  const bool open = !report.cases.empty() && report.cases[0].target.open();
  std::vector<Table::Column> columns;
  for (const absl::string_view title :
       {"target", "requests/s", "rows/s", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs", "max µs",
        "client CPU µs", "sent", "errors"}) {
    columns.push_back({std::string(title), Alignment::kRight});
  }
  if (open) columns.push_back({"largest lag µs", Alignment::kRight});
  Table table(std::move(columns));
  std::string doubts;
  for (const BenchCase& measured : report.cases) {
    const LoadResult& result = measured.result;
    std::vector<std::string> cells = {TargetText(measured.target), Rounded(result.Rate()),
                                      Rounded(result.Rate() * static_cast<double>(report.rows))};
    for (const double share : {0.5, 0.9, 0.99, 0.999, 1.0}) {
      cells.push_back(Rounded(PercentileMicroseconds(result.latency, share)));
    }
    cells.push_back(absl::StrFormat("%.1f", result.OwnCpuMicroseconds()));
    cells.push_back(FormatCount(result.sent));
    cells.push_back(ErrorsText(result));
    if (open) cells.push_back(Rounded(Microseconds(result.lag.longest())));
    table.AddRow(std::move(cells));
    absl::StrAppend(&doubts, Doubts(report, measured));
  }
  return absl::StrCat(LoadText(report), table.ToString(), doubts.empty() ? "" : "\n", doubts,
                      report.interrupted ? "\ninterrupted\n" : "");
}

std::string BenchJson(const BenchReport& report) {
  auto cases = nlohmann::ordered_json::array();
  for (const BenchCase& measured : report.cases) cases.push_back(CaseJson(report, measured));
  const nlohmann::ordered_json object = {{"server", report.server},
                                         {"address", report.address},
                                         {"model", report.model},
                                         {"rows", report.rows},
                                         {"stream", report.stream},
                                         {"connections", report.connections},
                                         {"threads", report.threads},
                                         {"warmup_seconds", report.warmup_seconds},
                                         {"interrupted", report.interrupted},
                                         {"cases", std::move(cases)}};
  return object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace mlp
