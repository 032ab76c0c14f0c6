#include "model/quote.h"

#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace mlp {
namespace {

constexpr std::size_t kLongestText = 64;
constexpr std::size_t kMaxQuotedDimensions = 8;

}  // namespace

std::string Quote(absl::string_view text) {
  if (text.size() > kLongestText) {
    return absl::StrCat("'", absl::CHexEscape(text.substr(0, kLongestText)), "...'");
  }
  return absl::StrCat("'", absl::CHexEscape(text), "'");
}

std::string ShapeText(absl::Span<const std::int64_t> shape) {
  if (shape.size() > kMaxQuotedDimensions) {
    return absl::StrCat("[", absl::StrJoin(shape.first(kMaxQuotedDimensions), ","), ",...]");
  }
  return absl::StrCat("[", absl::StrJoin(shape, ","), "]");
}

}  // namespace mlp
