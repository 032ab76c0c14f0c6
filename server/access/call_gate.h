// Decides whether a caller may make a call: by the role that the call requires, the address that it
// arrived at, and the models that it names. Counts refusals and writes them to the audit.

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

// A call that asks to be admitted.
struct CallAttempt {
  Credentials credentials;
  bool at_admin_address = false;
  // Returns the address of its connection. The pass calls it to write an audit line, so everything
  // that it refers to must outlive the pass.
  std::function<std::string()> from;
};

// An admitted call. Belongs to one thread.
class CallPass final {
 public:
  // PERMISSION_DENIED if the caller may not ask for `model`, with the same text whether or not it
  // exists; UNAUTHENTICATED if its credential has expired; RESOURCE_EXHAUSTED if there is no memory
  // to decide. Refusals are counted and audited. Does not throw.
  absl::Status CheckModel(absl::string_view model);

  // PERMISSION_DENIED or RESOURCE_EXHAUSTED, as above, unless the caller may ask for every model.
  absl::Status CheckAllModels();

  // Whether the caller may learn that `model` exists.
  bool MaySee(absl::string_view model) const { return admitted_.MayAskFor(model); }

  // False if the access list has changed since the call was admitted: it must then be admitted
  // again.
  bool IsCurrent() const;

  // Writes an admin call to the audit, with the model checked last. Does not throw: if there is no
  // memory for a line, the call counts as left out of the audit.
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
  bool trusted_ = false;  // because of the address it arrived at
  Admitted admitted_;
};

// Thread-safe.
class CallGate final {
 public:
  struct Options {
    bool asks_callers = false;            // there is an access list
    bool admin_calls_apart = false;       // they are served only at the admin address
    bool trusts_admin_address = false;    // callers there may make every call
    bool asks_callers_of_health = false;  // also for grpc.health.v1
  };

  // `access` and `audit` must outlive the gate.
  CallGate(const Options& options, Access& access, AuditLog& audit)
      : options_(options), access_(access), audit_(audit) {}

  // Whether calls must be admitted. Admin calls always must, for the audit.
  bool asks_callers() const { return options_.asks_callers; }
  bool asks_callers_of_health() const { return options_.asks_callers_of_health; }

  // UNAUTHENTICATED or PERMISSION_DENIED if the caller may not make a call that requires the role.
  // `call` is the name of the call, and must outlive the pass.
  absl::StatusOr<CallPass> Admit(CallAttempt attempt, Role needed, absl::string_view call);

  // Audits which process opened a connection to the admin address. A client's unix socket has no
  // name, so the lines of its calls cannot say. Does not throw.
  void AuditConnection(std::int64_t user, std::int64_t process);

 private:
  friend class CallPass;

  const Options options_;
  Access& access_;
  AuditLog& audit_;
};

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_CALL_GATE_H_
