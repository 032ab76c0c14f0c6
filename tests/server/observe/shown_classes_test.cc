#include "server/observe/shown_classes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mlp {
namespace {

std::vector<std::string> NamesOf(const std::vector<ShownClass>& classes) {
  std::vector<std::string> names;
  for (const ShownClass& shown : classes) names.push_back(shown.name);
  return names;
}

struct NameCase {
  std::int64_t classes;
  std::vector<std::string> names;
  std::vector<std::string> shown;
};

TEST(ShownClassesTest, HaveUniqueNamesOrNumbers) {
  const std::vector<NameCase> cases = {{0, {}, {}},
                                       {3, {}, {"0", "1", "2"}},
                                       {2, {"cat", "dog"}, {"cat", "dog"}},
                                       {3, {"cat"}, {"cat", "1", "2"}},
                                       {3, {"", "other", "cat"}, {"0", "other#1", "cat"}},
                                       {3, {"cat", "cat", "cat#1"}, {"cat", "cat#1", "cat#1#2"}},
                                       {2, {"1", ""}, {"1", "1#1"}},
                                       {3, {"a#2", "a", "a"}, {"a#2", "a", "a#2#"}}};
  for (const NameCase& test_case : cases) {
    EXPECT_EQ(NamesOf(ChooseShownClasses(test_case.classes, test_case.names, {})), test_case.shown)
        << ::testing::PrintToString(test_case.names);
  }
}

TEST(ShownClassesTest, AreTheFirstClassesOrThoseWithTheGreatestShares) {
  const auto indices = [](absl::Span<const double> shares) {
    std::vector<std::int64_t> of_classes;
    for (const ShownClass& shown : ChooseShownClasses(100, {}, shares)) {
      of_classes.push_back(shown.index);
    }
    return of_classes;
  };
  EXPECT_EQ(indices({}).size(), kMaxShownClasses);
  EXPECT_EQ(indices({}).back(), 31);
  std::vector<double> shares(100, 0.001);
  shares[77] = 0.5;
  shares[3] = 0.0;
  EXPECT_EQ(indices(shares).back(), 77);
  EXPECT_EQ(indices(shares)[3], 4);
  EXPECT_EQ(indices(shares).size(), kMaxShownClasses);
}

}  // namespace
}  // namespace mlp
