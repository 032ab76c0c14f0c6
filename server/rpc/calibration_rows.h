// The rows of a calibration, as they come in pieces.

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
  // REQUIRES: CheckTakes has passed `model`.
  CalibrationRows(std::shared_ptr<const ServedModel> model, std::int64_t most_bytes);

  // UNIMPLEMENTED for a model that takes texts: their words are not sent.
  static absl::Status CheckTakes(const ServedModel& model);

  // Takes the next bytes: FP32, little-endian, a row after the other, each with the values of all
  // inputs side by side. RESOURCE_EXHAUSTED beyond `most_bytes`, and where there is no memory.
  absl::Status Add(absl::string_view bytes);

  // INVALID_ARGUMENT where there are no rows or the last one is not whole.
  absl::Status CheckWhole() const;

  // One array for each input, [rows, its width]. Takes them out.
  std::vector<std::vector<float>> TakeInputs() { return std::move(inputs_); }

  std::int64_t rows() const { return rows_; }
  const ServedModel& model() const { return *model_; }

 private:
  // Whole ones, of the input that is filled, and no more than its row lacks.
  absl::Status AddValues(absl::string_view bytes);

  std::shared_ptr<const ServedModel> model_;
  const std::int64_t most_bytes_;
  std::int64_t bytes_ = 0;
  std::int64_t rows_ = 0;
  std::vector<std::vector<float>> inputs_;
  std::vector<std::int64_t> widths_;
  std::size_t input_ = 0;        // that gets the next value
  std::int64_t column_ = 0;      // in it
  std::array<char, 4> value_{};  // the next one, as far as it has come
  std::size_t value_bytes_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_CALIBRATION_ROWS_H_
