#include "server/access/access_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "model/formats/io/sha256.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string LineOf(const std::string& rest, const std::string& token = "token") {
  return absl::StrCat(rest, " sha256=", Sha256(token), "\n");
}

TEST(AccessListTest, KnowsACallerByItsToken) {
  const auto list = AccessList::Parse(
      absl::StrCat("# who may ask\n\n", LineOf("name=ci role=infer models=digits-*,iris", "one"),
                   LineOf("\tname=ops  role=admin models=*\texpires=2027-01-01T00:00:00Z", "two"),
                   LineOf("name=ci role=infer models=digits-*,iris", "one, next year"), "\r\n"));
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->size(), 3U);
  const Caller* ci = list->OfToken("one");
  ASSERT_NE(ci, nullptr);
  EXPECT_EQ(ci->name, "ci");
  EXPECT_EQ(ci->role, Role::kInfer);
  EXPECT_TRUE(ci->MayAskFor("digits-relu"));
  EXPECT_TRUE(ci->MayAskFor("iris"));
  EXPECT_FALSE(ci->MayAskFor("iris2"));
  EXPECT_EQ(list->OfToken("one, next year")->name, "ci");
  const Caller* ops = list->OfToken("two");
  ASSERT_NE(ops, nullptr);
  const absl::Time end = absl::FromCivil(absl::CivilSecond(2027, 1, 1), absl::UTCTimeZone());
  EXPECT_FALSE(ops->HasExpired(end - absl::Seconds(1)));
  EXPECT_TRUE(ops->HasExpired(end));
  for (const char* other : {"", "One", "one ", "three"}) EXPECT_EQ(list->OfToken(other), nullptr);
}

TEST(AccessListTest, ComparesWholeDigests) {
  // Two lines whose digests begin alike, and unknown tokens between them.
  std::string near = Sha256("token");
  near.back() = near.back() == '0' ? '1' : '0';
  const auto list =
      AccessList::Parse(absl::StrCat("name=near role=admin models=* sha256=", near, "\n",
                                     LineOf("name=ci role=infer models=*", "token")));
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_NE(list->OfToken("token"), nullptr);
  EXPECT_EQ(list->OfToken("token")->name, "ci");
  const auto alone =
      AccessList::Parse(absl::StrCat("name=near role=admin models=* sha256=", near, "\n"));
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_EQ(alone->OfToken("token"), nullptr);
}

TEST(AccessListTest, KnowsACallerByTheNamesOfItsCertificate) {
  const auto list = AccessList::Parse(
      "name=front role=infer models=* uri=spiffe://cluster/ns/web/sa/front\n"
      "name=web role=observe models=* uri=spiffe://cluster/ns/web/*\n"
      "name=host role=infer models=* dns=*.example.com\n"
      "name=upper role=infer models=* dns=*.UPPER.example\n"
      "name=old role=admin models=* cn=ops\n");
  ASSERT_TRUE(list.ok()) << list.status();
  const struct {
    CertificateNames names;
    std::string caller;
  } cases[] = {
      {{{"spiffe://cluster/ns/web/sa/front"}, {}, ""}, "front"},
      {{{"spiffe://cluster/ns/web/sa/back"}, {}, ""}, "web"},
      {{{"spiffe://cluster/ns/web"}, {}, ""}, ""},
      {{{}, {"a.example.com"}, ""}, "host"},
      {{{"spiffe://other"}, {"a.example.com"}, "ops"}, "host"},
      // If a certificate has alternative names, only these identify the client (RFC 6125).
      {{{}, {"example.com"}, "ops"}, ""},
      {{{"spiffe://other"}, {}, "ops"}, ""},
      {{{}, {}, "ops"}, "old"},
      // RFC 4343.
      {{{}, {"A.Example.COM"}, ""}, "host"},
      {{{}, {"b.upper.example"}, ""}, "upper"},
      {{{"SPIFFE://cluster/ns/web/sa/front"}, {}, ""}, ""},
      // The order of the file decides, not that of the certificate.
      {{{"spiffe://cluster/ns/web/sa/back", "spiffe://cluster/ns/web/sa/front"}, {}, ""}, "front"},
      {{{"spiffe://cluster/ns/web/sa/front", "spiffe://cluster/ns/web/sa/back"}, {}, ""}, "front"},
      {{{}, {"b.upper.example", "a.example.com"}, ""}, "host"},
      {{{}, {}, "spiffe://cluster/ns/web/sa/front"}, ""},  // a name of another kind
      {{{}, {"ops"}, ""}, ""},
      {{}, ""},
  };
  for (const auto& one : cases) {
    const Caller* caller = list->OfCertificate(one.names);
    EXPECT_EQ(caller == nullptr ? "" : caller->name, one.caller);
  }
}

