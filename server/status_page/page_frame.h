// The frame that all pages share: the head with its style and script, and the policy that allows a
// browser only these two.

#ifndef MLP_SERVER_STATUS_PAGE_PAGE_FRAME_H_
#define MLP_SERVER_STATUS_PAGE_PAGE_FRAME_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/insight/status.h"

namespace mlp {

struct PageFrame {
  std::string title;  // not yet escaped
  // The path from this page to `/`: "", "../", "../../../". Links are relative, so they work behind
  // a proxy that serves the port under a path.
  std::string to_root;
  bool refreshes = true;
};

// The whole page around `main`, the content of its main element. Thread-safe.
std::string FramedPage(const Status& status, const PageFrame& frame, absl::string_view main);

// The Content-Security-Policy for FramedPage's pages. Thread-safe.
std::string PagePolicy();

// The page's style and script (page_style.cc, page_script.cc). Both are constant.
absl::string_view PageStyle();
absl::string_view PageScript();

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_PAGE_FRAME_H_
