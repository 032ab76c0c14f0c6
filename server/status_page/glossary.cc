#include "server/status_page/glossary.h"

namespace mlp {

absl::string_view GlossaryHtml() {
  return R"html(<section><details id="glossary"><summary>What the figures mean</summary><dl class="glossary">
<dt>reference</dt><dd>The same figure over the baseline's rows, which are known to be right. Compare a figure with its reference; by itself it is neither good nor bad.</dd>
<dt>now</dt><dd>From the last full window: --saturation-window rows (10,000 by default), or a minute with at least 1,000 rows. The strips show minutes.</dd>
<dt>drift ratio</dt><dd>Distance of a window's rows from the baseline, relative to the level that one window in a thousand exceeds by chance. Up to 1 is normal; above 1 in two windows in a row is an alarm. How far above says little: look at the size.</dd>
<dt>size of the drift</dt><dd>In standard deviations of one row: 0.1 is small; at 1 the rows are of another kind.</dd>
<dt>saturated, lower or upper tail</dt><dd>The share of the units' values at an end of the activation function, where a unit hardly reacts to its input any more. For ReLU, a lower share of about half is healthy.</dd>
<dt>dead units</dt><dd>Units that were in the same tail on every row of the window. A few are common with ReLU; many more than the reference are not.</dd>
<dt>one-signed units</dt><dd>Units whose output kept one sign in the whole window: all of them with sigmoid and ReLU, few with tanh.</dd>
<dt>mean activation, zero-centredness</dt><dd>The mean of the units' values, and how far they lie to one side of zero: 0 is centred on zero, 1 is all on one side.</dd>
<dt>gradient gain</dt><dd>How much of a change in its input a layer passes on, on average. Near 0, the layer hardly distinguishes between rows.</dd>
<dt>pre-activation</dt><dd>A unit's sum before its activation function. The picture shows where those of recent rows lie on the function's curve.</dd>
</dl></details></section>
)html";
}

}  // namespace mlp
