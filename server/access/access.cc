#include "server/access/access.h"

#include "absl/strings/str_cat.h"
#include "server/access/bearer_token.h"

namespace mlp {

absl::Status Admitted::Check(Role needed, absl::string_view model, absl::Time now) const {
  if (caller_ == nullptr) return absl::OkStatus();
  if (caller_->HasExpired(now)) return absl::UnauthenticatedError("the credential has expired");
  if (!Includes(caller_->role, needed)) {
    return absl::PermissionDeniedError(absl::StrCat("this call requires the role ", NameOf(needed),
                                                    "; the caller has ", NameOf(caller_->role)));
  }
  if (!caller_->MayAskFor(model)) {
    return absl::PermissionDeniedError("the caller may not ask for a model of this name");
  }
  return absl::OkStatus();
}

absl::Status Access::Unauthenticated(const absl::Status& status) {
  unauthenticated_.fetch_add(1);
  return status;
}

absl::Status Access::Admit(const Credentials& credentials, absl::Time now, Admitted& admitted) {
  std::shared_ptr<const AccessList> list = list_.Get();
  if (list == nullptr) return absl::OkStatus();
  const Caller* caller = nullptr;
  if (!credentials.authorization.empty()) {
    if (!credentials.encrypted && !plaintext_tokens_) {
      return Unauthenticated(
          absl::UnauthenticatedError("tokens are accepted only over TLS; others may have read this "
                                     "one on the way, so replace it"));
    }
    const absl::StatusOr<absl::string_view> token = BearerToken(credentials.authorization);
    if (!token.ok()) return Unauthenticated(token.status());
    caller = list->OfToken(*token);
    if (caller == nullptr) {
      return Unauthenticated(absl::UnauthenticatedError("unknown token"));
    }
  } else {
    caller = list->OfCertificate(credentials.certificate());
    if (caller == nullptr) {
      return Unauthenticated(absl::UnauthenticatedError(
          certificates_ && credentials.may_have_certificate
              ? "expected a known bearer token or a known client certificate"
              : "expected a known bearer token"));
    }
  }
  admitted = Admitted(std::move(list), caller);
  if (caller->HasExpired(now)) {
    return Unauthenticated(absl::UnauthenticatedError("the credential has expired"));
  }
  return absl::OkStatus();
}

absl::Status Access::Deny(Role needed, absl::string_view why) {
  denied_[static_cast<std::size_t>(needed)].fetch_add(1);
  return absl::PermissionDeniedError(why);
}

absl::Status Access::Check(const Admitted& caller, Role needed, absl::string_view model,
                           absl::Time now) {
  absl::Status status = caller.Check(needed, model, now);
  if (absl::IsUnauthenticated(status)) return Unauthenticated(status);
  if (!status.ok()) denied_[static_cast<std::size_t>(needed)].fetch_add(1);
  return status;
}

}  // namespace mlp
