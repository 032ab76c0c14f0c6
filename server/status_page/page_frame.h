// What all pages have around their content: the head with its style and script, and the policy that
// allows a browser these two and nothing else.

#ifndef MLP_SERVER_STATUS_PAGE_PAGE_FRAME_H_
#define MLP_SERVER_STATUS_PAGE_PAGE_FRAME_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/insight/status.h"

namespace mlp {

struct PageFrame {
  std::string title;  // not yet escaped
  // What leads from this page to `/`: "", "../", "../../../". Links are relative, so that they hold
  // behind a proxy that serves the port below a path of its own.
  std::string to_root;
  bool refreshes = true;
};

// The whole page around the content of its main element. Thread-safe.
std::string FramedPage(const Status& status, const PageFrame& frame, absl::string_view main);

// The Content-Security-Policy for FramedPage's pages. Thread-safe.
std::string PagePolicy();

// The page's own style and script (page_style.cc, page_script.cc), both constants.
absl::string_view PageStyle();
absl::string_view PageScript();

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_PAGE_FRAME_H_
