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

// One line a model and version: its state, its traffic, its drift with a bar, and the last hour;
// below it what is wrong with it, in sentences. `columns` is what the terminal has; it sets how
// much of the hour is shown.
std::vector<StyledText> ServerPage(const StatusView& status, std::size_t columns);

// The versions of one model, each with its figures, what is wrong, its layers, and the inputs and
// classes that moved.
std::vector<StyledText> ModelPage(const StatusView& status, std::size_t columns);

}  // namespace mlp

#endif  // MLP_CLIENT_WATCH_WATCH_PAGES_H_
