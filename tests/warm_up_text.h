// Long warm-ups, for tests that observe a model while it loads.

#ifndef MLP_TESTS_WARM_UP_TEXT_H_
#define MLP_TESTS_WARM_UP_TEXT_H_

#include <string>

#include "absl/strings/str_cat.h"

namespace mlp {

// The model_warmup of a config.pbtxt, for the digits networks: `entries` times `count` batches of
// 4,096 rows. Each batch takes about a millisecond. `count` is at most 1,000 and `entries` at most
// 64.
inline std::string WarmUpText(int entries, int count) {
  std::string text;
  for (int i = 0; i < entries; ++i) {
    absl::StrAppend(&text, R"(model_warmup { name: "long" batch_size: 4096 count: )", count,
                    R"( inputs { key: "pixels" value { data_type: TYPE_FP32 dims: 64
                    random_data: true } } } )");
  }
  return text;
}

}  // namespace mlp

#endif  // MLP_TESTS_WARM_UP_TEXT_H_
