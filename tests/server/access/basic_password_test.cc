#include "server/access/basic_password.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

std::string Basic(const std::string& text) {
  return absl::StrCat("Basic ", absl::Base64Escape(text));
}

TEST(BasicPasswordTest, AcceptsThePasswordOfAnyUser) {
  EXPECT_EQ(BasicPassword(Basic("prometheus:token")), "token");
  EXPECT_EQ(BasicPassword(Basic(":token")), "token");
  EXPECT_EQ(BasicPassword(Basic("a:b:c")), "b:c");
  EXPECT_EQ(BasicPassword(Basic("a:")), "");
  EXPECT_EQ(BasicPassword(absl::StrCat("bASIC   ", absl::Base64Escape("a:token"))), "token");
}

TEST(BasicPasswordTest, IgnoresValuesOfAnotherForm) {
  for (const std::string& value :
       {std::string(), std::string("Basic"), std::string("Basic "), std::string("Basic !!!!"),
        std::string("Bearer token"), Basic("no colon"), std::string("BasicYTpi")}) {
    EXPECT_EQ(BasicPassword(value), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace mlp
