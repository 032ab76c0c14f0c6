#include "server/http/page_writer.h"

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

// The writer never uses connections; it only hands them back.
constexpr MHD_Connection* kNoConnection = nullptr;

class PageWriterTest : public ::testing::Test {
 protected:
  void Start(std::function<std::string()> write, int most = 4) {
    writer_ = std::make_unique<PageWriter>(
        [write = std::move(write)](const PageTarget& target) {
          return HttpPage{.text = target.path + write()};
        },
        most, [this](MHD_Connection*) { ++resumed_; });
  }

  std::unique_ptr<PageRequest> Ask(const PageTarget& target = {}) {
    auto request = writer_->NewRequest(kNoConnection, target);
    if (request != nullptr) writer_->Ask(*request);
    return request;
  }

  bool HaveResumed(int count) {
    return Eventually([&] { return resumed_ == count; });
  }

  std::atomic<int> resumed_ = 0;
  std::unique_ptr<PageWriter> writer_;
};

TEST_F(PageWriterTest, WritesForEachConnection) {
  std::atomic<int> written = 0;
  Start([&] { return std::to_string(++written); });
  for (int i = 1; i <= 3; ++i) {
    const auto request = Ask();
    ASSERT_NE(request, nullptr);
    ASSERT_TRUE(HaveResumed(i));
    EXPECT_EQ(request->page->text, std::to_string(i));
  }
}

TEST_F(PageWriterTest, WaitersForOnePageShareIt) {
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
  EXPECT_EQ(second->page, third->page);
  EXPECT_NE(first->page, second->page);
}

TEST_F(PageWriterTest, WaitersForOtherPagesGetTheirOwn) {
  std::promise<void> go;
  std::shared_future<void> gone = go.get_future().share();
  std::atomic<int> written = 0;
  Start(
      [&, gone] {
        ++written;
        gone.wait();
        return std::string("!");
      },
      8);
  const auto first = Ask();
  ASSERT_TRUE(Eventually([&] { return written == 1; }));
  const PageTarget still{.path = "/a", .refreshes = false};
  const auto a = Ask({.path = "/a"});
  const auto b = Ask({.path = "/b"});
  const auto still_a = Ask(still);
  const auto a_again = Ask({.path = "/a"});
  const auto still_again = Ask(still);
  go.set_value();
  ASSERT_TRUE(HaveResumed(6));
  EXPECT_EQ(written, 4);
  EXPECT_EQ(a->page->text, "/a!");
  EXPECT_EQ(b->page->text, "/b!");
  EXPECT_EQ(a->page, a_again->page);
  EXPECT_EQ(still_a->page, still_again->page);
  EXPECT_NE(a->page, still_a->page);
}

TEST_F(PageWriterTest, AReleasedRequestFreesItsPlace) {
  Start([] { return std::string("text"); }, 2);
  auto first = Ask();
  const auto second = Ask();
  EXPECT_EQ(writer_->NewRequest(kNoConnection, {}), nullptr);
  ASSERT_TRUE(HaveResumed(2));
  EXPECT_EQ(writer_->NewRequest(kNoConnection, {}), nullptr) << "it has not been sent yet";
  first.reset();
  EXPECT_NE(writer_->NewRequest(kNoConnection, {}), nullptr);
}

TEST_F(PageWriterTest, ContinuesIfThereIsNoMemoryForOnePage) {
  std::atomic<bool> fails = true;
  Start([&]() -> std::string {
    if (fails) throw std::bad_alloc();
    return "text";
  });
  const auto without = Ask();
  ASSERT_TRUE(HaveResumed(1));
  EXPECT_EQ(without->page, nullptr);
  fails = false;
  const auto with = Ask();
  ASSERT_TRUE(HaveResumed(2));
  EXPECT_EQ(with->page->text, "text");
}

TEST_F(PageWriterTest, ResumesAllAtItsEnd) {
  Start([] { return std::string("text"); });
  writer_->Stop();
  const auto request = Ask();
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(resumed_, 1);
  EXPECT_EQ(request->page, nullptr);
}

}  // namespace
}  // namespace mlp
