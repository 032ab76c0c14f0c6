#include "server/batching/answer_budget.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mlp {
namespace {

constexpr std::int64_t kHeldByACall = AnswerBudget::kBytesOfACall;
constexpr std::int64_t kLarge = AnswerBudget::kSmallBytes;

auto From(const std::string& connection) {
  return [connection] { return connection; };
}

TEST(AnswerBudgetTest, HoldsUntilTheAnswerIsGone) {
  AnswerBudget budget({.bytes = 1000, .connection_bytes = 1000});
  {
    HeldAnswer held;
    EXPECT_EQ(budget.Hold(100, From("a"), held), std::nullopt);
    EXPECT_EQ(budget.bytes(), 100 + kHeldByACall);
    const HeldAnswer moved = std::move(held);
    EXPECT_EQ(budget.bytes(), 100 + kHeldByACall);
  }
  EXPECT_EQ(budget.bytes(), 0);
}

TEST(AnswerBudgetTest, TakesAnswersUpToTheLimitAndAlwaysOne) {
  AnswerBudget budget({.bytes = 2 * (100 + kHeldByACall), .connection_bytes = 1 << 20});
  HeldAnswer first;
  HeldAnswer second;
  HeldAnswer third;
  EXPECT_EQ(budget.Hold(100, From("a"), first), std::nullopt);
  EXPECT_EQ(budget.Hold(101, From("a"), second), RejectionReason::kAnswerBytes);
  EXPECT_EQ(budget.Hold(100, From("a"), second), std::nullopt);
  EXPECT_EQ(budget.Hold(0, From("b"), third), RejectionReason::kAnswerBytes);
  first.Release();
  second.Release();
  EXPECT_EQ(budget.Hold(1 << 20, From("a"), third), std::nullopt);
}

TEST(AnswerBudgetTest, KeepsOneConnectionFromTakingTheShareOfOthers) {
  AnswerBudget budget(
      {.bytes = 100 * (kLarge + kHeldByACall), .connection_bytes = 2 * (kLarge + kHeldByACall)});
  std::vector<HeldAnswer> held(4);
  EXPECT_EQ(budget.Hold(kLarge, From("greedy"), held[0]), std::nullopt);
  EXPECT_EQ(budget.Hold(kLarge, From("greedy"), held[1]), std::nullopt);
  EXPECT_EQ(budget.Hold(kLarge, From("greedy"), held[2]), RejectionReason::kAnswerBytes);
  EXPECT_EQ(budget.Hold(kLarge, From("other"), held[2]), std::nullopt);
  held[0].Release();
  EXPECT_EQ(budget.Hold(kLarge, From("greedy"), held[3]), std::nullopt);
  held.clear();
  EXPECT_EQ(budget.bytes(), 0);
}

TEST(AnswerBudgetTest, DoesNotAskForTheConnectionOfASmallAnswer) {
  AnswerBudget budget({});
  HeldAnswer held;
  const auto never = []() -> std::string {
    ADD_FAILURE() << "asked for the connection";
    return "";
  };
  EXPECT_EQ(budget.Hold(kLarge - 1, never, held), std::nullopt);
}

}  // namespace
}  // namespace mlp
