#include "client/bench/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mlp {
namespace {

using ::testing::HasSubstr;

TEST(SweepTest, ReadsConcurrenciesInTheirOrder) {
  const auto targets = ParseConcurrencies("64,1,10000");
  ASSERT_TRUE(targets.ok()) << targets.status();
  ASSERT_EQ(targets->size(), 3U);
  EXPECT_EQ((*targets)[0].concurrency, 64);
  EXPECT_EQ((*targets)[1].concurrency, 1);
  EXPECT_EQ((*targets)[2].concurrency, 10'000);
  for (const LoadTarget& target : *targets) EXPECT_FALSE(target.open());
}

TEST(SweepTest, ReadsRatesInTheirOrder) {
  const auto targets = ParseRates("2000,0.5,1e6");
  ASSERT_TRUE(targets.ok()) << targets.status();
  ASSERT_EQ(targets->size(), 3U);
  EXPECT_EQ((*targets)[0].rate, 2000.0);
  EXPECT_EQ((*targets)[1].rate, 0.5);
  EXPECT_EQ((*targets)[2].rate, 1e6);
  for (const LoadTarget& target : *targets) EXPECT_TRUE(target.open());
}

TEST(SweepTest, NamesThePartThatIsNotAConcurrency) {
  for (const std::string part : {"", "0", "-1", "10001", "1.5", "x", "99999999999"}) {
    const auto targets = ParseConcurrencies("8," + part);
    EXPECT_TRUE(absl::IsInvalidArgument(targets.status())) << part;
    EXPECT_THAT(targets.status().message(), HasSubstr("'" + part + "'"));
  }
}

TEST(SweepTest, NamesThePartThatIsNotARate) {
  for (const std::string part : {"", "0", "-1", "1000001", "nan", "inf", "x"}) {
    const auto targets = ParseRates("8," + part);
    EXPECT_TRUE(absl::IsInvalidArgument(targets.status())) << part;
    EXPECT_THAT(targets.status().message(), HasSubstr("'" + part + "'"));
  }
}

}  // namespace
}  // namespace mlp
