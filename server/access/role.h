// What a caller may do. Each role includes the roles listed before it.

#ifndef MLP_SERVER_ACCESS_ROLE_H_
#define MLP_SERVER_ACCESS_ROLE_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace mlp {

enum class Role {
  kObserve,  // metadata, statistics, the index of the repository, reflection, insight's status
  kInfer,    // inference
  kAdmin,    // loading, unloading, files by RPC, log settings, baselines
};

// "observe", "infer" or "admin".
absl::string_view NameOf(Role role);

// Returns nullopt for any other name.
std::optional<Role> RoleNamed(absl::string_view name);

inline bool Includes(Role role, Role needed) { return role >= needed; }

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_ROLE_H_
