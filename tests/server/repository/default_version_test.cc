#include "server/repository/default_version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;

// A version is written as one letter, the name of its inputs.
ModelInterface InterfaceNamed(char letter) {
  return {{{std::string(1, letter), {4}, Datatype::kFp32}}, {}};
}

std::map<std::int64_t, ModelInterface> Served(const std::map<std::int64_t, char>& letters) {
  std::map<std::int64_t, ModelInterface> served;
  for (const auto& [version, letter] : letters) served[version] = InterfaceNamed(letter);
  return served;
}

struct DefaultCase {
  const char* name;
  std::map<std::int64_t, char> served;
  DefaultChoice choice;
  std::int64_t expected;
  std::vector<std::int64_t> held_back;
};

void PrintTo(const DefaultCase& test_case, std::ostream* out) { *out << test_case.name; }

class DefaultVersionChoiceTest : public ::testing::TestWithParam<DefaultCase> {};

TEST_P(DefaultVersionChoiceTest, ChoosesTheExpectedVersion) {
  const DefaultVersion chosen = ChooseDefault(Served(GetParam().served), GetParam().choice);
  EXPECT_EQ(chosen.version, GetParam().expected);
  std::vector<std::int64_t> held_back;
  for (const auto& [version, difference] : chosen.held_back) {
    EXPECT_FALSE(difference.empty());
    held_back.push_back(version);
  }
  EXPECT_EQ(held_back, GetParam().held_back);
}

INSTANTIATE_TEST_SUITE_P(
    All, DefaultVersionChoiceTest,
    ::testing::Values(
        DefaultCase{"NothingServed", {}, {}, 0, {}}, DefaultCase{"One", {{3, 'a'}}, {}, 3, {}},
        DefaultCase{"TheNewestOfTheSame", {{1, 'a'}, {2, 'a'}, {10, 'a'}}, {}, 10, {}},
        DefaultCase{"NotAnother", {{1, 'a'}, {2, 'b'}}, {}, 1, {2}},
        DefaultCase{"OneBehindAnother", {{1, 'a'}, {2, 'b'}, {3, 'a'}}, {}, 3, {}},
        DefaultCase{"Others", {{1, 'a'}, {2, 'a'}, {3, 'b'}, {4, 'c'}}, {}, 2, {3, 4}},
        DefaultCase{"Established", {{4, 'b'}, {5, 'a'}}, {{}, true, InterfaceNamed('a'), 0}, 5, {}},
        DefaultCase{"EstablishedIsNotServed",
                    {{4, 'b'}, {5, 'b'}},
                    {{}, true, InterfaceNamed('a'), 0},
                    0,
                    {4, 5}},
        DefaultCase{"Chosen", {{1, 'a'}, {2, 'b'}}, {{}, false, {}, 0}, 2, {}},
        DefaultCase{"Labelled", {{1, 'a'}, {2, 'b'}, {3, 'a'}}, {2, true, {}, 3}, 2, {}},
        DefaultCase{"LabelledIsNotServed", {{1, 'a'}, {2, 'a'}}, {9, true, {}, 1}, 1, {}},
        DefaultCase{
            "LabelledIsNotServedAtTheStart", {{1, 'a'}, {2, 'a'}}, {9, true, {}, 0}, 0, {}}),
    [](const auto& param) { return param.param.name; });

class EstablishedInterfaceTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::optional<EstablishedInterface>> Find(
      const std::map<std::int64_t, char>& letters) {
    std::vector<std::int64_t> found;
    for (const auto& [version, letter] : letters) found.push_back(version);
    return FindEstablished(found, [&](std::int64_t version) -> absl::StatusOr<ModelInterface> {
      read_.push_back(version);
      if (letters.at(version) == '-') return absl::InvalidArgumentError("no model");
      if (letters.at(version) == '!') return absl::ResourceExhaustedError("too little memory");
      return InterfaceNamed(letters.at(version));
    });
  }
  std::vector<std::int64_t> read_;
};

TEST_F(EstablishedInterfaceTest, IsThatOfTheOldestVersion) {
  EXPECT_EQ((**Find({{1, 'a'}, {2, 'b'}, {3, 'a'}, {4, 'b'}})).newest, 3);
  EXPECT_EQ((**Find({{1, 'a'}, {2, 'b'}})).newest, 1);
  EXPECT_EQ((**Find({{7, 'a'}})).newest, 7);
  EXPECT_EQ((**Find({{1, '-'}, {2, 'b'}, {3, 'a'}, {4, 'b'}, {5, '-'}})).newest, 4);
  EXPECT_FALSE(Find({{1, '-'}, {2, '-'}})->has_value());
  EXPECT_FALSE(Find({})->has_value());
}

TEST_F(EstablishedInterfaceTest, ReadsNoMoreThanItHasTo) {
  EXPECT_TRUE(Find({{1, 'a'}, {2, 'a'}, {3, 'a'}, {4, 'a'}}).ok());
  EXPECT_THAT(read_, ElementsAre(1, 4));
}

TEST_F(EstablishedInterfaceTest, IsUnknownWithoutMemory) {
  EXPECT_TRUE(absl::IsResourceExhausted(Find({{1, '!'}, {2, 'a'}}).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(Find({{1, 'a'}, {2, '!'}}).status()));
}

}  // namespace
}  // namespace mlp
