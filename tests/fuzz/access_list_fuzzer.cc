// Parses any bytes as the file of --tokens-file. Then looks up each word of the file in the list:
// as a token, and as each name of a certificate.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "server/access/access_list.h"

namespace {

void Expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto list = mlp::AccessList::Parse(text);
  if (!list.ok()) {
    // The message is logged: it must be short and printable, whatever the file holds.
    const std::string message(list.status().message());
    Expect(message.size() < 512);
    Expect(std::all_of(message.begin(), message.end(),
                       [](unsigned char c) { return absl::ascii_isprint(c); }));
    return 0;
  }
  Expect(list->size() <= mlp::AccessList::kMaxCallers);
  constexpr std::size_t kAsked = 64;
  std::vector<absl::string_view> words = absl::StrSplit(text, absl::ByAnyChar(" \t\n="));
  words.resize(std::min(words.size(), kAsked));
  for (const absl::string_view word : words) {
    const std::string name(word);
    for (const mlp::CertificateNames& names :
         {mlp::CertificateNames{{name}, {}, ""}, mlp::CertificateNames{{}, {name}, ""},
          mlp::CertificateNames{{}, {}, name}}) {
      const mlp::Caller* const caller = list->OfCertificate(names);
      Expect(caller == nullptr || list->has_certificates());
      if (caller != nullptr) caller->MayAskFor(name);
    }
    Expect(list->OfToken(word) == nullptr || list->has_tokens());
  }
  return 0;
}
