#include "server/access/call_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "model/formats/io/sha256.h"
#include "tests/server/log_lines.h"

namespace mlp {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;

constexpr char kCall[] = "ModelInfer";

class CallGateTest : public ::testing::Test {
 protected:
  void Know(const std::string& role, const std::string& models, const std::string& token) {
    const std::string line =
        "name=one role=" + role + " models=" + models + " sha256=" + Sha256(token) + "\n";
    access_.Take(std::make_shared<const AccessList>(*AccessList::Parse(line)));
  }

  absl::StatusOr<CallPass> Admit(const CallGate::Options& options, Role role,
                                 const std::string& header, bool at_admin_address = false) {
    gate_ = std::make_unique<CallGate>(options, access_, audit_);
    const absl::string_view values[] = {header};
    CallAttempt attempt;
    attempt.credentials.encrypted = true;
    if (!header.empty()) attempt.credentials.authorization = values;
    attempt.at_admin_address = at_admin_address;
    return gate_->Admit(std::move(attempt), role, kCall);
  }
  StatusCode CodeOf(const CallGate::Options& options, Role role, const std::string& header,
                    bool at_admin_address = false) {
    return Admit(options, role, header, at_admin_address).status().code();
  }

  LogLines lines_;
  Access access_{/*plaintext_tokens=*/false};
  AuditLog audit_{lines_.logger()};
  std::unique_ptr<CallGate> gate_;
};

TEST_F(CallGateTest, AdmitsEveryCallWithoutAList) {
  for (const Role role : {Role::kObserve, Role::kInfer, Role::kAdmin}) {
    EXPECT_EQ(CodeOf({}, role, ""), StatusCode::kOk);
  }
  EXPECT_TRUE(Admit({}, Role::kInfer, "")->CheckModel("any").ok());
}

TEST_F(CallGateTest, DecidesByTheRoleAndThenByTheModel) {
  Know("infer", "digits-*", "secret");
  const CallGate::Options options{.asks_callers = true};
  EXPECT_EQ(CodeOf(options, Role::kInfer, ""), StatusCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(options, Role::kAdmin, "Bearer secret"), StatusCode::kPermissionDenied);
  absl::StatusOr<CallPass> pass = Admit(options, Role::kInfer, "Bearer secret");
  ASSERT_TRUE(pass.ok()) << pass.status();
  EXPECT_TRUE(pass->CheckModel("digits-tanh").ok());
  EXPECT_EQ(pass->CheckModel("iris").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(pass->CheckAllModels().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(access_.unauthenticated(), 1);
  EXPECT_EQ(access_.denied(Role::kInfer), 2);
  EXPECT_EQ(access_.denied(Role::kAdmin), 1);
}

TEST_F(CallGateTest, NamesTheCallerOfAnExpiredCredential) {
  const std::string line = "name=late role=infer models=* sha256=" + Sha256("secret") +
                           " expires=2020-01-01T00:00:00Z\n";
  access_.Take(std::make_shared<const AccessList>(*AccessList::Parse(line)));
  LogLines lines;
  {
    AuditLog audit(lines.logger());
    CallGate gate({.asks_callers = true, .admin_calls_apart = true}, access_, audit);
    const absl::string_view values[] = {"Bearer secret"};
    for (const Role role : {Role::kInfer, Role::kAdmin}) {
      CallAttempt attempt;
      attempt.credentials.encrypted = true;
      attempt.credentials.authorization = values;
      const absl::Status refused = gate.Admit(std::move(attempt), role, kCall).status();
      EXPECT_EQ(refused.code(), StatusCode::kUnauthenticated);
      EXPECT_EQ(refused.message(), "the credential has expired");
    }
  }  // its destructor writes the lines
  EXPECT_THAT(lines.text(), HasSubstr("audit who=late from=- call=ModelInfer "
                                      "result=UNAUTHENTICATED: the credential has expired"));
  EXPECT_EQ(access_.unauthenticated(), 2);
}

TEST_F(CallGateTest, MentionsCertificatesOnlyIfTheyAreAccepted) {
  const std::string of_both = "expected a known bearer token or a known client certificate";
  const std::string of_tokens = "expected a known bearer token";
  for (const bool knows_authorities : {false, true}) {
    Access access(/*plaintext_tokens=*/false, knows_authorities);
    access.Take(std::make_shared<const AccessList>(
        *AccessList::Parse("name=one role=infer models=* sha256=" + Sha256("secret") + "\n")));
    for (const bool over_tls : {false, true}) {
      Credentials credentials;
      credentials.may_have_certificate = over_tls;
      Admitted nobody;
      EXPECT_EQ(access.Admit(credentials, absl::Now(), nobody).message(),
                knows_authorities && over_tls ? of_both : of_tokens);
    }
  }
}

TEST_F(CallGateTest, InvalidatesAPassIfTheListChanges) {
  Know("infer", "*", "secret");
  absl::StatusOr<CallPass> pass = Admit({.asks_callers = true}, Role::kInfer, "Bearer secret");
  ASSERT_TRUE(pass.ok()) << pass.status();
  EXPECT_TRUE(pass->IsCurrent());
  Know("infer", "*", "another");
  EXPECT_FALSE(pass->IsCurrent());
}

TEST_F(CallGateTest, ReadsCertificatesAndAddressesOnlyIfTheyAreNeeded) {
  Know("infer", "*", "secret");
  gate_ = std::make_unique<CallGate>(CallGate::Options{.asks_callers = true}, access_, audit_);
  int looked = 0;
  const auto names = [&looked] {
    ++looked;
    return CertificateNames();
  };
  const absl::string_view values[] = {"Bearer secret"};
  const auto admit = [&](absl::Span<const absl::string_view> authorization) {
    return gate_->Admit({{authorization, true, names},
                         false,
                         [&looked] {
                           ++looked;
                           return std::string("there");
                         }},
                        Role::kInfer, kCall);
  };
  EXPECT_TRUE(admit(values)->CheckModel("any").ok());
  EXPECT_EQ(looked, 0);
  EXPECT_EQ(admit({}).status().code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(looked, 2);
}

TEST_F(CallGateTest, ServesAdminCallsOnlyAtTheirAddress) {
  Know("admin", "*", "secret");
  CallGate::Options options{.asks_callers = true, .admin_calls_apart = true};
  EXPECT_EQ(CodeOf(options, Role::kAdmin, "Bearer secret"), StatusCode::kPermissionDenied);
  EXPECT_EQ(CodeOf(options, Role::kInfer, "Bearer secret"), StatusCode::kOk);
  EXPECT_EQ(CodeOf(options, Role::kAdmin, "Bearer secret", /*at_admin_address=*/true),
            StatusCode::kOk);
  EXPECT_EQ(CodeOf(options, Role::kAdmin, "", true), StatusCode::kUnauthenticated);
  options.trusts_admin_address = true;
  EXPECT_EQ(CodeOf(options, Role::kAdmin, "", true), StatusCode::kOk);
  EXPECT_EQ(CodeOf(options, Role::kAdmin, ""), StatusCode::kUnauthenticated);
  options.asks_callers = false;
  EXPECT_EQ(CodeOf(options, Role::kAdmin, ""), StatusCode::kPermissionDenied);
  EXPECT_EQ(CodeOf(options, Role::kInfer, ""), StatusCode::kOk);
}

}  // namespace
}  // namespace mlp
