#include "server/access/call_gate.h"

#include <new>

#include "absl/time/clock.h"

namespace mlp {
namespace {

// What `decide` returns; without memory for it, a refusal: nobody is let in for want of that.
template <typename Decide>
absl::Status RefuseWithoutRoom(const Decide& decide) {
  try {
    return decide();
  } catch (const std::bad_alloc&) {
    // A code alone takes no memory.
    return absl::Status(absl::StatusCode::kResourceExhausted, "");
  }
}

}  // namespace

absl::Status CallPass::Refused(absl::Status status) const {
  gate_->audit_.TellRefusal(
      {std::string(admitted_.name()), from_, std::string(call_), model_, status});
  return status;
}

absl::Status CallPass::CheckModel(absl::string_view model) {
  return RefuseWithoutRoom([&] {
    if (role_ == Role::kAdmin) model_ = std::string(model);
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

bool CallPass::IsCurrent() const { return trusted_ || gate_->access_.IsOfThisList(admitted_); }

void CallPass::Audit(const absl::Status& result) const {
  std::string who(admitted_.name());
  if (who.empty()) who = trusted_ ? "admin-address" : "anybody";
  gate_->audit_.Tell({std::move(who), from_, std::string(call_), model_, result});
}

absl::StatusOr<CallPass> CallGate::Admit(CallAttempt attempt, Role needed, absl::string_view call) {
  CallPass pass(*this, needed, call, std::move(attempt.from));
  const absl::Time now = absl::Now();
  pass.trusted_ = attempt.at_admin_address && options_.trusts_admin_address;
  if (options_.asks_callers && !pass.trusted_) {
    absl::StatusOr<Admitted> admitted = access_.Admit(attempt.credentials, now);
    if (!admitted.ok()) return pass.Refused(admitted.status());
    pass.admitted_ = *std::move(admitted);
  }
  if (needed == Role::kAdmin && options_.admin_calls_apart && !attempt.at_admin_address) {
    return pass.Refused(
        access_.Deny(needed, "this is served at the server's --admin-address alone"));
  }
  absl::Status status = access_.Check(pass.admitted_, needed, "", now);
  if (!status.ok()) return pass.Refused(std::move(status));
  return pass;
}

}  // namespace mlp
