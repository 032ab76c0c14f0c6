// Authenticates callers and checks what they may call, by the current access list.

#ifndef MLP_SERVER_ACCESS_ACCESS_H_
#define MLP_SERVER_ACCESS_ACCESS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/access/access_list.h"
#include "server/access/shared_list.h"

namespace mlp {

inline CertificateNames NoCertificate() { return {}; }

// The credentials that a call presents.
struct Credentials {
  absl::Span<const absl::string_view> authorization;  // all values of that header
  bool encrypted = false;  // whether nobody on the way can read the token
  // Returns the names in the client's verified certificate; empty without one. Called only if
  // `authorization` is empty.
  absl::FunctionRef<CertificateNames()> certificate = NoCertificate;
  bool may_have_certificate = false;  // whether a certificate could identify this client
};

// An admitted caller. It keeps the list it was admitted by, so a new list does not change it.
class Admitted final {
 public:
  // Anonymous and allowed everything: for servers without an access list and trusted admin
  // addresses.
  Admitted() = default;
  Admitted(std::shared_ptr<const AccessList> list, const Caller* caller)
      : list_(std::move(list)), caller_(caller) {}

  // Empty if anonymous.
  absl::string_view name() const {
    return caller_ == nullptr ? absl::string_view() : caller_->name;
  }

  // UNAUTHENTICATED if the credential has expired. PERMISSION_DENIED if the caller lacks the role,
  // or may not ask for `model` (empty: no model). The text does not reveal whether the model
  // exists.
  absl::Status Check(Role needed, absl::string_view model, absl::Time now) const;

  // Whether the caller may ask for `model`, and for every model.
  bool MayAskFor(absl::string_view model) const {
    return caller_ == nullptr || caller_->MayAskFor(model);
  }
  bool MayAskForAll() const { return caller_ == nullptr || caller_->MayAskForAll(); }

 private:
  friend class Access;

  std::shared_ptr<const AccessList> list_;
  const Caller* caller_ = nullptr;
};

// Thread-safe.
class Access final {
 public:
  // Open to all until Take is called. `plaintext_tokens`: tokens are accepted over unencrypted
  // connections. `certificates`: clients can present certificates, so refusals mention them.
  explicit Access(bool plaintext_tokens, bool certificates = false)
      : plaintext_tokens_(plaintext_tokens), certificates_(certificates) {}

  // From now on, callers are admitted by `list`.
  void Take(const std::shared_ptr<const AccessList>& list) { list_.Set(list); }

  // Sets `admitted` to the caller that presents `credentials`: identified by its token if it sends
  // one, otherwise by its certificate. UNAUTHENTICATED if no caller on the list matches, or if a
  // token arrives in plaintext and such tokens are not allowed. Also UNAUTHENTICATED if the
  // credential has expired; but then `admitted` is set, so that the audit can name the caller.
  // Counts refusals.
  absl::Status Admit(const Credentials& credentials, absl::Time now, Admitted& admitted);

  // Whether `caller` was admitted by the current list.
  bool IsFromCurrentList(const Admitted& caller) const { return list_.Get() == caller.list_; }

  // Returns PERMISSION_DENIED with `why`, and counts it.
  absl::Status Deny(Role needed, absl::string_view why);

  // Like Admitted::Check, but counts refusals.
  absl::Status Check(const Admitted& caller, Role needed, absl::string_view model, absl::Time now);

  std::int64_t unauthenticated() const { return unauthenticated_.load(); }
  // By the role that the call required.
  std::int64_t denied(Role needed) const {
    return denied_[static_cast<std::size_t>(needed)].load();
  }

 private:
  absl::Status Unauthenticated(const absl::Status& status);

  SharedList list_;  // first, because its copies are cache-line aligned
  std::atomic<std::int64_t> unauthenticated_ = 0;
  std::array<std::atomic<std::int64_t>, 3> denied_{};
  const bool plaintext_tokens_;
  const bool certificates_;
};

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_ACCESS_H_
