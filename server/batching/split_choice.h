// Whether splitting a batch over several threads is worth their time, learnt from the batches that
// were evaluated.

#ifndef MLP_SERVER_BATCHING_SPLIT_CHOICE_H_
#define MLP_SERVER_BATCHING_SPLIT_CHOICE_H_

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace mlp {

// The machine's other CPUs are idle in one minute and taken by the network, another process or a
// neighbour in the next, which nothing in this process tells. Splitting then takes more CPU time
// and no less of the clock's. So batches of about the same size are tried in both ways, and the way
// that has done better is taken until the other does. Not thread-safe.
class SplitChoice final {
 public:
  using Seconds = std::chrono::duration<double>;

  // Split, a batch must take at most this share of its time on one thread.
  static constexpr double kWorthwhile = 0.8;

  // The other way is tried once in so many batches of a size: a prime, so that batches whose rows
  // change in turn are all tried.
  static constexpr std::uint32_t kTryEvery = 61;

  // No batch is tried again on one thread that takes longer than this there, and none the first
  // time that might, which is where all threads together are as much faster as they are many.
  static constexpr Seconds kLongestTry{0.01};
  static constexpr Seconds kLongestFirstTry{0.05};

  // `threads` >= 1 are all that may share a batch.
  explicit SplitChoice(int threads) : threads_(threads) {}

  // Whether to split a batch of `rows` >= 1 rows.
  bool Splits(std::int64_t rows) const {
    const Size& size = SizeOf(rows);
    if (threads_ == 1) return false;
    if (size.split == kUnknown) return true;
    const Seconds split = size.split * static_cast<double>(rows);
    if (size.whole == kUnknown) return split * threads_ > kLongestFirstTry;
    const bool tries_one = size.whole * static_cast<double>(rows) <= kLongestTry;
    const bool best = size.split <= kWorthwhile * size.whole;
    const bool tries = size.batches % kTryEvery == 0 && (!best || tries_one);
    return best != tries;
  }

  // What a batch of `rows` rows took, in the way that it was evaluated.
  void Observe(std::int64_t rows, bool split, Seconds time) {
    Size& size = SizeOf(rows);
    ++size.batches;
    const Seconds of_row = time / static_cast<double>(rows);
    Seconds& known = split ? size.split : size.whole;
    // One that the system interrupted counts for little.
    known +=
        known == kUnknown ? of_row : kWeight * (std::min(of_row, kMostTimesKnown * known) - known);
  }

 private:
  static constexpr Seconds kUnknown{0};
  static constexpr double kWeight = 0.25;
  static constexpr double kMostTimesKnown = 2.0;

  // Batches of 2^n to 2^(n + 1) - 1 rows, for n of 0 to 12, and all larger ones.
  struct Size {
    Seconds split = kUnknown;  // recent averages, of a row
    Seconds whole = kUnknown;
    std::uint32_t batches = 0;
  };
  static constexpr std::size_t kSizes = 14;

  static std::size_t IndexOf(std::int64_t rows) {
    return std::min(kSizes,
                    static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(rows)))) -
           1;
  }
  const Size& SizeOf(std::int64_t rows) const { return sizes_[IndexOf(rows)]; }
  Size& SizeOf(std::int64_t rows) { return sizes_[IndexOf(rows)]; }

  const int threads_;
  std::array<Size, kSizes> sizes_;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_SPLIT_CHOICE_H_
