// The strings that a network knows. A request's strings are replaced by their positions in it, so
// the rest of the program computes with numbers.

#ifndef MLP_MODEL_VOCABULARY_H_
#define MLP_MODEL_VOCABULARY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Any number of threads may read a Vocabulary. Copies share their words.
class Vocabulary final {
 public:
  // The position of every string that is not in the vocabulary.
  static constexpr std::int64_t kUnknown = -1;

  // The most words; all their positions are exact in FP32.
  static constexpr std::size_t kMaxWords = std::size_t{1} << 20;

  // An empty vocabulary.
  Vocabulary() = default;

  // INVALID_ARGUMENT for a word that is not UTF-8 or occurs twice, and for more than kMaxWords.
  static absl::StatusOr<Vocabulary> Create(std::vector<std::string> words);

  // In the order of their positions.
  const std::vector<std::string>& words() const;

  // The position of `word`, or kUnknown. Allocates nothing.
  std::int64_t PositionOf(absl::string_view word) const;

 private:
  struct Content;

  std::shared_ptr<const Content> content_;  // null if there are no words
};

}  // namespace mlp

#endif  // MLP_MODEL_VOCABULARY_H_
