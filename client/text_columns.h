// Which columns of a model's rows hold texts: those of its BYTES inputs.

#ifndef MLP_CLIENT_TEXT_COLUMNS_H_
#define MLP_CLIENT_TEXT_COLUMNS_H_

#include <cstdint>
#include <limits>
#include <map>

namespace mlp {

// All other columns hold numbers. Columns count from 0, over all inputs in order.
class TextColumns final {
 public:
  static constexpr std::int64_t kAllThatFollow = std::numeric_limits<std::int64_t>::max();

  // The columns [first, end). REQUIRES: no two ranges overlap.
  void Add(std::int64_t first, std::int64_t end) { ends_[first] = end; }

  bool Has(std::int64_t column) const {
    auto range = ends_.upper_bound(column);
    return range != ends_.begin() && column < (--range)->second;
  }

  bool empty() const { return ends_.empty(); }

 private:
  std::map<std::int64_t, std::int64_t> ends_;  // the end of each range, by its first column
};

}  // namespace mlp

#endif  // MLP_CLIENT_TEXT_COLUMNS_H_
