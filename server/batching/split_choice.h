// Learns from evaluated batches whether splitting a batch over several threads is worth their time.

#ifndef MLP_SERVER_BATCHING_SPLIT_CHOICE_H_
#define MLP_SERVER_BATCHING_SPLIT_CHOICE_H_

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace mlp {

// The machine's other CPUs may be idle now and busy a minute later, with the network, another
// process or a neighbour. Nothing in this process shows that. Splitting then takes more CPU time
// and no less wall time. So batches of about the same size are tried both ways, and the better way
// is used until the other becomes better. Not thread-safe.
class SplitChoice final {
 public:
  using Seconds = std::chrono::duration<double>;

  // A split batch must take at most this share of its time on one thread.
  static constexpr double kWorthwhile = 0.8;

  // The other way is tried once in this many batches of a size. It is a prime: if batch sizes
  // alternate, each of them is tried.
  static constexpr std::uint32_t kTryEvery = 61;

  // A batch is tried again on one thread only if it takes at most kLongestTry there. It is tried
  // the first time only if it cannot take longer than kLongestFirstTry: its time when split, times
  // the number of threads.
  static constexpr Seconds kLongestTry{0.01};
  static constexpr Seconds kLongestFirstTry{0.05};

  // `threads` >= 1: the most that may share a batch.
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

  // Records the time of a batch of `rows` rows, split or on one thread.
  void Observe(std::int64_t rows, bool split, Seconds time) {
    Size& size = SizeOf(rows);
    ++size.batches;
    const Seconds of_row = time / static_cast<double>(rows);
    Seconds& known = split ? size.split : size.whole;
    // A batch that the system interrupted counts for little.
    known +=
        known == kUnknown ? of_row : kWeight * (std::min(of_row, kOutlierFactor * known) - known);
  }

 private:
  static constexpr Seconds kUnknown{0};
  static constexpr double kWeight = 0.25;
  static constexpr double kOutlierFactor = 2.0;

  // One for batches of 2^n to 2^(n + 1) - 1 rows, for each n from 0 to 12, and one for all larger
  // batches.
  struct Size {
    Seconds split = kUnknown;  // recent averages per row
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
