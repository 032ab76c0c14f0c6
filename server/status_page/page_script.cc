#include "server/status_page/page_frame.h"

namespace mlp {

// Fetches the page again and swaps in its content. So expanded parts stay expanded, nothing
// flickers, and if the server is gone its last state stays. Without scripts, the browser reloads
// the page.
absl::string_view PageScript() {
  return R"js(
(() => {
  const again = () => setTimeout(refresh, 15000);
  async function refresh() {
    if (document.hidden) return again();
    let page = null;
    try {
      const answer = await fetch(location.href, {cache: 'no-store', signal: AbortSignal.timeout(10000)});
      const text = await answer.text();
      page = new DOMParser().parseFromString(text, 'text/html');
    } catch (error) {}
    const next = page && page.querySelector('main');
    document.getElementById('stale').hidden = Boolean(next);
    if (next && getSelection().isCollapsed) {
      for (const old of document.querySelectorAll('details[id]')) {
        const fresh = page.getElementById(old.id);
        if (fresh) fresh.open = old.open;
      }
      const focused = document.activeElement && document.activeElement.closest('[id]');
      document.querySelector('main').replaceWith(next);
      document.querySelector('header').replaceWith(page.querySelector('header'));
      document.title = page.title;
      const restored = focused && document.getElementById(focused.id);
      const target = restored && (restored.querySelector('summary') || restored);
      if (target) target.focus({preventScroll: true});
    }
    again();
  }
  again();
})();
)js";
}

}  // namespace mlp
