#include "model/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace mlp {
namespace {

using ::testing::HasSubstr;

TEST(VocabularyTest, FindsWordsByTheirBytes) {
  const Vocabulary vocabulary = Vocabulary::Create({"Oslo", "", "São Paulo", "oslo"}).value();
  EXPECT_EQ(vocabulary.PositionOf("Oslo"), 0);
  EXPECT_EQ(vocabulary.PositionOf(""), 1);
  EXPECT_EQ(vocabulary.PositionOf("São Paulo"), 2);
  EXPECT_EQ(vocabulary.PositionOf("oslo"), 3);
  for (const char* unknown : {"OSLO", "Oslo ", "Osl"}) {
    EXPECT_EQ(vocabulary.PositionOf(unknown), Vocabulary::kUnknown) << unknown;
  }
}

TEST(VocabularyTest, FindsNothingWithoutWords) {
  EXPECT_EQ(Vocabulary().PositionOf(""), Vocabulary::kUnknown);
  EXPECT_TRUE(Vocabulary().words().empty());
  EXPECT_TRUE(Vocabulary::Create({}).value().words().empty());
}

TEST(VocabularyTest, OutlivesItsSource) {
  Vocabulary copy;
  {
    Vocabulary vocabulary = Vocabulary::Create({"a", "b"}).value();
    copy = vocabulary;
    const Vocabulary moved = std::move(vocabulary);
  }
  EXPECT_EQ(copy.PositionOf("b"), 1);
  EXPECT_EQ(copy.words().size(), 2U);
}

TEST(VocabularyTest, RefusesDuplicateWordsAndInvalidUtf8) {
  EXPECT_THAT(std::string(Vocabulary::Create({"a", "b", "a"}).status().message()),
              HasSubstr("the word 'a' occurs twice"));
  EXPECT_THAT(std::string(Vocabulary::Create({"\xff"}).status().message()),
              HasSubstr("is not UTF-8"));
  EXPECT_EQ(Vocabulary::Create(std::vector<std::string>(Vocabulary::kMaxWords + 1)).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace mlp
