#include "server/batching/split_choice.h"

#include <gtest/gtest.h>

#include <utility>

namespace mlp {
namespace {

using namespace std::chrono_literals;
using Seconds = SplitChoice::Seconds;

// A machine on which a batch takes these times.
struct Machine {
  Seconds split;
  Seconds whole;
};

// Evaluates `batches` batches of `rows` rows. Returns how many of them were split.
int Evaluate(SplitChoice& choice, const Machine& machine, int batches, std::int64_t rows = 20) {
  int split = 0;
  for (int batch = 0; batch < batches; ++batch) {
    const bool splits = choice.Splits(rows);
    choice.Observe(rows, splits, splits ? machine.split : machine.whole);
    if (splits) ++split;
  }
  return split;
}

constexpr Machine kIdle = {300us, 500us};
constexpr Machine kBusy = {480us, 500us};

TEST(SplitChoiceTest, SplitsIfOtherCpusAreIdle) {
  SplitChoice choice(2);
  Evaluate(choice, kIdle, 10);
  EXPECT_GE(Evaluate(choice, kIdle, 1000), 980);
}

TEST(SplitChoiceTest, DoesNotSplitIfThatTakesAboutAsLong) {
  SplitChoice choice(2);
  Evaluate(choice, kBusy, 10);
  EXPECT_LE(Evaluate(choice, kBusy, 1000), 20);
}

TEST(SplitChoiceTest, AdaptsToTheLoadOfTheMachine) {
  SplitChoice choice(2);
  Evaluate(choice, kBusy, 1000);
  Evaluate(choice, kIdle, 20 * SplitChoice::kTryEvery);
  EXPECT_GE(Evaluate(choice, kIdle, 1000), 980);
  Evaluate(choice, kBusy, 20 * SplitChoice::kTryEvery);
  EXPECT_LE(Evaluate(choice, kBusy, 1000), 20);
}

TEST(SplitChoiceTest, LearnsEachBatchSizeSeparately) {
  SplitChoice choice(2);
  Evaluate(choice, kBusy, 1000, 20);
  Evaluate(choice, kIdle, 10, 200);
  EXPECT_GE(Evaluate(choice, kIdle, 100, 200), 98);
  EXPECT_LE(Evaluate(choice, kBusy, 100, 20), 2);
  EXPECT_GE(Evaluate(choice, kIdle, 100, std::int64_t{1} << 40), 98);
}

TEST(SplitChoiceTest, GivesAnInterruptedBatchLittleWeight) {
  SplitChoice choice(2);
  Evaluate(choice, kIdle, 100);
  choice.Observe(20, true, 1s);
  Evaluate(choice, kIdle, 10);
  EXPECT_GE(Evaluate(choice, kIdle, 100), 98);
}

// Such a batch would hold up all others.
TEST(SplitChoiceTest, TriesNoLongBatchOnOneThread) {
  SplitChoice choice(8);
  constexpr Machine kLong = {8ms, 64ms};
  EXPECT_EQ(Evaluate(choice, kLong, 1000), 1000);
  constexpr Machine kShorter = {5ms, 12ms};
  EXPECT_GE(Evaluate(choice, kShorter, 1000, 200), 999) << "tried once";
}

TEST(SplitChoiceTest, LearnsOnABusyMachineThatLongBatchesAreBetterWhole) {
  for (const auto& [threads, machine] :
       {std::pair(8, Machine{1.8ms, 1.5ms}), std::pair(4, Machine{3.6ms, 3ms}),
        std::pair(2, Machine{7.2ms, 6ms})}) {
    SplitChoice choice(threads);
    EXPECT_LE(Evaluate(choice, machine, 1000), 20) << threads;
  }
}

TEST(SplitChoiceTest, ComparesBatchesOfOneSizeByTheirRows) {
  for (const int first : {0, 1}) {
    SplitChoice choice(2);
    int split = 0;
    for (int batch = 0; batch < 1000; ++batch) {
      const std::int64_t rows = batch % 2 == first ? 1024 : 2047;
      const Seconds whole = rows * 1us;
      split += Evaluate(choice, {0.7 * whole, whole}, 1, rows);
    }
    EXPECT_GE(split, 970) << first;
  }
}

TEST(SplitChoiceTest, NeverSplitsWithOneThread) {
  SplitChoice choice(1);
  EXPECT_EQ(Evaluate(choice, kIdle, 200), 0);
}

}  // namespace
}  // namespace mlp
