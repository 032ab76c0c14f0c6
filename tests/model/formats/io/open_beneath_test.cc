#include "model/formats/io/open_beneath.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

// Folders "a" and "a/b" below a root, each with a file "in". A file "out" is next to the root.
class OpenBeneathTest : public ::testing::Test {
 protected:
  OpenBeneathTest() {
    std::filesystem::create_directories(root_ / "a" / "b");
    for (const auto& file : {root_ / "in", root_ / "a" / "in", root_ / "a" / "b" / "in"}) {
      std::ofstream(file) << "in";
    }
    std::ofstream(root_.parent_path() / "out") << "out";
    descriptor_ = open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }
  ~OpenBeneathTest() override { close(descriptor_); }

  // The content read from `path`, or the error.
  std::string Outcome(const std::string& path, BeneathBy by) const {
    const int file = OpenBeneath(descriptor_, path, by);
    if (file < 0) return absl::StrCat("error ", errno);
    std::array<char, 8> text{};
    const ssize_t length = read(file, text.data(), text.size());
    const int error = errno;
    close(file);
    return length < 0 ? absl::StrCat("error ", error)
                      : std::string(text.data(), static_cast<std::size_t>(length));
  }

  const TemporaryFolder folder_;
  const std::filesystem::path root_ = folder_.path() / "root";
  int descriptor_ = -1;
};

TEST_F(OpenBeneathTest, TheWalkAgreesWithTheKernel) {
  std::filesystem::create_symlink("../in", root_ / "a" / "up");
  std::filesystem::create_symlink("b/../../a/b/in", root_ / "a" / "about");
  std::filesystem::create_symlink("../../out", root_ / "a" / "leaves");
  std::filesystem::create_symlink(root_ / "in", root_ / "absolute");
  std::filesystem::create_directory_symlink("a/b", root_ / "folder");
  std::filesystem::create_symlink("loop", root_ / "loop");
  std::filesystem::create_symlink("missing", root_ / "dangling");
  std::string names[] = {"in",      "a/in",         "a/b/in",      "./a/./b//in", "a/up",
                         "a/about", "a/leaves",     "absolute",    "folder/in",   "loop",
                         "../out",  "a/../in",      "a/../../out", "dangling",    "missing",
                         "in/in",   "/etc/hostname"};
  for (const std::string& name : names) {
    EXPECT_EQ(Outcome(name, BeneathBy::kWalk), Outcome(name, BeneathBy::kKernel)) << name;
  }
  EXPECT_EQ(Outcome("a/about", BeneathBy::kWalk), "in");
  EXPECT_EQ(Outcome("a/leaves", BeneathBy::kWalk), absl::StrCat("error ", EXDEV));
  EXPECT_EQ(Outcome("loop", BeneathBy::kWalk), absl::StrCat("error ", ELOOP));
}

// Paths and links of random steps: none of them may lead to reading anything outside.
TEST_F(OpenBeneathTest, NeverReadsWhatIsOutside) {
  constexpr int kRounds = 3000;
  std::mt19937 random(7);
  const std::vector<std::string> steps = {"..",  ".",  "a",  "b",  "in",
                                          "out", "l0", "l1", "l2", "root"};
  const auto path = [&] {
    std::string made;
    for (auto count = 1 + random() % 5; count > 0; --count) {
      absl::StrAppend(&made, made.empty() ? "" : "/", steps[random() % steps.size()]);
    }
    return made;
  };
  for (int round = 0; round < kRounds; ++round) {
    const std::filesystem::path place = random() % 2 == 0 ? root_ : root_ / "a";
    const std::filesystem::path link = place / absl::StrCat("l", random() % 3);
    std::filesystem::remove(link);
    std::filesystem::create_symlink(path(), link);
    const std::string asked = path();
    const std::string outcome = Outcome(asked, BeneathBy::kWalk);
    ASSERT_NE(outcome, "out") << asked;
    ASSERT_EQ(outcome == "in", Outcome(asked, BeneathBy::kKernel) == "in") << asked;
  }
}

// While anything on the machine is renamed, openat2 gives up on "..".
TEST_F(OpenBeneathTest, OpensWhileOtherFilesAreRenamed) {
  std::filesystem::create_symlink("../in", root_ / "a" / "up");
  std::atomic<bool> done = false;
  std::thread renaming([&] {
    const std::filesystem::path here = root_ / "b";
    const std::filesystem::path there = root_ / "c";
    std::ofstream(here) << "other";
    while (!done) {
      std::filesystem::rename(here, there);
      std::filesystem::rename(there, here);
    }
  });
  std::map<std::string, int> outcomes;
  constexpr int kOpens = 20'000;
  for (int i = 0; i < kOpens; ++i) ++outcomes[Outcome("a/up", BeneathBy::kKernel)];
  done = true;
  renaming.join();
  EXPECT_EQ(outcomes["in"], kOpens) << ::testing::PrintToString(outcomes);
}

}  // namespace
}  // namespace mlp
