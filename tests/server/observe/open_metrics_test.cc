#include "server/observe/open_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using ::testing::HasSubstr;

MetricFamily FamilyOf(const char* name, MetricType type, std::vector<ClientMetric> metrics,
                      const char* help = "H.") {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  family.metric = std::move(metrics);
  return family;
}

ClientMetric CounterOf(double value, std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = value;
  return metric;
}

ClientMetric GaugeOf(double value) {
  ClientMetric metric;
  metric.gauge.value = value;
  return metric;
}

TEST(OpenMetricsTest, EndsAnEmptyPage) { EXPECT_EQ(WriteOpenMetrics({}, {}), "# EOF\n"); }

TEST(OpenMetricsTest, NamesAFamilyOfCountersWithoutTotal) {
  EXPECT_EQ(WriteOpenMetrics({FamilyOf("a_total", MetricType::Counter,
                                       {CounterOf(3), CounterOf(1, {{"x", "y"}, {"z", ""}})})},
                             {}),
            "# HELP a H.\n# TYPE a counter\na_total 3.0\na_total{x=\"y\",z=\"\"} 1.0\n# EOF\n");
}

TEST(OpenMetricsTest, KeepsTheNamesOfOtherCounters) {
  EXPECT_EQ(WriteOpenMetrics({FamilyOf("nv_count", MetricType::Counter, {CounterOf(3)})}, {}),
            "# HELP nv_count H.\n# TYPE nv_count unknown\nnv_count 3.0\n# EOF\n");
}

TEST(OpenMetricsTest, EscapesTextsAndLabels) {
  EXPECT_EQ(WriteOpenMetrics({FamilyOf("a_total", MetricType::Counter,
                                       {CounterOf(0, {{"x", "a\"b\\c\nd€"}})}, "\"a\\b\nc\"")},
                             {}),
            "# HELP a \\\"a\\\\b\\nc\\\"\n# TYPE a counter\n"
            "a_total{x=\"a\\\"b\\\\c\\nd€\"} 0.0\n# EOF\n");
}

struct NumberCase {
  double value;
  const char* expected;
};

// The specification's own list, and numbers it does not list.
TEST(OpenMetricsTest, WritesNumbersInTheirCanonicalForm) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const auto& [value, expected] :
       {NumberCase{0, "0.0"}, NumberCase{1, "1.0"}, NumberCase{-2, "-2.0"}, NumberCase{10, "10.0"},
        NumberCase{100'000, "100000.0"}, NumberCase{1e6, "1e+06"}, NumberCase{1e-5, "1e-05"},
        NumberCase{0.0001, "0.0001"}, NumberCase{0.1, "0.1"}, NumberCase{0.25, "0.25"},
        NumberCase{65'536, "65536.0"}, NumberCase{1'234'567, "1.234567e+06"},
        NumberCase{1e10, "1e+10"}, NumberCase{0.1 + 0.2, "0.30000000000000004"},
        NumberCase{kInfinity, "+Inf"}, NumberCase{-kInfinity, "-Inf"},
        NumberCase{std::numeric_limits<double>::quiet_NaN(), "NaN"}}) {
    EXPECT_THAT(WriteOpenMetrics({FamilyOf("g", MetricType::Gauge, {GaugeOf(value)})}, {}),
                HasSubstr(absl::StrCat("\ng ", expected, "\n")));
  }
}

TEST(OpenMetricsTest, WritesTimesInSeconds) {
  ClientMetric metric = GaugeOf(1);
  metric.timestamp_ms = 1'700'000'000'042;
  EXPECT_THAT(WriteOpenMetrics({FamilyOf("g", MetricType::Gauge, {metric})}, {}),
              HasSubstr("\ng 1.0 1700000000.042\n"));
}

TEST(OpenMetricsTest, WritesSummaries) {
  ClientMetric metric;
  metric.summary.sample_count = 4;
  metric.summary.sample_sum = 2;
  metric.summary.quantile = {{0.5, 0.25}, {1.0, 1.0}};
  EXPECT_EQ(WriteOpenMetrics({FamilyOf("s", MetricType::Summary, {metric})}, {}),
            "# HELP s H.\n# TYPE s summary\ns{quantile=\"0.5\"} 0.25\ns{quantile=\"1.0\"} 1.0\n"
            "s_count 4\ns_sum 2.0\n# EOF\n");
}

TEST(OpenMetricsTest, WritesTheExemplarsOfHistograms) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ClientMetric metric;
  metric.label = {{"model", "m"}};
  metric.histogram.sample_count = 6;
  metric.histogram.sample_sum = 7.5;
  metric.histogram.bucket = {{2, 0.1}, {5, 1.0}, {6, kInfinity}};
  const MetricFamily family = FamilyOf("h", MetricType::Histogram, {metric});
  BucketExemplars exemplars(3);
  exemplars[1] = {
      TraceId{0xab, 1}, 0.5,
      std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'007))};
  exemplars[2] = {TraceId{~0ULL, ~0ULL}, 3, {}};
  EXPECT_EQ(WriteOpenMetrics({family}, {{"h", {exemplars}}, {"unknown", {exemplars}}}),
            "# HELP h H.\n# TYPE h histogram\n"
            "h_bucket{model=\"m\",le=\"0.1\"} 2\n"
            "h_bucket{model=\"m\",le=\"1.0\"} 5 "
            "# {trace_id=\"00000000000000ab0000000000000001\"} 0.5 1700000000.007\n"
            "h_bucket{model=\"m\",le=\"+Inf\"} 6 "
            "# {trace_id=\"ffffffffffffffffffffffffffffffff\"} 3.0 0.000\n"
            "h_count{model=\"m\"} 6\nh_sum{model=\"m\"} 7.5\n# EOF\n");
}

}  // namespace
}  // namespace mlp
