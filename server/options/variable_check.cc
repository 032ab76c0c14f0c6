#include "server/options/variable_check.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/decimal.h"

namespace mlp {
namespace {

constexpr absl::string_view kPrefix = "MLP_";

// How mlp-client finds the server and authenticates. The health check of a container reads these.
constexpr absl::string_view kClientVariables[] = {
    "MLP_ADDRESS",          "MLP_CLIENT_TLS",     "MLP_CLIENT_TLS_CA",
    "MLP_CLIENT_TLS_CERT",  "MLP_CLIENT_TLS_KEY", "MLP_CLIENT_TLS_SERVER_NAME",
    "MLP_CLIENT_TOKEN_FILE"};

bool IsOfClient(absl::string_view name) {
  return std::find(std::begin(kClientVariables), std::end(kClientVariables), name) !=
         std::end(kClientVariables);
}

// In letters. A name further away than this is not suggested.
constexpr std::size_t kMaxMistyped = 4;

// Whether Kubernetes sets the variable for a Service: NAME_SERVICE_HOST, NAME_SERVICE_PORT,
// NAME_SERVICE_PORT_<port's name>, NAME_PORT and NAME_PORT_<number>_<protocol>, the last also with
// _PROTO, _PORT or _ADDR appended. Docker's links also set NAME_NAME and NAME_ENV_<variable>.
bool IsOfService(absl::string_view name, absl::string_view value) {
  if (absl::EndsWith(name, "_SERVICE_HOST") || absl::EndsWith(name, "_SERVICE_PORT") ||
      absl::StrContains(name, "_SERVICE_PORT_")) {
    return true;
  }
  if (absl::EndsWith(name, "_PORT") && absl::StrContains(value, "://")) return true;
  if (absl::EndsWith(name, "_NAME") && absl::StartsWith(value, "/")) return true;
  if (absl::StrContains(name, "_ENV_")) return true;
  const std::vector<absl::string_view> words = absl::StrSplit(name, '_');
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    const absl::string_view protocol = words[i + 2];
    if (words[i] == "PORT" && IsDecimal(words[i + 1]) &&
        (protocol == "TCP" || protocol == "UDP" || protocol == "SCTP")) {
      return true;
    }
  }
  return false;
}

// Levenshtein's distance: how many letters must be changed, added or removed to turn `b` into `a`.
std::size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string CheckVariables(const char* const* environment, const std::set<std::string>& known) {
  for (const char* const* entry = environment; *entry != nullptr; ++entry) {
    const absl::string_view variable = *entry;
    const std::size_t end = variable.find('=');
    if (!absl::StartsWith(variable, kPrefix) || end == absl::string_view::npos) continue;
    const absl::string_view name = variable.substr(0, end);
    const absl::string_view value = variable.substr(end + 1);
    if (value.empty() || IsOfClient(name) || known.count(std::string(name)) > 0 ||
        IsOfService(name, value)) {
      continue;
    }
    const auto nearest = std::min_element(known.begin(), known.end(),
                                          [name](const std::string& a, const std::string& b) {
                                            return Distance(name, a) < Distance(name, b);
                                          });
    const bool is_near = nearest != known.end() && Distance(name, *nearest) <= kMaxMistyped;
    return absl::StrCat(name, ": unknown variable; ",
                        is_near ? absl::StrCat("did you mean ", *nearest, "?")
                                : "expected the variable of an option");
  }
  return "";
}

}  // namespace mlp
