// The tokens file of one test.

#ifndef MLP_TESTS_E2E_SECURITY_TOKENS_ON_DISK_H_
#define MLP_TESTS_E2E_SECURITY_TOKENS_ON_DISK_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "model/formats/io/sha256.h"

namespace mlp {

// A line of the file.
inline std::string TokenLine(const std::string& name, const std::string& role,
                             const std::string& models, const std::string& token,
                             const std::string& more = "") {
  return absl::StrCat("name=", name, " role=", role, " models=", models, " sha256=", Sha256(token),
                      more.empty() ? "" : " ", more, "\n");
}

// The value of the authorization header.
inline std::string Bearer(const std::string& token) { return "Bearer " + token; }

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_TOKENS_ON_DISK_H_
