#include "benchmarks/bar_list.h"

#include <algorithm>
#include <cstdio>

namespace mlp {

const char* TextOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kBelowBar:
      return "short";
    case Verdict::kNotJudged:
      return "not judged";
  }
  return "";
}

bool BarList::all_reached() const {
  return std::all_of(bars_.begin(), bars_.end(),
                     [](const Bar& bar) { return bar.verdict != Verdict::kBelowBar; });
}

void BarList::Add(const Bar& bar) {
  std::printf("%-64s %8.3f %6.2f %s\n", bar.name.c_str(), bar.value, bar.bar, TextOf(bar.verdict));
  std::fflush(stdout);
  bars_.push_back(bar);
}

}  // namespace mlp
