// Reads any bytes as values of the header "authorization", one a line. A token that is accepted
// consists of the RFC's characters only, and is read again from a header written with it.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/access/bearer_token.h"

namespace {

void Expect(bool holds) {
  if (!holds) std::abort();
}

constexpr absl::string_view kTokenCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<absl::string_view> values;
  if (!text.empty()) values = absl::StrSplit(text, '\n');
  const auto token = mlp::BearerToken(values);
  if (!token.ok()) {
    Expect(token.status().code() == absl::StatusCode::kUnauthenticated);
    Expect(token.status().message().size() < 256);
    return 0;
  }
  Expect(values.size() == 1);
  Expect(!token->empty() && token->size() <= mlp::kLongestToken);
  Expect(token->find_first_not_of(kTokenCharacters) == absl::string_view::npos);
  Expect(values.front().substr(values.front().size() - token->size()) == *token);
  const std::string again = absl::StrCat("bEARER  ", *token);
  const absl::string_view written[] = {again};
  Expect(*mlp::BearerToken(written) == *token);
  return 0;
}
