// Where every call asks whether its caller may make it: for the role that the call takes, the
// address that it came by, and the models that it names. Refusals are counted and written down.

#ifndef MLP_SERVER_ACCESS_CALL_GATE_H_
#define MLP_SERVER_ACCESS_CALL_GATE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/access/access.h"
#include "server/access/audit_log.h"
#include "server/access/role.h"

namespace mlp {

class CallGate;

// What a call shows of itself.
struct CallAttempt {
  Credentials credentials;
  bool at_admin_address = false;
  // The address of its connection. The pass calls it when a line is due, so it must not refer to
  // what ends before the pass.
  std::function<std::string()> from;
};

// A call that was admitted. It belongs to one thread.
class CallPass final {
 public:
  // PERMISSION_DENIED where the caller may not ask for `model`, with the same text whether there is
  // one; UNAUTHENTICATED once its credential has expired; RESOURCE_EXHAUSTED without memory to
  // tell. Counted and written down. Throws nothing.
  absl::Status CheckModel(absl::string_view model);

  // The same, unless the caller may ask for whichever model there is.
  absl::Status CheckAllModels();

  // Whether the caller may know that there is this model.
  bool MaySee(absl::string_view model) const { return admitted_.MayAskFor(model); }

  // Whether it need not be admitted anew: the callers are those that it was admitted among.
  bool IsCurrent() const;

  // Writes an admin call down, with the model that was checked last. Throws nothing: without memory
  // for a line, the call counts as left out of the audit.
  void Audit(const absl::Status& result) const;

 private:
  friend class CallGate;

  CallPass(CallGate& gate, Role role, absl::string_view call, std::function<std::string()> from)
      : gate_(&gate), role_(role), call_(call), from_(std::move(from)) {}

  AuditRecord Record(const absl::Status& result) const;
  absl::Status Refused(absl::Status status) const;

  CallGate* gate_;
  Role role_;
  absl::string_view call_;
  std::function<std::string()> from_;
  std::string model_;
  bool trusted_ = false;  // by the address that it came by
  Admitted admitted_;
};

// Thread-safe.
class CallGate final {
 public:
  struct Options {
    bool asks_callers = false;            // there is a list of callers
    bool admin_calls_apart = false;       // they are served at the admin address alone
    bool trusts_admin_address = false;    // whoever reaches that address may do everything there
    bool asks_callers_of_health = false;  // grpc.health.v1, too
  };

  // Both must outlive the gate.
  CallGate(const Options& options, Access& access, AuditLog& audit)
      : options_(options), access_(access), audit_(audit) {}

  // Whether calls have to be admitted. Admin calls are admitted either way, for the audit.
  bool asks_callers() const { return options_.asks_callers; }
  bool asks_callers_of_health() const { return options_.asks_callers_of_health; }

  // UNAUTHENTICATED or PERMISSION_DENIED where the caller may not make a call that takes the role.
  // `call` names it, and must outlive the pass.
  absl::StatusOr<CallPass> Admit(CallAttempt attempt, Role needed, absl::string_view call);

  // Writes down which process opened a connection to the admin address. A client's socket has no
  // name, so that the lines of its calls cannot tell. Throws nothing.
  void AuditConnection(std::int64_t user, std::int64_t process);

 private:
  friend class CallPass;

  const Options options_;
  Access& access_;
  AuditLog& audit_;
};

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_CALL_GATE_H_
