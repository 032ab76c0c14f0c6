#include "model/utf8.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace mlp {
namespace {

// Sequences whose first byte is in [first, last]: the number of following bytes, and the range of
// the second byte. Later bytes are in [0x80, 0xBF].
struct Sequence {
  unsigned char first;
  unsigned char last;
  std::size_t following;
  unsigned char lowest;
  unsigned char highest;
};

constexpr std::array<Sequence, 9> kSequences = {{{0x00, 0x7F, 0, 0x80, 0xBF},
                                                 {0xC2, 0xDF, 1, 0x80, 0xBF},
                                                 {0xE0, 0xE0, 2, 0xA0, 0xBF},
                                                 {0xE1, 0xEC, 2, 0x80, 0xBF},
                                                 {0xED, 0xED, 2, 0x80, 0x9F},
                                                 {0xEE, 0xEF, 2, 0x80, 0xBF},
                                                 {0xF0, 0xF0, 3, 0x90, 0xBF},
                                                 {0xF1, 0xF3, 3, 0x80, 0xBF},
                                                 {0xF4, 0xF4, 3, 0x80, 0x8F}}};

}  // namespace

bool IsUtf8(absl::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t i = 0;
  while (i < text.size()) {
    const auto* const sequence =
        std::find_if(kSequences.begin(), kSequences.end(), [&](const Sequence& candidate) {
          return byte(i) >= candidate.first && byte(i) <= candidate.last;
        });
    if (sequence == kSequences.end() || sequence->following >= text.size() - i) return false;
    for (std::size_t k = 1; k <= sequence->following; ++k) {
      const unsigned char lowest = k == 1 ? sequence->lowest : 0x80;
      const unsigned char highest = k == 1 ? sequence->highest : 0xBF;
      if (byte(i + k) < lowest || byte(i + k) > highest) return false;
    }
    i += 1 + sequence->following;
  }
  return true;
}

}  // namespace mlp
