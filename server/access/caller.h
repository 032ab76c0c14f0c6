// A caller, as the access file lists it.

#ifndef MLP_SERVER_ACCESS_CALLER_H_
#define MLP_SERVER_ACCESS_CALLER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/access/role.h"

namespace mlp {

struct Caller {
  std::string name;  // for the audit, never a secret
  Role role = Role::kObserve;
  std::vector<std::string> models;  // patterns, in which * stands for any characters
  std::optional<absl::Time> expires;

  // Whether the caller may ask for `model`. Always true for an empty name, which stands for no
  // model.
  bool MayAskFor(absl::string_view model) const;

  // Whether it may ask for every model.
  bool MayAskForAll() const;

  bool HasExpired(absl::Time now) const { return expires.has_value() && now >= *expires; }
};

// Whether `text` matches `pattern`, in which * stands for any number of any characters. Takes at
// most time proportional to the product of their lengths.
bool MatchesPattern(absl::string_view pattern, absl::string_view text);

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_CALLER_H_
