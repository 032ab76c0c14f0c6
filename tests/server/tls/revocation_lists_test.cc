#include "server/tls/revocation_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "absl/time/clock.h"
#include "tests/server/tls/certificate_maker.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

class RevocationListsTest : public ::testing::Test {
 protected:
  // The error of such a list when it is read now; empty if there is none.
  std::string WrongWith(const ListWishes& wishes) const {
    const auto lists = RevocationLists::Read(root_.RevocationList({&gone_}, wishes), root_.pem());
    return std::string((lists.ok() ? lists->CheckDates(absl::Now()) : lists.status()).message());
  }

  const MadeCertificate root_ =
      MadeCertificate::SelfSigned({.common_name = "root", .is_authority = true});
  const MadeCertificate gone_ = root_.Issue({.common_name = "gone"});
  const MadeCertificate client_ = root_.Issue({.common_name = "client"});
};

TEST_F(RevocationListsTest, ChecksTheDatesOfLists) {
  const struct {
    std::int64_t issued;
    std::int64_t ends;
    const char* error;
  } cases[] = {{-60, 60, ""},
               {-60, 0, ""},       // no end
               {200, 86'400, ""},  // another machine's clock is ahead
               {-7200, -3600, "number 1 has been out of date since 20"},
               {3600, 7200, "number 1 is not valid before 20"}};
  for (const auto& one : cases) {
    const std::string wrong = WrongWith({.issued_seconds = one.issued, .ends_seconds = one.ends});
    EXPECT_EQ(wrong.empty(), *one.error == '\0') << wrong;
    EXPECT_THAT(wrong, HasSubstr(one.error));
  }
}

TEST_F(RevocationListsTest, ReportsWhenTheFirstListExpires) {
  const MadeCertificate other =
      MadeCertificate::SelfSigned({.common_name = "other", .is_authority = true});
  const auto both = RevocationLists::Read(
      root_.RevocationList({}) + other.RevocationList({}, {.ends_seconds = 3600}),
      root_.pem() + other.pem());
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_NEAR(absl::ToDoubleSeconds(both->not_after() - absl::Now()), 3600, 60);
  const auto endless =
      RevocationLists::Read(root_.RevocationList({}, {.ends_seconds = 0}), root_.pem());
  EXPECT_EQ(endless->not_after(), absl::InfiniteFuture());
}

// RFC 5280, sections 5.2 and 5.3.
TEST_F(RevocationListsTest, RefusesDeltaAndPartialLists) {
  const struct {
    ListWishes wishes;
    const char* error;
  } cases[] = {
      {{.extension = "deltaCRL=critical,DER:020101"}, "is a delta list"},
      {{.extension = "deltaCRL=DER:020101"}, "is a delta list"},
      {{.extension = "issuingDistributionPoint=critical,DER:30038401FF"}, "covers only a part"},
      {{.extension = "issuingDistributionPoint=critical,DER:30038201FF"}, "covers only a part"},
      {{.extension = "issuingDistributionPoint=critical,DER:300483020780"}, "covers only a part"},
      {{.extension = "issuingDistributionPoint=critical,DER:0500"}, "covers only a part"},
      {{.extension = "issuingDistributionPoint=critical,DER:30038101FF"}, ""},  // for users only
      {{.extension = "1.2.3.4=critical,DER:0500"}, "the critical extension 1.2.3.4"},
      {{.extension = "1.2.3.4=DER:0500"}, ""},
      {{.entry_extension = "1.2.3.5=critical,DER:0500"}, "the critical extension 1.2.3.5"},
      {{.entry_extension = "1.2.3.5=DER:0500"}, ""},
  };
  for (const auto& one : cases) {
    const std::string wrong = WrongWith(one.wishes);
    EXPECT_EQ(wrong.empty(), *one.error == '\0') << one.wishes.extension << ": " << wrong;
    EXPECT_THAT(wrong, HasSubstr(one.error)) << one.wishes.extension;
  }
}

TEST_F(RevocationListsTest, ChecksOnlyTheListOfTheIssuer) {
  const MadeCertificate other =
      MadeCertificate::SelfSigned({.common_name = "other", .is_authority = true});
  const MadeCertificate of_other = other.Issue({.common_name = "client of other"});
  const auto lists =
      RevocationLists::Read(root_.RevocationList({&gone_, &of_other}), root_.pem() + other.pem());
  ASSERT_TRUE(lists.ok()) << lists.status();
  EXPECT_TRUE(lists->Revoked(gone_.pem()));
  EXPECT_FALSE(lists->Revoked(client_.pem()));
  EXPECT_FALSE(lists->Revoked(of_other.pem())) << "its authority has no list";
  EXPECT_TRUE(lists->Revoked("no certificate"));
}

TEST_F(RevocationListsTest, FindsOneAmongThousands) {
  const std::string all = root_.LongRevocationList(20'000) + root_.RevocationList({&gone_});
  ASSERT_LT(all.size(), std::size_t{1} << 20);
  const auto lists = RevocationLists::Read(all, root_.pem());
  ASSERT_TRUE(lists.ok()) << lists.status();
  // CPU time, because a busy machine may stop the test for seconds.
  const std::clock_t begin = std::clock();
  EXPECT_TRUE(lists->Revoked(gone_.pem()));
  for (int i = 0; i < 1000; ++i) ASSERT_FALSE(lists->Revoked(client_.pem()));
  EXPECT_LT(std::clock() - begin, 5 * CLOCKS_PER_SEC);
}

}  // namespace
}  // namespace mlp
