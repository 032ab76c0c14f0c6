// Figures beside what they are to reach.

#ifndef MLP_BENCHMARKS_BAR_LIST_H_
#define MLP_BENCHMARKS_BAR_LIST_H_

#include <string>
#include <vector>

namespace mlp {

struct Bar {
  std::string name;
  double value = 0.0;
  double bar = 0.0;
  bool ok = false;
};

// Prints "name value bar ok|short" for each figure that it is given. NaN falls short.
class BarList final {
 public:
  void AtLeast(const std::string& name, double value, double bar) {
    Add({name, value, bar, value >= bar});
  }
  void AtMost(const std::string& name, double value, double bar) {
    Add({name, value, bar, value <= bar});
  }

  bool all_reached() const;
  const std::vector<Bar>& bars() const { return bars_; }

 private:
  void Add(const Bar& bar);

  std::vector<Bar> bars_;
};

}  // namespace mlp

#endif  // MLP_BENCHMARKS_BAR_LIST_H_
