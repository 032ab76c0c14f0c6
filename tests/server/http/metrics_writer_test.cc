#include "server/http/metrics_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "tests/eventually.h"

namespace mlp {
namespace {

// The writer only hands connections back.
constexpr MHD_Connection* kNoConnection = nullptr;

class MetricsWriterTest : public ::testing::Test {
 protected:
  void Start(std::function<std::string()> write, int most = 4) {
    writer_ = std::make_unique<MetricsWriter>(std::move(write), most,
                                              [this](MHD_Connection*) { ++resumed_; });
  }

  std::unique_ptr<MetricsRequest> Ask() {
    auto request = writer_->NewRequest(kNoConnection);
    if (request != nullptr) writer_->Ask(*request);
    return request;
  }

  bool HaveResumed(int count) {
    return Eventually([&] { return resumed_ == count; });
  }

  std::atomic<int> resumed_ = 0;
  std::unique_ptr<MetricsWriter> writer_;
};

TEST_F(MetricsWriterTest, WritesForEachThatAsks) {
  std::atomic<int> written = 0;
  Start([&] { return std::to_string(++written); });
  for (int i = 1; i <= 3; ++i) {
    const auto request = Ask();
    ASSERT_NE(request, nullptr);
    ASSERT_TRUE(HaveResumed(i));
    EXPECT_EQ(*request->text, std::to_string(i));
  }
}

TEST_F(MetricsWriterTest, ThoseThatWaitShareOneText) {
  std::promise<void> go;
  std::shared_future<void> gone = go.get_future().share();
  std::atomic<int> written = 0;
  Start([&, gone] {
    ++written;
    gone.wait();
    return std::string("text");
  });
  const auto first = Ask();
  ASSERT_TRUE(Eventually([&] { return written == 1; }));
  const auto second = Ask();
  const auto third = Ask();
  go.set_value();
  ASSERT_TRUE(HaveResumed(3));
  EXPECT_EQ(written, 2) << "those that came meanwhile see what came meanwhile";
  EXPECT_EQ(second->text.get(), third->text.get());
  EXPECT_NE(first->text.get(), second->text.get());
}

TEST_F(MetricsWriterTest, APlaceIsGivenBack) {
  Start([] { return std::string("text"); }, 2);
  auto first = Ask();
  const auto second = Ask();
  EXPECT_EQ(writer_->NewRequest(kNoConnection), nullptr);
  ASSERT_TRUE(HaveResumed(2));
  EXPECT_EQ(writer_->NewRequest(kNoConnection), nullptr) << "it has not been sent yet";
  first.reset();
  EXPECT_NE(writer_->NewRequest(kNoConnection), nullptr);
}

TEST_F(MetricsWriterTest, GoesOnWhereThereIsNoMemoryForOne) {
  std::atomic<bool> fails = true;
  Start([&]() -> std::string {
    if (fails) throw std::bad_alloc();
    return "text";
  });
  const auto without = Ask();
  ASSERT_TRUE(HaveResumed(1));
  EXPECT_EQ(without->text, nullptr);
  fails = false;
  const auto with = Ask();
  ASSERT_TRUE(HaveResumed(2));
  EXPECT_EQ(*with->text, "text");
}

TEST_F(MetricsWriterTest, ResumesAllAtItsEnd) {
  Start([] { return std::string("text"); });
  writer_->Stop();
  const auto request = Ask();
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(resumed_, 1);
  EXPECT_EQ(request->text, nullptr);
}

}  // namespace
}  // namespace mlp
