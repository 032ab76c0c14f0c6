// Figures beside what they are to reach.

#ifndef MLP_BENCHMARKS_BAR_LIST_H_
#define MLP_BENCHMARKS_BAR_LIST_H_

#include <string>
#include <vector>

namespace mlp {

enum class Verdict { kOk, kShort, kNotJudged };

// As it is printed.
const char* TextOf(Verdict verdict);

struct Bar {
  std::string name;
  double value = 0.0;
  double bar = 0.0;
  Verdict verdict = Verdict::kShort;
};

// Prints "name value bar ok|short|not judged" for each figure that it is given. NaN falls short.
class BarList final {
 public:
  void AtLeast(const std::string& name, double value, double bar) {
    Add({name, value, bar, Judged(value >= bar)});
  }
  void AtMost(const std::string& name, double value, double bar) {
    Add({name, value, bar, Judged(value <= bar)});
  }

  // Whether what follows is judged, as it is at first, or only told.
  void set_judges(bool judges) { judges_ = judges; }

  // Whether none that was judged is short.
  bool all_reached() const;
  const std::vector<Bar>& bars() const { return bars_; }

 private:
  Verdict Judged(bool ok) const {
    return !judges_ ? Verdict::kNotJudged : ok ? Verdict::kOk : Verdict::kShort;
  }
  void Add(const Bar& bar);

  bool judges_ = true;
  std::vector<Bar> bars_;
};

}  // namespace mlp

#endif  // MLP_BENCHMARKS_BAR_LIST_H_
