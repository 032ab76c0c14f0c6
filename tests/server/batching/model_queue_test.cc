#include "server/batching/model_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Clock = QueuedRequest::Clock;

class WaitingRequest final : public QueuedRequest {
 public:
  WaitingRequest(std::string its_name, std::int64_t its_rows)
      : name(std::move(its_name)), rows_(its_rows) {}

  std::int64_t rows() const { return rows_; }
  bool client_has_gone() const { return cancelled; }

  const std::string name;
  bool cancelled = false;

 private:
  const std::int64_t rows_;
};

class ModelQueueTest : public ::testing::Test {
 protected:
  using Queued = ModelQueue<WaitingRequest>;

  Queued& Queue() {
    if (!queue_.has_value()) {
      load_.emplace(scheduling_.levels.size());
      queue_.emplace(scheduling_, *load_, 8);
    }
    return *queue_;
  }

  WaitingRequest& Push(const std::string& name, std::int64_t rows, std::size_t level = 0) {
    std::unique_ptr<WaitingRequest> request = Made(name, rows, level);
    WaitingRequest& pushed = *request;
    EXPECT_TRUE(Queue().Push(request)) << name;
    return pushed;
  }

  void PushWork(const std::string& name, std::int64_t rows, std::int64_t work_per_row) {
    std::unique_ptr<WaitingRequest> request = Made(name, rows);
    request->work_per_row = work_per_row;
    EXPECT_TRUE(Queue().Push(request)) << name;
  }

  std::unique_ptr<WaitingRequest> Made(const std::string& name, std::int64_t rows,
                                       std::size_t level = 0) {
    auto request = std::make_unique<WaitingRequest>(name, rows);
    request->level = level;
    request->arrival = now_;
    return request;
  }

  // The content of the next batch as "name:first+rows", followed by the refused requests as
  // "name!why".
  std::vector<std::string> Cut(std::chrono::duration<double> time_per_row = seconds(0)) {
    BatchCut<WaitingRequest> cut;
    Queue().Cut(now_, time_per_row, cut);
    std::vector<std::string> words;
    std::int64_t rows = 0;
    for (const BatchPiece<WaitingRequest>& piece : cut.pieces) {
      words.push_back(absl::StrCat(piece.request->name, ":", piece.first_row, "+", piece.rows));
      rows += piece.rows;
      EXPECT_EQ(piece.owned != nullptr, piece.last());
    }
    EXPECT_EQ(rows, cut.rows);
    EXPECT_LE(rows, 8);
    for (const BatchCut<WaitingRequest>::Refusal& refusal : cut.refused) {
      words.push_back(absl::StrCat(refusal.request->name, "!", NameOf(refusal.reason)));
    }
    return words;
  }

  Scheduling scheduling_;
  std::optional<QueueLoad> load_;
  std::optional<Queued> queue_;
  Clock::time_point now_ = Clock::time_point(seconds(1000));
};

TEST_F(ModelQueueTest, CutsWholeRequestsInTheOrderOfTheirArrival) {
  Push("a", 3);
  Push("b", 4);
  Push("c", 2);
  Push("d", 1);
  EXPECT_EQ(Queue().waiting_rows(), 10);
  EXPECT_THAT(Cut(), ElementsAre("a:0+3", "b:0+4"));
  EXPECT_THAT(Cut(), ElementsAre("c:0+2", "d:0+1"));
  EXPECT_TRUE(Queue().empty());
  EXPECT_EQ(Queue().waiting_rows(), 0);
  EXPECT_THAT(Cut(), IsEmpty());
}

TEST_F(ModelQueueTest, ALargeRequestSharesEachBatchWithThoseBehindIt) {
  Push("large", 20);
  Push("a", 1);
  Push("b", 1);
  EXPECT_THAT(Cut(), ElementsAre("a:0+1", "b:0+1", "large:0+6"));
  Push("c", 4);
  Push("d", 4);
  EXPECT_THAT(Cut(), ElementsAre("c:0+4", "large:6+4"));
  EXPECT_THAT(Cut(), ElementsAre("d:0+4", "large:10+4"));
  EXPECT_THAT(Cut(), ElementsAre("large:14+6"));
  EXPECT_TRUE(Queue().empty());
}

TEST_F(ModelQueueTest, SeveralLargeRequestsEndOneAfterTheOther) {
  Push("first", 12);
  Push("second", 9);
  EXPECT_THAT(Cut(), ElementsAre("first:0+8"));
  EXPECT_THAT(Cut(), ElementsAre("first:8+4", "second:0+4"));
  EXPECT_THAT(Cut(), ElementsAre("second:4+5"));
}

TEST_F(ModelQueueTest, ABatchHoldsALimitedAmountOfWork) {
  constexpr std::int64_t kQuarter = Queued::kMaxWork / 4;
  for (const char* name : {"a", "b", "c"}) PushWork(name, 2, kQuarter);
  EXPECT_THAT(Cut(), ElementsAre("a:0+2", "b:0+2"));
  EXPECT_THAT(Cut(), ElementsAre("c:0+2"));
  PushWork("much", 2, 5 * kQuarter);
  EXPECT_THAT(Cut(), ElementsAre("much:0+1"));
  EXPECT_THAT(Cut(), ElementsAre("much:1+1"));
  EXPECT_TRUE(Queue().empty());
}

