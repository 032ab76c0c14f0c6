#include "server/access/role.h"

namespace mlp {

absl::string_view NameOf(Role role) {
  switch (role) {
    case Role::kObserve:
      return "observe";
    case Role::kInfer:
      return "infer";
    case Role::kAdmin:
      return "admin";
  }
  return "";
}

std::optional<Role> RoleNamed(absl::string_view name) {
  for (const Role role : {Role::kObserve, Role::kInfer, Role::kAdmin}) {
    if (name == NameOf(role)) return role;
  }
  return std::nullopt;
}

}  // namespace mlp
