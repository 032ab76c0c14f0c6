// The rows of a calibration, which arrive in pieces.

#ifndef MLP_SERVER_RPC_CALIBRATION_ROWS_H_
#define MLP_SERVER_RPC_CALIBRATION_ROWS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/network.h"
#include "server/served_models/served_model.h"

namespace mlp {

// Not thread-safe.
class CalibrationRows final {
 public:
  // REQUIRES: CheckTakes(*model).ok().
  CalibrationRows(std::shared_ptr<const ServedModel> model, std::int64_t most_bytes);

  // UNIMPLEMENTED for a model that takes texts: a calibration cannot send words.
  static absl::Status CheckTakes(const ServedModel& model);

  // Takes the next bytes: FP32, little-endian, row after row, each with the values of all inputs
  // side by side. RESOURCE_EXHAUSTED beyond `most_bytes`, and if there is no memory.
  absl::Status Add(absl::string_view bytes);

  // INVALID_ARGUMENT if there are no rows or the last one is incomplete.
  absl::Status CheckWhole() const;

  // Moves the rows out: one array for each input, [rows, its width].
  std::vector<std::vector<float>> TakeInputs() { return std::move(inputs_); }

  std::int64_t rows() const { return rows_; }
  const ServedModel& model() const { return *model_; }

 private:
  // Takes whole values of the current input, no more than its row still lacks.
  absl::Status AddValues(absl::string_view bytes);

  std::shared_ptr<const ServedModel> model_;
  const std::int64_t most_bytes_;
  std::int64_t bytes_ = 0;
  std::int64_t rows_ = 0;
  std::vector<std::vector<float>> inputs_;
  std::vector<std::int64_t> widths_;
  std::size_t input_ = 0;        // the input that gets the next value
  std::int64_t column_ = 0;      // of that input
  std::array<char, 4> value_{};  // the next value, as far as it has arrived
  std::size_t value_bytes_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_CALIBRATION_ROWS_H_