TEST_F(ModelQueueTest, ARequestOfMuchWorkSharesEachBatchWithThoseBehindIt) {
  constexpr std::int64_t kQuarter = Queued::kMaxWork / 4;
  PushWork("much", 8, kQuarter);
  PushWork("a", 2, kQuarter);
  PushWork("b", 2, kQuarter);
  Push("plain", 1);
  EXPECT_THAT(Cut(), ElementsAre("a:0+2", "much:0+2"));
  EXPECT_THAT(Cut(), ElementsAre("b:0+2", "plain:0+1", "much:2+2"));
  Push("c", 1);
  EXPECT_THAT(Cut(), ElementsAre("c:0+1", "much:4+4"));
  EXPECT_TRUE(Queue().empty());
}

TEST_F(ModelQueueTest, MoreUrgentLevelsGoFirst) {
  scheduling_.levels.resize(3);
  Push("low", 4, 2);
  Push("middle", 4, 1);
  Push("high", 4, 0);
  EXPECT_THAT(Cut(), ElementsAre("high:0+4", "middle:0+4"));
  EXPECT_THAT(Cut(), ElementsAre("low:0+4"));
}

TEST_F(ModelQueueTest, RefusesCancelledRequestsAndThoseThatWouldMissTheirDeadline) {
  Push("gone", 1).cancelled = true;
  auto& past = Push("past", 1);
  past.deadline = now_;
  past.cancelled = true;  // by gRPC, when the deadline passes
  Push("close", 2).deadline = now_ + milliseconds(19);
  Push("far", 2).deadline = now_ + milliseconds(21);
  EXPECT_THAT(Cut(milliseconds(10)),
              ElementsAre("far:0+2", "gone!cancelled", "past!deadline", "close!deadline"));
  EXPECT_TRUE(Queue().empty());
  EXPECT_EQ(Queue().waiting_rows(), 0);
}

TEST_F(ModelQueueTest, RefusesAfterTheTimeout) {
  Push("a", 1).timeout = now_ + milliseconds(5);
  Push("b", 1);
  now_ += milliseconds(5);
  EXPECT_THAT(Cut(), ElementsAre("b:0+1", "a!timeout"));
}

TEST_F(ModelQueueTest, DelaysAfterTheTimeoutIfThePolicySaysSo) {
  scheduling_.levels[0].delay_on_timeout = true;
  Push("a", 4).timeout = now_ + milliseconds(5);
  Push("b", 4);
  Push("c", 4);
  now_ += milliseconds(5);
  EXPECT_THAT(Cut(), ElementsAre("b:0+4", "c:0+4"));
  EXPECT_THAT(Cut(), ElementsAre("a:0+4"));
}

TEST_F(ModelQueueTest, FinishesAStartedLargeRequestDespiteItsTimeout) {
  Push("large", 12).timeout = now_ + milliseconds(5);
  EXPECT_THAT(Cut(), ElementsAre("large:0+8"));
  now_ += milliseconds(5);
  EXPECT_THAT(Cut(), ElementsAre("large:8+4"));
}

TEST_F(ModelQueueTest, LimitsTheWaitingRequestsOverAllThreads) {
  scheduling_.levels.resize(2);
  scheduling_.levels[0].max_queue_size = 2;
  Push("a", 1);
  Queued of_another_thread(scheduling_, *load_, 8);
  std::unique_ptr<WaitingRequest> b = Made("b", 1);
  EXPECT_TRUE(of_another_thread.Push(b));
  std::unique_ptr<WaitingRequest> c = Made("c", 1);
  EXPECT_FALSE(Queue().Push(c));
  Push("other level", 1, 1);
  EXPECT_THAT(Cut(), ElementsAre("a:0+1", "other level:0+1"));
  EXPECT_TRUE(Queue().Push(c));
}

TEST_F(ModelQueueTest, IsReadyImmediatelyWithoutADelay) {
  EXPECT_EQ(Queue().ReadyAt(), Clock::time_point::max());
  Push("a", 1);
  EXPECT_LE(Queue().ReadyAt(), now_);
}

TEST_F(ModelQueueTest, WaitsForTheDelayUnlessABatchIsFull) {
  scheduling_.max_queue_delay = milliseconds(10);
  Push("a", 3);
  EXPECT_EQ(Queue().ReadyAt(), now_ + milliseconds(10));
  Push("b", 5);
  EXPECT_LE(Queue().ReadyAt(), now_);
}

TEST_F(ModelQueueTest, WaitsNoLongerThanUntilATimeout) {
  scheduling_.max_queue_delay = milliseconds(10);
  Push("a", 3).timeout = now_ + milliseconds(4);
  EXPECT_EQ(Queue().ReadyAt(), now_ + milliseconds(4));
}

TEST_F(ModelQueueTest, CutsAtTheLargestPreferredSizeThatIsFilled) {
  scheduling_.max_queue_delay = milliseconds(10);
  scheduling_.preferred_batch_rows = {2, 4};
  Push("a", 1);
  EXPECT_GT(Queue().ReadyAt(), now_);
  Push("b", 1);
  EXPECT_LE(Queue().ReadyAt(), now_);
  for (const char* name : {"c", "d", "e"}) Push(name, 1);
  EXPECT_THAT(Cut(), ElementsAre("a:0+1", "b:0+1", "c:0+1", "d:0+1"));
  EXPECT_THAT(Cut(), ElementsAre("e:0+1"));
}

}  // namespace
}  // namespace mlp
