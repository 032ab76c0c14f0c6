#include "client/bench/bench_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// 100 requests of 2 rows in 4 s: 95 answers within 1 to 95 ms and 5 errors.
BenchReport Report(const LoadTarget& target) {
  BenchReport report;
  report.server = "mlpserve 1.2";
  report.address = "127.0.0.1:8001";
  report.model = "m";
  report.rows = 2;
  BenchCase measured;
  measured.target = target;
  LoadResult& result = measured.result;
  result.sent = 100;
  result.answered = 95;
  result.answered_in_window = 90;
  result.errors = {{grpc::StatusCode::DEADLINE_EXCEEDED, 2}, {grpc::StatusCode::UNAVAILABLE, 3}};
  result.first_error = "two\nlines";
  result.window = std::chrono::seconds(4);
  result.own_cpu_time = std::chrono::milliseconds(5);
  for (int i = 1; i <= 95; ++i) result.latency.Record(i * std::int64_t{1'000'000});
  if (target.open()) {
    for (int i = 1; i <= 100; ++i) result.lag.Record(i * std::int64_t{1'000});
  }
  report.cases.push_back(measured);
  return report;
}

TEST(BenchReportTest, NamesTheLoad) {
  EXPECT_EQ(TargetText({10'000, 0.0}), "10,000 in flight");
  EXPECT_EQ(TargetText({0, 12'500.0}), "12,500/s");
  EXPECT_EQ(TargetText({0, 0.5}), "0.5/s");
}

TEST(BenchReportTest, PrintsATable) {
  EXPECT_EQ(BenchTable(Report({8, 0.0})), R"(server  mlpserve 1.2 at 127.0.0.1:8001
model   m, rows per request: 2
load    ModelInfer, connections: 1, threads: 1, closed loop: latencies count from when a request was sent

     target  requests/s  rows/s  p50 µs  p90 µs  p99 µs  p99.9 µs  max µs  client CPU µs  sent                              errors
8 in flight          23      45  48,234  86,508  95,000    95,000  95,000           50.0   100  DEADLINE_EXCEEDED 2, UNAVAILABLE 3

8 in flight: first error: two\nlines
)");
}

TEST(BenchReportTest, ReportsAnOpenLoopsLag) {
  BenchReport report = Report({0, 25.0});
  const std::string fine = BenchTable(report);
  EXPECT_THAT(fine, HasSubstr("open loop: latencies count from when a request was due"));
  EXPECT_THAT(fine, HasSubstr("largest lag µs"));
  EXPECT_THAT(fine, Not(HasSubstr("fell behind")));
  LoadResult& result = report.cases[0].result;
  for (int i = 0; i < 5; ++i) result.lag.Record(30'000'000);
  result.held_back = 3;
  result.unsent = 4;
  const std::string late = BenchTable(report);
  EXPECT_THAT(late, HasSubstr("25/s: the generator fell behind: 1 % of the requests were sent more "
                              "than 30,000 us after they were due"));
  EXPECT_THAT(late, HasSubstr("with 10,000 requests in flight, the next one had to wait 3 times"));
  EXPECT_THAT(late, HasSubstr("4 requests were due but unsent"));
}

TEST(BenchReportTest, SaysWhatMakesFiguresDoubtful) {
  BenchReport report = Report({8, 0.0});
  report.cases[0].result.wrong = 7;
  report.cases[0].result.own_cpu_time = std::chrono::milliseconds(3'900);
  report.interrupted = true;
  const std::string table = BenchTable(report);
  EXPECT_THAT(table, HasSubstr("7 answers differ from the first answer to the same rows"));
  EXPECT_THAT(table, HasSubstr("the generator used 98 % of one CPU"));
  EXPECT_THAT(table, HasSubstr("\ninterrupted\n"));
}

TEST(BenchReportTest, WritesEveryCountAsJson) {
  const auto json = nlohmann::json::parse(BenchJson(Report({0, 25.0})));
  EXPECT_EQ(json.at("server"), "mlpserve 1.2");
  EXPECT_EQ(json.at("rows"), 2);
  const auto& measured = json.at("cases").at(0);
  EXPECT_EQ(measured.at("rate"), 25.0);
  EXPECT_EQ(measured.at("sent"), 100);
  EXPECT_EQ(measured.at("answered"), 95);
  EXPECT_EQ(measured.at("errors"), nlohmann::json({{"DEADLINE_EXCEEDED", 2}, {"UNAVAILABLE", 3}}));
  EXPECT_EQ(measured.at("wrong"), nullptr);
  EXPECT_EQ(measured.at("requests_per_second"), 22.5);
  EXPECT_EQ(measured.at("rows_per_second"), 45.0);
  EXPECT_EQ(measured.at("latency_microseconds").at("max"), 95'000.0);
  EXPECT_EQ(measured.at("send_lag_microseconds").at("max"), 100.0);
  EXPECT_EQ(measured.at("client_cpu_microseconds_per_request"), 50.0);
}

TEST(BenchReportTest, WritesJsonEvenIfNothingWasMeasured) {
  BenchReport report;
  report.server = "\xFF";  // not UTF-8
  report.interrupted = true;
  const auto json = nlohmann::json::parse(BenchJson(report));
  EXPECT_TRUE(json.at("cases").empty());
  EXPECT_THAT(BenchTable(report), HasSubstr("interrupted"));
  report.cases.push_back({{1, 0.0}, {}});
  EXPECT_EQ(nlohmann::json::parse(BenchJson(report)).at("cases").at(0).at("requests_per_second"),
            0.0);
}

}  // namespace
}  // namespace mlp
