// How a load evaluates rows.

#ifndef MLP_SERVER_SERVED_MODELS_LOAD_PIECES_H_
#define MLP_SERVER_SERVED_MODELS_LOAD_PIECES_H_

#include <cstdint>

namespace mlp {

// Rows that a load evaluates at once, on its own thread: models that serve have the others, and a
// server that ends does not wait for more.
inline constexpr std::int64_t kLoadPieceRows = 64;

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_LOAD_PIECES_H_
