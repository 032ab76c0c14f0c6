#include "server/status_page/glossary.h"

namespace mlp {

absl::string_view GlossaryHtml() {
  return R"html(<section><details id="glossary"><summary>What the figures mean</summary><dl class="glossary">
<dt>reference</dt><dd>The same figure over the rows of the baseline, which are known to be right. A figure is far from it or not; by itself it is neither good nor bad.</dd>
<dt>now</dt><dd>Of the last full window: 10,000 rows unless the server is told otherwise, or a minute with 1,000. The strips show minutes.</dd>
<dt>drift ratio</dt><dd>How far the rows of a window are from the baseline, over how far chance takes one window in a thousand. Up to 1 all is as ever; above 1 in two windows in a row is an alarm. How much above says little: look at the size.</dd>
<dt>size of the drift</dt><dd>In standard deviations of one row: 0.1 is small, 1 is another kind of rows.</dd>
<dt>saturated, lower or upper tail</dt><dd>The share of the units' values at an end of the activation, where a unit hardly reacts to its input any more. A ReLU's lower share of about a half is healthy.</dd>
<dt>dead units</dt><dd>Units that answered nothing in the whole window. A few are common with ReLU; many more than the reference are not.</dd>
<dt>one-signed units</dt><dd>Units that never changed their sign in the window. All of them are with sigmoid and ReLU, few with tanh.</dd>
<dt>mean activation, zero-centredness</dt><dd>Where the units' values lie: 0 is centred on zero, 1 is all on one side.</dd>
<dt>gradient gain</dt><dd>How much of a change of its input a layer passes on, on average. Near 0 the layer hardly tells rows apart.</dd>
<dt>pre-activation</dt><dd>What a unit adds up before its activation; the picture shows where those of recent rows lie on the activation's curve.</dd>
</dl></details></section>
)html";
}

}  // namespace mlp