TEST(AccessListTest, ReportsAFaultWithItsPositionAndRepeatsNoSecret) {
  const std::string digest = Sha256("token");
  const struct {
    std::string line;
    std::string error;
  } cases[] = {
      {"name=ci role=infer models=*", "expected exactly one of sha256=, uri=, dns= and cn="},
      {"name=ci role=infer models=* cn=a dns=b", "expected exactly one of sha256="},
      {"name=ci role=infer models=* sha256=secret", "sha256=: expected 64 hexadecimal digits"},
      {"name=ci role=infer models=* token=secret", "a word has no known key; expected name="},
      {"name=ci role=infer models=* secret", "a word has no known key; expected name="},
      {"name= role=infer models=* cn=a", "name=: expected"},
      {"role=infer models=* cn=a", "name=: expected"},
      {"name=ci role=root models=* cn=a", "role=: expected observe, infer or admin"},
      {"name=ci models=* cn=a", "role=: expected"},
      {"name=ci role=infer cn=a", "models=: expected"},
      {"name=ci role=infer models=a,,b cn=a", "models=: expected"},
      {"name=ci role=infer models=a/b cn=a", "models=: expected"},
      {"name=ci role=infer models=* cn=", "expected a certificate name"},
      {"name=ci role=infer models=* cn=a expires=tomorrow", "expires=: expected a time"},
      {"name=ci role=infer models=* cn=a expires=infinite-future", "expires=: expected a time"},
      {"name=ci role=infer models=* cn=a expires=infinite-past", "expires=: expected a time"},
      {"name=ci role=infer models=* cn=a expires=", "expires=: expected a time"},
      {"name=ci role=infer models=* cn=a expires=2027-02-30T00:00:00Z", "expires=: expected"},
      {"name=ci role=infer models=* cn=a expires=2027-01-01", "expires=: expected a time"},
      {"name=ci role=infer models=* cn=a expires=2027-01-01T00:00:00", "expires=: expected"},
      {"name=ci role=infer models=* uri=spiffe://first", "first already has this certificate"},
      {"\xef\xbb\xbfname=ci role=infer models=* cn=a", "printable"},
      {"name=ci role=infer role=admin models=* cn=a", "role= is given twice"},
      {"name=ci role=infer models=* cn=a\x01", "printable"},
      {absl::StrCat("name=a role=infer models=* sha256=", digest), "ci already has this token"},
      {std::string(5000, 'a'), "it has 5000 bytes; expected at most 4096"},
  };
  for (const auto& one : cases) {
    const auto list = AccessList::Parse(
        absl::StrCat("name=ci role=infer models=* sha256=", digest, "\n",
                     "name=first role=infer models=* uri=spiffe://first\n", one.line, "\n"));
    ASSERT_FALSE(list.ok()) << one.line;
    EXPECT_THAT(std::string(list.status().message()), HasSubstr("line 3: "));
    EXPECT_THAT(std::string(list.status().message()), HasSubstr(one.error)) << one.line;
    EXPECT_THAT(std::string(list.status().message()), Not(HasSubstr("secret")));
  }
}

TEST(AccessListTest, HasALimitedSize) {
  EXPECT_FALSE(AccessList::Parse(std::string((1 << 20) + 1, '\n')).ok());
  std::string many;
  for (std::size_t i = 0; i <= AccessList::kMaxCallers; ++i) {
    absl::StrAppend(&many, "name=a role=infer models=* cn=", i, "\n");
  }
  EXPECT_THAT(std::string(AccessList::Parse(many).status().message()), HasSubstr("at most 4096"));
}

TEST(MatchesPatternTest, MatchesAnyCharactersWithAStar) {
  const struct {
    const char* pattern;
    const char* text;
    bool matches;
  } cases[] = {
      {"*", "", true},
      {"*", "a", true},
      {"", "", true},
      {"", "a", false},
      {"a", "a", true},
      {"a", "ab", false},
      {"a*", "a", true},
      {"a*", "ab", true},
      {"*b", "ab", true},
      {"*b", "ba", false},
      {"a*c*e", "abcde", true},
      {"a*c*e", "abcdef", false},
      {"**a**", "bab", true},
      {"*ab", "aab", true},
      {"*aab", "aaaab", true},
      {"a*a", "a", false},
      {"digits-*", "digits", false},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(MatchesPattern(one.pattern, one.text), one.matches) << one.pattern << " " << one.text;
  }
}

}  // namespace
}  // namespace mlp
