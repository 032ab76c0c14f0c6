#include "server/batching/answer_budget.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

constexpr std::int64_t kHeldByACall = AnswerBudget::kBytesPerCall;
constexpr std::int64_t kLarge = AnswerBudget::kSmallBytes;

auto From(const std::string& connection) {
  return [connection] { return connection; };
}

// Holds as many answers of `bytes` as the connection may have.
std::deque<HeldAnswer> HoldAll(AnswerBudget& budget, const std::string& connection,
                               std::int64_t bytes) {
  std::deque<HeldAnswer> held(1);
  while (!budget.Hold(bytes, From(connection), held.back()).has_value()) held.emplace_back();
  held.pop_back();
  return held;
}

TEST(AnswerBudgetTest, HoldsBytesUntilTheAnswerIsReleased) {
  AnswerBudget budget(1 << 20);
  for (const std::int64_t bytes : {std::int64_t{100}, kLarge}) {
    HeldAnswer held;
    EXPECT_EQ(budget.Hold(bytes, From("a"), held), std::nullopt);
    EXPECT_EQ(budget.bytes(), bytes + kHeldByACall);
    const HeldAnswer moved = std::move(held);
    EXPECT_EQ(budget.bytes(), bytes + kHeldByACall);
  }
  EXPECT_EQ(budget.bytes(), 0);
}

TEST(AnswerBudgetTest, AdmitsASingleAnswerOfAnySize) {
  AnswerBudget budget(1 << 20);
  HeldAnswer huge;
  HeldAnswer other;
  EXPECT_EQ(budget.Hold(8 << 20, From("a"), huge), std::nullopt);
  EXPECT_EQ(budget.Hold(2 * kLarge, From("b"), other), RejectionReason::kAnswerBytes);
  huge.Release();
  EXPECT_EQ(budget.Hold(2 * kLarge, From("b"), other), std::nullopt);
  EXPECT_EQ(budget.Hold(8 << 20, From("a"), huge), RejectionReason::kAnswerBytes);
}

TEST(AnswerBudgetTest, KeepsOneConnectionFromTakingTheShareOfOthers) {
  AnswerBudget budget(100 * (kLarge + kHeldByACall));
  std::deque<HeldAnswer> greedy = HoldAll(budget, "greedy", kLarge);
  EXPECT_EQ(greedy.size(), 25U);
  EXPECT_EQ(HoldAll(budget, "other", kLarge).size(), 18U);
  greedy.pop_back();
  EXPECT_EQ(budget.Hold(kLarge, From("greedy"), greedy.emplace_back()), std::nullopt);
  greedy.clear();
  EXPECT_EQ(budget.bytes(), 0);
}

TEST(AnswerBudgetTest, KeepsRoomForOthersDespiteManyUnreadSmallAnswers) {
  AnswerBudget budget(std::int64_t{32} << 20);
  std::vector<std::deque<HeldAnswer>> held;
  for (int i = 0; i < 6; ++i) held.push_back(HoldAll(budget, absl::StrCat("greedy", i), 100));
  EXPECT_GT(budget.bytes(), 25 << 20);
  EXPECT_GE(HoldAll(budget, "healthy", 100).size(), 64U);
  held.clear();
  EXPECT_EQ(budget.bytes(), 0);
}

TEST(AnswerBudgetTest, AlwaysAdmitsASmallAnswerForAConnectionThatHoldsNone) {
  AnswerBudget budget(1 << 20);
  std::vector<std::deque<HeldAnswer>> held;
  for (int i = 0; i < 500; ++i) {
    held.push_back(HoldAll(budget, absl::StrCat("greedy", i), 100));
    ASSERT_FALSE(held.back().empty()) << i;
  }
  HeldAnswer only;
  EXPECT_EQ(budget.Hold(kLarge - 1, From("healthy"), only), std::nullopt);
  EXPECT_EQ(budget.Hold(kLarge + 1, From("another"), only), RejectionReason::kAnswerBytes);
}

TEST(AnswerBudgetTest, DoesNotLookUpTheConnectionOfASmallAnswerWhileThereIsRoom) {
  AnswerBudget budget(std::int64_t{256} << 20);
  const auto never = []() -> std::string {
    ADD_FAILURE() << "asked for the connection";
    return "";
  };
  std::vector<HeldAnswer> held(1000);
  for (HeldAnswer& answer : held) EXPECT_EQ(budget.Hold(kLarge - 1, never, answer), std::nullopt);
}

}  // namespace
}  // namespace mlp
