#include "server/rest/rest_path.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "model/quote.h"
#include "model/utf8.h"

namespace mlp {
namespace {

// More parts than any served path has.
constexpr std::size_t kMaxParts = 8;

absl::Status NotServed(absl::string_view path) {
  return absl::NotFoundError(absl::StrCat("the path ", Quote(path), " is not served"));
}

std::optional<int> HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(digit));
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return std::nullopt;
}

absl::StatusOr<std::string> PercentDecode(absl::string_view part) {
  const auto wrong = [part] {
    return absl::InvalidArgumentError(absl::StrCat(
        "the path's part ", Quote(part),
        " is not percent-encoded UTF-8; expected two hexadecimal digits after each %"));
  };
  std::string decoded;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '%') {
      decoded.push_back(part[i]);
      continue;
    }
    if (part.size() - i < 3) return wrong();
    const std::optional<int> high = HexDigit(part[i + 1]);
    const std::optional<int> low = HexDigit(part[i + 2]);
    if (!high || !low || (*high == 0 && *low == 0)) return wrong();
    decoded.push_back(static_cast<char>(*high * 16 + *low));
    i += 2;
  }
  if (!IsUtf8(decoded)) return wrong();
  return decoded;
}

// The call that the end of a model's path names.
std::optional<RestCall> ModelCallNamed(absl::string_view name) {
  if (name == "infer") return RestCall::kInfer;
  if (name == "ready") return RestCall::kModelReady;
  if (name == "config") return RestCall::kModelConfig;
  if (name == "stats") return RestCall::kModelStatistics;
  return std::nullopt;
}

using Parts = std::vector<std::string>;

// Parses a path that begins with /v2/models.
std::optional<RestPath> ParseModelPath(const Parts& parts) {
  if (parts.size() == 3 && parts[2] == "stats") return RestPath{RestCall::kModelStatistics, "", ""};
  if (parts.size() < 3) return std::nullopt;
  RestPath path{RestCall::kModelMetadata, parts[2], ""};
  std::size_t next = 3;
  if (parts.size() >= 5 && parts[3] == "versions") {
    path.version = parts[4];
    next = 5;
  }
  if (next == parts.size()) return path;
  const std::optional<RestCall> call = ModelCallNamed(parts[next]);
  if (!call || next + 1 != parts.size()) return std::nullopt;
  path.call = *call;
  return path;
}

std::optional<RestPath> ParseParts(const Parts& parts) {
  if (parts.empty() || parts[0] != "v2") return std::nullopt;
  if (parts.size() == 1) return RestPath{RestCall::kServerMetadata, "", ""};
  if (parts[1] == "models") return ParseModelPath(parts);
  if (parts == Parts{"v2", "health", "live"}) return RestPath{RestCall::kServerLive, "", ""};
  if (parts == Parts{"v2", "health", "ready"}) return RestPath{RestCall::kServerReady, "", ""};
  if (parts == Parts{"v2", "logging"}) return RestPath{RestCall::kLogSettings, "", ""};
  if (parts == Parts{"v2", "repository", "index"}) {
    return RestPath{RestCall::kRepositoryIndex, "", ""};
  }
  if (parts.size() == 5 && parts[1] == "repository" && parts[2] == "models") {
    if (parts[4] == "load") return RestPath{RestCall::kModelLoad, parts[3], ""};
    if (parts[4] == "unload") return RestPath{RestCall::kModelUnload, parts[3], ""};
  }
  return std::nullopt;
}

}  // namespace

bool IsPost(RestCall call) {
  return call == RestCall::kInfer || call == RestCall::kRepositoryIndex ||
         call == RestCall::kModelLoad || call == RestCall::kModelUnload ||
         call == RestCall::kLogUpdate;
}

RestCall PostCallOf(RestCall call) {
  return call == RestCall::kLogSettings ? RestCall::kLogUpdate : call;
}

absl::StatusOr<RestPath> ParseRestPath(absl::string_view path) {
  absl::string_view rest = path;
  if (!absl::ConsumePrefix(&rest, "/")) return NotServed(path);
  absl::ConsumeSuffix(&rest, "/");  // KServe's paths may end with it
  Parts parts;
  for (const absl::string_view part : absl::StrSplit(rest, '/')) {
    if (parts.size() == kMaxParts || part.empty()) return NotServed(path);
    absl::StatusOr<std::string> decoded = PercentDecode(part);
    if (!decoded.ok()) return decoded.status();
    parts.push_back(*std::move(decoded));
  }
  const std::optional<RestPath> parsed = ParseParts(parts);
  if (!parsed) return NotServed(path);
  return *parsed;
}

}  // namespace mlp
