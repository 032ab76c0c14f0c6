// Finds the strings of a BYTES input in a network's vocabulary.

#ifndef MLP_SERVER_RPC_INPUT_WORDS_H_
#define MLP_SERVER_RPC_INPUT_WORDS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "model/vocabulary.h"
#include "proto/open_inference.pb.h"

namespace mlp {

// Sets `positions` to those of the `count` strings of message.inputs(index) in `vocabulary`,
// Vocabulary::kUnknown for what is not in it. Raw strings have their length in front of them, four
// bytes, little-endian. INVALID_ARGUMENT, naming the input, for another number of strings, for
// contents of another datatype or in both forms, and for lengths that do not fit. Takes memory in
// proportion to the message only, and none where `positions` has had as many before.
absl::Status FindInputWords(const inference::ModelInferRequest& message, int index,
                            std::int64_t count, const Vocabulary& vocabulary,
                            std::vector<float>& positions);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INPUT_WORDS_H_
