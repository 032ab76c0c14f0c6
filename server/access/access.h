// Decides who may call what, by the access list of the moment.

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

// What a call shows of who makes it.
struct Credentials {
  absl::Span<const absl::string_view> authorization;  // values of the header of that name
  bool encrypted = false;                             // whether nobody else reads the token
  // The names of a verified client; empty without one. Called only where no token is shown.
  absl::FunctionRef<CertificateNames()> certificate = NoCertificate;
  bool may_have_certificate = false;  // whether a certificate on this connection could count
};

// A caller that was admitted. It stays what it is when the list is exchanged.
class Admitted final {
 public:
  // Everybody, where nothing is configured.
  Admitted() = default;
  Admitted(std::shared_ptr<const AccessList> list, const Caller* caller)
      : list_(std::move(list)), caller_(caller) {}

  // "" for everybody.
  absl::string_view name() const {
    return caller_ == nullptr ? absl::string_view() : caller_->name;
  }

  // UNAUTHENTICATED once the credential has expired; PERMISSION_DENIED without the role, or where
  // `model`, unless it is empty, is none that the caller may ask for. The text is the same whether
  // there is such a model or not.
  absl::Status Check(Role needed, absl::string_view model, absl::Time now) const;

  // Whether the caller may ask for `model`, and for whichever there is.
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
  // Open to all until there is a list. `certificates`: clients can show some, so that refusals
  // speak of them.
  explicit Access(bool plaintext_tokens, bool certificates = false)
      : plaintext_tokens_(plaintext_tokens), certificates_(certificates) {}

  // Admits callers by `list` from now on.
  void Take(const std::shared_ptr<const AccessList>& list) { list_.Set(list); }

  // Sets `admitted` to the caller that shows `credentials`: by its token where it shows one, else
  // by its certificate. UNAUTHENTICATED where neither is on the list, and for tokens that came in
  // plaintext unless these are allowed; also once the caller's credential has expired, but then
  // `admitted` is set, for the audit to name it. Counts refusals.
  absl::Status Admit(const Credentials& credentials, absl::Time now, Admitted& admitted);

  // Whether the list is still the one that `caller` was admitted by.
  bool IsOfThisList(const Admitted& caller) const { return list_.Get() == caller.list_; }

  // PERMISSION_DENIED with `why`, counted.
  absl::Status Deny(Role needed, absl::string_view why);

  // As Admitted::Check; counts refusals.
  absl::Status Check(const Admitted& caller, Role needed, absl::string_view model, absl::Time now);

  std::int64_t unauthenticated() const { return unauthenticated_.load(); }
  // By the role that was needed.
  std::int64_t denied(Role needed) const {
    return denied_[static_cast<std::size_t>(needed)].load();
  }

 private:
  absl::Status Unauthenticated(const absl::Status& status);

  SharedList list_;  // first, because its copies are aligned to cache lines
  std::atomic<std::int64_t> unauthenticated_ = 0;
  std::array<std::atomic<std::int64_t>, 3> denied_{};
  const bool plaintext_tokens_;
  const bool certificates_;
};

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_ACCESS_H_
