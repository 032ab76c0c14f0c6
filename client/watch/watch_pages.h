// The pages of `mlp-client watch`: all models of a server, or one model with its layers.
//
// Every function is thread-safe.

#ifndef MLP_CLIENT_WATCH_WATCH_PAGES_H_
#define MLP_CLIENT_WATCH_WATCH_PAGES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "client/watch/status_view.h"
#include "client/watch/styled_text.h"

namespace mlp {

// One line per model version, with its state, traffic, drift with a bar, and the last hour; below
// it, the findings as sentences. `columns` is the terminal's width, which sets how much of the hour
// is shown.
std::vector<StyledText> ServerPage(const StatusView& status, std::size_t columns);

// The versions of one model, each with its figures, findings, layers, and the inputs and classes
// that moved.
std::vector<StyledText> ModelPage(const StatusView& status, std::size_t columns);

}  // namespace mlp

#endif  // MLP_CLIENT_WATCH_WATCH_PAGES_H_
