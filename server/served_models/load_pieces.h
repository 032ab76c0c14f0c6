// How a load evaluates rows.

#ifndef MLP_SERVER_SERVED_MODELS_LOAD_PIECES_H_
#define MLP_SERVER_SERVED_MODELS_LOAD_PIECES_H_

#include <cstdint>

namespace mlp {

// Rows that a load evaluates together, on its own thread. The other threads stay free for serving,
// and a server that stops waits for no more than this.
inline constexpr std::int64_t kLoadPieceRows = 64;

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_LOAD_PIECES_H_
