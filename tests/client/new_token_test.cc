// Checks the lines by the server's own reader.

#include "client/new_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "server/access/access_list.h"
#include "server/access/bearer_token.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(NewTokenTest, IsRecognisedByAServerThatHasItsLine) {
  const absl::Time expires = absl::FromUnixSeconds(4'000'000'000);
  const auto made = MakeToken({"ci@example/a-b_c.d", "infer", "digits-*,iris", expires});
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->line.find(made->token), std::string::npos);
  const auto list = AccessList::Parse(made->line);
  ASSERT_TRUE(list.ok()) << list.status();
  const Caller* const caller = list->OfToken(made->token);
  ASSERT_NE(caller, nullptr);
  EXPECT_EQ(caller->name, "ci@example/a-b_c.d");
  EXPECT_EQ(caller->role, Role::kInfer);
  EXPECT_TRUE(caller->MayAskFor("digits-relu"));
  EXPECT_TRUE(caller->MayAskFor("iris"));
  EXPECT_FALSE(caller->MayAskFor("other"));
  EXPECT_EQ(caller->expires, expires);
  EXPECT_EQ(list->OfToken(made->token + "x"), nullptr);

  const std::string header = "Bearer " + made->token;
  const absl::string_view values[] = {header};
  EXPECT_EQ(*BearerToken(values), made->token);
}

TEST(NewTokenTest, AcceptsEveryRoleOfTheServerAndNoExpiry) {
  for (const char* role : {"observe", "infer", "admin"}) {
    const auto made = MakeToken({"a", role});
    const auto list = AccessList::Parse(made->line);
    ASSERT_TRUE(list.ok()) << list.status();
    EXPECT_EQ(NameOf(list->OfToken(made->token)->role), role);
    EXPECT_TRUE(list->OfToken(made->token)->MayAskFor("any"));
    EXPECT_FALSE(list->OfToken(made->token)->expires.has_value());
  }
}

TEST(NewTokenTest, Has256BitsAndDiffersEachTime) {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) tokens.insert(MakeToken({"a", "infer"})->token);
  EXPECT_EQ(tokens.size(), 100u);
  EXPECT_THAT(*tokens.begin(), StartsWith("mlp_"));
  EXPECT_EQ(tokens.begin()->size(), 4 + 43u);
}

TEST(NewTokenTest, RefusesValuesThatAServerWouldRefuse) {
  const std::string long_word(129, 'a');
  const struct {
    TokenSpec spec;
    const char* option;
  } cases[] = {
      {{"", "infer"}, "--name"},
      {{"two words", "infer"}, "--name"},
      {{"a\nname=b", "infer"}, "--name"},
      {{"a=b", "infer"}, "--name"},
      {{long_word, "infer"}, "--name"},
      {{"a", "root"}, "--role"},
      {{"a", ""}, "--role"},
      {{"a", "infer", ""}, "--models"},
      {{"a", "infer", "a,,b"}, "--models"},
      {{"a", "infer", "a b"}, "--models"},
      {{"a", "infer", long_word}, "--models"},
  };
  for (const auto& one : cases) {
    const auto made = MakeToken(one.spec);
    EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument) << one.spec.name;
    EXPECT_THAT(std::string(made.status().message()), StartsWith(one.option));
    // The server must refuse the same line: then the two have the same rules.
    const std::string line = "name=" + one.spec.name + " role=" + one.spec.role +
                             " models=" + one.spec.models + " sha256=" + std::string(64, '0');
    EXPECT_FALSE(AccessList::Parse(line).ok()) << line;
  }
}

TEST(ExpiryTest, IsADurationFromNowOrAPointInTime) {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_EQ(*ParseExpiry("90d", now), now + absl::Hours(90 * 24));
  EXPECT_EQ(*ParseExpiry("12h", now), now + absl::Hours(12));
  EXPECT_EQ(*ParseExpiry("30m", now), now + absl::Minutes(30));
  EXPECT_EQ(*ParseExpiry("2030-01-01T00:00:00Z", now), absl::FromUnixSeconds(1'893'456'000));
  for (const char* text : {"", "d", "0d", "-1d", "90", "90 d", "90w", "1.5d", "+1d", "99999999999d",
                           "40000d", "2020-01-01T00:00:00Z", "2030-01-01", "soon"}) {
    EXPECT_EQ(ParseExpiry(text, now).status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(ParseExpiry(text, now).status().message()),
                HasSubstr(std::string("'") + text + "'"));
  }
}

}  // namespace
}  // namespace mlp
