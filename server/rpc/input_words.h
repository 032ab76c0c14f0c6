// Looks up the strings of a BYTES input in a network's vocabulary.

#ifndef MLP_SERVER_RPC_INPUT_WORDS_H_
#define MLP_SERVER_RPC_INPUT_WORDS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "model/vocabulary.h"
#include "proto/open_inference.pb.h"

namespace mlp {

// Sets `positions` to the positions in `vocabulary` of the `count` strings of
// message.inputs(index); Vocabulary::kUnknown for a string that is not in it. Before each raw
// string is its length: four bytes, little-endian. INVALID_ARGUMENT, with the input, for another
// number of strings, for contents of another datatype or in both forms, and for lengths that do not
// fit. Takes memory in proportion to the message only, and none if `positions` has held as many
// before.
absl::Status FindInputWords(const inference::ModelInferRequest& message, int index,
                            std::int64_t count, const Vocabulary& vocabulary,
                            std::vector<float>& positions);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INPUT_WORDS_H_
