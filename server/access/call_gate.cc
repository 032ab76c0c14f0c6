#include "server/access/call_gate.h"

#include <cstddef>
#include <new>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace mlp {
namespace {

// Longer than what Quote shows. Clients may send names of any length.
constexpr std::size_t kLongestAuditedName = 128;

// What `decide` returns. If memory runs out, a refusal: nobody is let in because of that.
template <typename Decide>
absl::Status RefuseWithoutRoom(const Decide& decide) {
  try {
    return decide();
  } catch (const std::bad_alloc&) {
    // A status with an empty message allocates nothing.
    return absl::Status(absl::StatusCode::kResourceExhausted, "");
  }
}

}  // namespace

AuditRecord CallPass::Record(const absl::Status& result) const {
  return {std::string(admitted_.name()), from_ ? from_() : std::string(), std::string(call_),
          model_, result};
}

absl::Status CallPass::Refused(absl::Status status) const {
  gate_->audit_.RecordRefusal(Record(status));
  return status;
}

absl::Status CallPass::CheckModel(absl::string_view model) {
  return RefuseWithoutRoom([&] {
    if (role_ == Role::kAdmin) model_ = std::string(model.substr(0, kLongestAuditedName));
    absl::Status status = gate_->access_.Check(admitted_, role_, model, absl::Now());
    return status.ok() ? status : Refused(std::move(status));
  });
}

absl::Status CallPass::CheckAllModels() {
  if (admitted_.MayAskForAll()) return absl::OkStatus();
  return RefuseWithoutRoom([&] {
    return Refused(gate_->access_.Deny(
        role_, "the caller may not ask for all models; expected the name of one"));
  });
}

bool CallPass::IsCurrent() const { return trusted_ || gate_->access_.IsFromCurrentList(admitted_); }

void CallPass::Audit(const absl::Status& result) const {
  try {
    AuditRecord record = Record(result);
    record.is_of_known_caller = trusted_ || !record.who.empty();
    if (record.who.empty()) record.who = trusted_ ? "admin-address" : "anybody";
    gate_->audit_.Record(std::move(record));
  } catch (const std::bad_alloc&) {
    gate_->audit_.CountLeftOut();
  }
}

void CallGate::AuditConnection(std::int64_t user, std::int64_t process) {
  try {
    audit_.Record({"admin-address", absl::StrCat("uid:", user, ",pid:", process), "connection", "",
                   absl::OkStatus()});
  } catch (const std::bad_alloc&) {
    audit_.CountLeftOut();
  }
}

absl::StatusOr<CallPass> CallGate::Admit(CallAttempt attempt, Role needed, absl::string_view call) {
  CallPass pass(*this, needed, call, std::move(attempt.from));
  const absl::Time now = absl::Now();
  pass.trusted_ = attempt.at_admin_address && options_.trusts_admin_address;
  if (options_.asks_callers && !pass.trusted_) {
    absl::Status admitted = access_.Admit(attempt.credentials, now, pass.admitted_);
    if (!admitted.ok()) return pass.Refused(std::move(admitted));
  }
  if (needed == Role::kAdmin && options_.admin_calls_apart && !attempt.at_admin_address) {
    return pass.Refused(
        access_.Deny(needed, "this call is served only at the server's --admin-address"));
  }
  absl::Status status = access_.Check(pass.admitted_, needed, "", now);
  if (!status.ok()) return pass.Refused(std::move(status));
  return pass;
}

}  // namespace mlp
