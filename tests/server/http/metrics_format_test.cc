#include "server/http/metrics_format.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"

namespace mlp {
namespace {

struct AcceptCase {
  std::string accept;
  MetricsFormat expected;
};

// Without semicolons, which separate the elements of CMake's lists of tests.
void PrintTo(const AcceptCase& test_case, std::ostream* out) {
  *out << '"' << absl::StrReplaceAll(absl::CEscape(test_case.accept), {{";", " "}}) << '"';
}

class AcceptTest : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(AcceptTest, ChoosesTheFormat) {
  EXPECT_EQ(ChooseMetricsFormat(GetParam().accept), GetParam().expected) << GetParam().accept;
}

constexpr MetricsFormat kOpen = MetricsFormat::kOpenMetrics;
constexpr MetricsFormat kPlain = MetricsFormat::kText;

INSTANTIATE_TEST_SUITE_P(
    Lists, AcceptTest,
    ::testing::Values(
        // The headers of Prometheus 2.5, 2.42 and 3.0.
        AcceptCase{"application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,"
                   "*/*;q=0.1",
                   kPlain},
        AcceptCase{"application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
                   "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                   kOpen},
        AcceptCase{"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                   "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
                   "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                   kOpen},
        // A scraper that prefers the text format, and one that asks for protobuf first.
        AcceptCase{"text/plain;version=0.0.4;q=1,application/openmetrics-text;version=1.0.0;q=0.9",
                   kPlain},
        AcceptCase{"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                   "encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3",
                   kPlain},
        AcceptCase{"", kPlain}, AcceptCase{"*/*", kPlain},
        AcceptCase{"text/html,*/*;q=0.8", kPlain},
        AcceptCase{"application/openmetrics-text", kOpen},
        AcceptCase{"APPLICATION/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.3", kOpen},
        AcceptCase{"application/openmetrics-text;version=2.0.0", kPlain},
        AcceptCase{"application/openmetrics-text;q=0", kPlain},
        AcceptCase{"application/openmetrics-text;q=0.000,*/*;q=0", kPlain},
        AcceptCase{"application/openmetrics-text;q=0.001,text/plain;q=0", kOpen},
        AcceptCase{"application/openmetrics-text;q=0.5,*/*;q=0.6", kPlain},
        AcceptCase{"application/openmetrics-text;q=0.5,text/*;q=0.4,*/*;q=0.6", kOpen},
        AcceptCase{"application/openmetrics-text;q=2", kPlain},
        AcceptCase{"application/openmetrics-text;q=1.001", kPlain},
        AcceptCase{"application/openmetrics-text;q=0.5555", kPlain},
        AcceptCase{"application/openmetrics-text;q=-1", kPlain},
        AcceptCase{"application/openmetrics-text;q=", kPlain},
        AcceptCase{"application/openmetrics-text;q", kPlain}, AcceptCase{";;,,=;q=,", kPlain},
        AcceptCase{std::string(5'000, ','), kPlain}));

}  // namespace
}  // namespace mlp
