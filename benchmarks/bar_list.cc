#include "benchmarks/bar_list.h"

#include <algorithm>
#include <cstdio>

namespace mlp {

bool BarList::all_reached() const {
  return std::all_of(bars_.begin(), bars_.end(), [](const Bar& bar) { return bar.ok; });
}

void BarList::Add(const Bar& bar) {
  std::printf("%-64s %8.3f %6.2f %s\n", bar.name.c_str(), bar.value, bar.bar,
              bar.ok ? "ok" : "short");
  std::fflush(stdout);
  bars_.push_back(bar);
}

}  // namespace mlp
