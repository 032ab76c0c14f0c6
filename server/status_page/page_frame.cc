#include "server/status_page/page_frame.h"

#include <openssl/evp.h>

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/status_page/figures.h"
#include "server/status_page/html_text.h"

namespace mlp {
namespace {

// A source expression of the policy: 'sha256-…'.
std::string HashSource(absl::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  const std::string bytes(digest.begin(), digest.begin() + size);
  return absl::StrCat("'sha256-", absl::Base64Escape(bytes), "'");
}

// The page's icon: three bars.
constexpr char kIcon[] =
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='3' fill='%231f5fbf'/%3E"
    "%3Cpath d='M4 12V8M8 12V4M12 12V6' stroke='white' stroke-width='2.4'/%3E%3C/svg%3E";

// Reloads the page in browsers without scripts.
constexpr char kRefresh[] = "<noscript><meta http-equiv=\"refresh\" content=\"15\"></noscript>";

}  // namespace

std::string FramedPage(const Status& status, const PageFrame& frame, absl::string_view main) {
  std::string page = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\"><title>",
      HtmlText(frame.title), "</title><link rel=\"icon\" href=\"", kIcon, "\"><style>", PageStyle(),
      "</style>", frame.refreshes ? kRefresh : "", "</head><body>\n");
  absl::StrAppend(&page, "<header class=\"top\"><a class=\"brand\" href=\"",
                  frame.to_root.empty() ? "./" : frame.to_root,
                  "\">mlpserve</a><span class=\"server\">", HtmlText(status.server_version),
                  "</span><span class=\"state ", status.ready ? "good\">ready" : "bad\">not ready",
                  "</span><span class=\"server\">up ", AgeText(status.started, status.now),
                  "</span><span class=\"space\"></span>");
  absl::StrAppend(
      &page, "<nav aria-label=\"Page\"><span id=\"at\">as of ",
      absl::StrCat(DateText(status.now), " UTC"), "</span>",
      frame.refreshes ? "<a href=\"?refresh=0\">stop refreshing</a>"
                      : "<a href=\"?\">refresh every 15 s</a>",
      "<a href=\"", frame.to_root, "status.json\">JSON</a><a href=\"", frame.to_root,
      "metrics\">metrics</a></nav></header>\n"
      "<p id=\"stale\" role=\"status\" hidden>The server does not answer. This is its last "
      "known state.</p>\n<main>",
      main, "</main>\n");
  if (frame.refreshes) absl::StrAppend(&page, "<script>", PageScript(), "</script>");
  return page + "</body></html>\n";
}

std::string PagePolicy() {
  return absl::StrCat("default-src 'none'; style-src ", HashSource(PageStyle()), "; script-src ",
                      HashSource(PageScript()),
                      "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'");
}

}  // namespace mlp
