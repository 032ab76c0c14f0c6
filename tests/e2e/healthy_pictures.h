// An endless supply of digits drawn from the held-out ones, and baselines made of them.

#ifndef MLP_TESTS_E2E_HEALTHY_PICTURES_H_
#define MLP_TESTS_E2E_HEALTHY_PICTURES_H_

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "model/drift/baseline_file.h"
#include "model/drift/calibration.h"
#include "model/drift/network_digest.h"
#include "model/formats/model_file.h"
#include "tests/e2e/held_out.h"

namespace mlp {

inline constexpr std::int64_t kPicturePixels = 64;

// Pictures of one population, with some noise to make each different. Torn pictures have the lower
// half of the next one, so each single pixel is distributed as before.
class Pictures final {
 public:
  std::vector<float> Draw(std::int64_t rows, bool torn = false) {
    std::vector<float> drawn;
    std::int64_t next = Pick();
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t picture = std::exchange(next, Pick());
      for (std::int64_t pixel = 0; pixel < kPicturePixels; ++pixel) {
        const bool lower = pixel >= kPicturePixels / 2;
        const std::int64_t source = torn && lower ? next : picture;
        drawn.push_back(pixels_[static_cast<std::size_t>(source * kPicturePixels + pixel)] +
                        noise_(random_));
      }
    }
    return drawn;
  }

 private:
  std::int64_t Pick() { return picture_(random_); }

  const std::vector<float> pixels_ = HeldOutPixels();
  std::mt19937 random_{7};
  std::uniform_int_distribution<std::int64_t> picture_{0, kHeldOutRows - 1};
  std::normal_distribution<float> noise_{0.0F, 0.02F};
};

// The bytes of a baseline of healthy pictures, for the network in `file`.
inline std::string BaselineFileOf(const std::filesystem::path& file, Pictures& pictures) {
  auto read = ReadModelFile(file, {});
  EXPECT_TRUE(read.ok()) << read.status();
  CalibrationOptions options;
  options.model_digest = NetworkDigest(read->network);
  tbb::task_arena arena{1};
  const Evaluator evaluator(std::move(read->network), 0.01, arena);
  constexpr std::int64_t kRows = 6000;
  const std::vector<float> rows = pictures.Draw(kRows);
  const float* const input = rows.data();
  const auto made = Calibrate(evaluator, kRows, {&input, 1}, options);
  EXPECT_TRUE(made.ok()) << made.status();
  return WriteBaseline(made->baseline, evaluator.network());
}

}  // namespace mlp

#endif  // MLP_TESTS_E2E_HEALTHY_PICTURES_H_
