#include "server/access/bearer_token.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/credentials.h"

namespace mlp {
namespace {

TEST(BearerTokenTest, ReadsTheTokenOfOneHeader) {
  for (const char* value : {"Bearer abc", "bearer abc", "BEARER abc", "bEaReR   abc"}) {
    const std::vector<absl::string_view> values = {value};
    const auto token = BearerToken(values);
    ASSERT_TRUE(token.ok()) << value;
    EXPECT_EQ(*token, "abc");
  }
  const std::vector<absl::string_view> all = {"Bearer aZ09-._~+/=="};
  EXPECT_EQ(*BearerToken(all), "aZ09-._~+/==");
}

TEST(BearerTokenTest, RefusesAnInvalidTokenWithoutRepeatingIt) {
  using namespace std::string_literals;
  const std::vector<std::vector<std::string>> cases = {
      {},
      {"Bearer secret", "Bearer secret"},
      {""},
      {"Bearer"},
      {"Bearer "},
      {"Bearersecret"},
      {"Bearer\tsecret"},
      {"Basic secret"},
      {" Bearer secret"},
      {"Bearer secret secret"},
      {"Bearer secret "},
      {"Bearer =secret"},
      {"Bearer ==="},
      {"Bearer secret\0"s},
      {"Bearer \xc3\xa9secret"},
      {"Bearer " + std::string(513, 'a')},
      {"Bearer " + std::string(1 << 20, 'a')},
  };
  for (const std::vector<std::string>& one : cases) {
    const std::vector<absl::string_view> values(one.begin(), one.end());
    const auto token = BearerToken(values);
    EXPECT_EQ(token.status().code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(std::string(token.status().message()).find("secret"), std::string::npos);
  }
}

TEST(BearerTokenTest, HasTheSameMaximumLengthAsInTheClient) {
  EXPECT_EQ(kLongestToken, kLongestClientToken);
  const std::string longest = "Bearer " + std::string(kLongestToken, 'a');
  const std::vector<absl::string_view> values = {longest};
  EXPECT_EQ(BearerToken(values)->size(), kLongestToken);
  const std::string longer = longest + "a";
  const std::vector<absl::string_view> too_long = {longer};
  EXPECT_NE(BearerToken(too_long).status().message().find("512"), absl::string_view::npos);
}

}  // namespace
}  // namespace mlp
