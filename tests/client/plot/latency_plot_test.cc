#include "client/plot/latency_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(LatencyPlotTest, DrawsEachPercentileOfEachLoad) {
  const std::string svg = LatencyPlot(
      "model & server",
      {{1000, 100, 150, 400, 900}, {2000, 110, 170, 500, 5000}, {4000, 200, 900, 9000, 80'000}});
  EXPECT_EQ(Count(svg, "<circle"), 12U);
  for (const char* name : {"p50", "p90", "p99", "p99.9"}) EXPECT_THAT(svg, HasSubstr(name));
  EXPECT_THAT(svg, HasSubstr("model &amp; server"));
  // The axes have round numbers.
  for (const char* tick : {">100 µs<", ">1 ms<", ">100 ms<", ">4,000<"}) {
    EXPECT_THAT(svg, HasSubstr(tick));
  }
}

TEST(LatencyPlotTest, OmitsLoadsWithoutAnswers) {
  const std::string svg = LatencyPlot("t", {{0, 0, 0, 0, 0}, {1000, 100, 100, 100, 100}});
  EXPECT_EQ(Count(svg, "<circle"), 4U);
  for (const auto& points : {std::vector<LatencyPoint>{}, {{0, 0, 0, 0, 0}}}) {
    const std::string empty = LatencyPlot("t", points);
    EXPECT_EQ(Count(empty, "<circle"), 0U);
    EXPECT_THAT(empty, Not(HasSubstr("nan")));
    EXPECT_THAT(empty, Not(HasSubstr("inf")));
  }
}

}  // namespace
}  // namespace mlp
