// Measured figures, compared with bars that they must reach.

#ifndef MLP_BENCHMARKS_BAR_LIST_H_
#define MLP_BENCHMARKS_BAR_LIST_H_

#include <string>
#include <vector>

namespace mlp {

enum class Verdict { kOk, kBelowBar, kNotJudged };

// As printed.
const char* TextOf(Verdict verdict);

struct Bar {
  std::string name;
  double value = 0.0;
  double bar = 0.0;
  Verdict verdict = Verdict::kBelowBar;
};

// Prints "name value bar ok|short|not judged" for each figure. NaN falls short.
class BarList final {
 public:
  void AtLeast(const std::string& name, double value, double bar) {
    Add({name, value, bar, Judged(value >= bar)});
  }
  void AtMost(const std::string& name, double value, double bar) {
    Add({name, value, bar, Judged(value <= bar)});
  }

  // Whether the following figures are judged, the default, or only printed.
  void set_judges(bool judges) { judges_ = judges; }

  // Whether no judged figure falls short.
  bool all_reached() const;
  const std::vector<Bar>& bars() const { return bars_; }

 private:
  Verdict Judged(bool ok) const {
    return !judges_ ? Verdict::kNotJudged : ok ? Verdict::kOk : Verdict::kBelowBar;
  }
  void Add(const Bar& bar);

  bool judges_ = true;
  std::vector<Bar> bars_;
};

}  // namespace mlp

#endif  // MLP_BENCHMARKS_BAR_LIST_H_
