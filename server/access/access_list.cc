#include "server/access/access_list.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"

namespace mlp {
namespace {

constexpr std::size_t kLongestCallerLine = 4096;

// The keys that identify a caller.
constexpr absl::string_view kProofs[] = {"sha256", "uri", "dns", "cn"};

bool IsName(absl::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-' || c == '@' ||
                  c == '/';
         });
}

bool IsModelPattern(absl::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-' || c == '*';
         });
}

bool IsDigest(absl::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(),
                                          [](unsigned char c) { return absl::ascii_isxdigit(c); });
}

std::uint64_t FirstBytesOf(const std::array<std::uint8_t, 32>& digest) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, digest.data(), sizeof(bytes));
  return bytes;
}

}  // namespace

// The key=value words of one caller.
struct AccessList::Line {
  std::size_t number = 0;
  std::map<absl::string_view, absl::string_view> words;

  absl::Status Wrong(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", what));
  }
  absl::string_view Get(absl::string_view key) const {
    const auto it = words.find(key);
    return it == words.end() ? absl::string_view() : it->second;
  }

  absl::Status Split(absl::string_view text);
  absl::StatusOr<Caller> ReadCaller() const;
};

absl::Status AccessList::Line::Split(absl::string_view text) {
  constexpr absl::string_view kKeys[] = {"name",   "role", "models", "expires",
                                         "sha256", "uri",  "dns",    "cn"};
  for (const absl::string_view word :
       absl::StrSplit(text, absl::ByAnyChar(" \t"), absl::SkipEmpty())) {
    const std::size_t equals = word.find('=');
    const absl::string_view key = word.substr(0, equals);
    // Do not quote an unknown key: it may be a token put here by mistake.
    if (equals == absl::string_view::npos ||
        std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys)) {
      return Wrong(
          "a word has no known key; expected name=, role=, models=, expires=, sha256=, uri=, dns= "
          "or cn=");
    }
    if (!words.emplace(key, word.substr(equals + 1)).second) {
      return Wrong(absl::StrCat(key, "= is given twice; expected it once"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Caller> AccessList::Line::ReadCaller() const {
  Caller caller;
  caller.name = std::string(Get("name"));
  if (!IsName(caller.name)) {
    return Wrong("name=: expected 1 to 128 characters: letters, digits and . _ - @ /");
  }
  const std::optional<Role> role = RoleNamed(Get("role"));
  if (!role.has_value()) return Wrong("role=: expected observe, infer or admin");
  caller.role = *role;
  caller.models = absl::StrSplit(Get("models"), ',');
  if (Get("models").empty() ||
      !std::all_of(caller.models.begin(), caller.models.end(), IsModelPattern)) {
    return Wrong(
        "models=: expected names of models with commas between them, in which * stands for any "
        "characters, such as models=digits-*,iris, or models=* for all");
  }
  if (words.contains("expires")) {
    absl::Time expires;
    std::string error;
    // absl::ParseTime also accepts "infinite-future".
    if (!absl::ParseTime(absl::RFC3339_full, Get("expires"), &expires, &error) ||
        expires == absl::InfiniteFuture() || expires == absl::InfinitePast()) {
      return Wrong("expires=: expected a time such as 2027-01-01T00:00:00Z");
    }
    caller.expires = expires;
  }
  return caller;
}

absl::StatusOr<AccessList> AccessList::Parse(absl::string_view text) {
  if (text.size() > kMaxBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", text.size(), " bytes; expected at most ", kMaxBytes));
  }
  AccessList list;
  Line line;
  for (absl::string_view line_text : absl::StrSplit(text, '\n')) {
    ++line.number;
    line.words.clear();
    if (line_text.size() > kLongestCallerLine) {
      return line.Wrong(absl::StrCat("it has ", line_text.size(), " bytes; expected at most ",
                                     kLongestCallerLine));
    }
    line_text = absl::StripAsciiWhitespace(line_text);
    if (line_text.empty() || line_text.front() == '#') continue;
    const bool is_text = std::all_of(line_text.begin(), line_text.end(), [](unsigned char c) {
      return absl::ascii_isprint(c) || c == '\t';
    });
    if (!is_text) return line.Wrong("expected only printable ASCII characters");
    if (list.size() == kMaxCallers) {
      return line.Wrong(absl::StrCat("expected at most ", kMaxCallers, " callers"));
    }
    absl::Status status = line.Split(line_text);
    if (status.ok()) status = list.Add(line);
    if (!status.ok()) return status;
  }
  return list;
}

absl::Status AccessList::Add(const Line& line) {
  absl::StatusOr<Caller> caller = line.ReadCaller();
  if (!caller.ok()) return caller.status();
  const auto is_given = [&line](absl::string_view key) { return line.words.contains(key); };
  if (std::count_if(std::begin(kProofs), std::end(kProofs), is_given) != 1) {
    return line.Wrong(
        "expected exactly one of sha256=, uri=, dns= and cn=, which identify the caller");
  }
  const absl::string_view proof = *std::find_if(std::begin(kProofs), std::end(kProofs), is_given);
  return proof == "sha256" ? AddToken(line, *std::move(caller))
                           : AddCertificate(line, proof, *std::move(caller));
}

absl::Status AccessList::AddToken(const Line& line, Caller caller) {
  const absl::string_view hexadecimal = line.Get("sha256");
  if (!IsDigest(hexadecimal)) {
    return line.Wrong(
        "sha256=: expected 64 hexadecimal digits, as `mlp-client token new` prints them");
  }
  const std::string bytes = absl::HexStringToBytes(hexadecimal);
  Token token{{}, std::move(caller)};
  std::copy(bytes.begin(), bytes.end(), token.digest.begin());
  if (const Token* const other = Find(token.digest)) {
    return line.Wrong(absl::StrCat("sha256=: ", other->caller.name, " already has this token"));
  }
  const std::uint64_t first_bytes = FirstBytesOf(token.digest);
  const auto index = static_cast<std::ptrdiff_t>(PlaceOf(first_bytes));
  places_.insert(places_.begin() + index, {first_bytes, tokens_.size()});
  tokens_.push_back(std::move(token));
  return absl::OkStatus();
}

absl::Status AccessList::AddCertificate(const Line& line, absl::string_view key, Caller caller) {
  const NameKind kind = key == "uri"   ? NameKind::kUri
                        : key == "dns" ? NameKind::kDns
                                       : NameKind::kCommonName;
  std::string pattern(line.Get(key));
  if (kind == NameKind::kDns) absl::AsciiStrToLower(&pattern);
  // A pattern that matches every certificate of the CA must be written out, not result from an
  // empty value.
  if (pattern.empty()) {
    return line.Wrong("expected a certificate name; * stands for any characters");
  }
  // The second line would never apply, even long after the first has expired.
  for (const Certificate& other : certificates_) {
    if (other.kind == kind && other.pattern == pattern) {
      return line.Wrong(absl::StrCat(other.caller.name, " already has this certificate name"));
    }
  }
  certificates_.push_back({kind, std::move(pattern), std::move(caller)});
  return absl::OkStatus();
}

// A binary search that does not branch on the values it compares. With branches, their prediction
// would make the time differ for a digest that shares its first bytes with one in the list.
std::size_t AccessList::PlaceOf(std::uint64_t first_bytes) const {
  std::size_t place = 0;
  std::size_t count = places_.size() - 1;
  while (count > 0) {
    const std::size_t half = (count + 1) / 2;
    const bool is_behind = places_[place + half - 1].first_bytes < first_bytes;
    place += half * static_cast<std::size_t>(is_behind);
    count -= half;
  }
  return place;
}

// Takes the same time however close the digest is to one in the list, because it always compares a
// whole digest, even if no first bytes agree. Nobody can choose a token whose digest starts with
// the same 8 bytes as another's, so one comparison is enough in practice.
const AccessList::Token* AccessList::Find(const Digest& digest) const {
  if (tokens_.empty()) return nullptr;
  const std::uint64_t first_bytes = FirstBytesOf(digest);
  std::size_t place = PlaceOf(first_bytes);
  const Token* found = nullptr;
  do {
    const Token& token = tokens_[places_[place].index];
    const bool is_same = CRYPTO_memcmp(token.digest.data(), digest.data(), digest.size()) == 0;
    found = is_same ? &token : found;
    ++place;
  } while (place < places_.size() && places_[place].first_bytes == first_bytes);
  return found;
}

const Caller* AccessList::OfToken(absl::string_view token) const {
  Digest digest;
  unsigned int size = 0;
  if (EVP_Digest(token.data(), token.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1 ||
      size != digest.size()) {
    return nullptr;  // if memory runs out, nobody is let in
  }
  const Token* const found = Find(digest);
  return found == nullptr ? nullptr : &found->caller;
}

const Caller* AccessList::OfCertificate(const CertificateNames& names) const {
  // The order of lines in the file decides, not the order of names in the certificate.
  const auto first = [this](NameKind kind,
                            absl::Span<const std::string> of_client) -> const Caller* {
    for (const Certificate& certificate : certificates_) {
      if (certificate.kind != kind) continue;
      for (const std::string& name : of_client) {
        if (MatchesPattern(certificate.pattern, name)) return &certificate.caller;
      }
    }
    return nullptr;
  };
  if (names.uris.empty() && names.dns.empty()) {
    if (names.common_name.empty()) return nullptr;
    return first(NameKind::kCommonName, {&names.common_name, 1});
  }
  if (const Caller* caller = first(NameKind::kUri, names.uris)) return caller;
  std::vector<std::string> lower = names.dns;
  for (std::string& name : lower) absl::AsciiStrToLower(&name);
  return first(NameKind::kDns, lower);
}

}  // namespace mlp
