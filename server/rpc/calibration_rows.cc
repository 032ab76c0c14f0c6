#include "server/rpc/calibration_rows.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/memory_room.h"

namespace mlp {
namespace {

constexpr std::size_t kValueBytes = sizeof(float);

absl::Status NoMemoryForRows() {
  return absl::ResourceExhaustedError("there is not enough memory for the rows");
}

// Makes room for `more` values. A vector exists twice for a moment while it grows.
absl::Status MakeRoomFor(std::vector<float>& values, std::size_t more) {
  const std::size_t needed = values.size() + more;
  if (needed <= values.capacity()) return absl::OkStatus();
  const std::size_t reserved = std::max<std::size_t>({needed, values.size() * 2, 1024});
  if (!HasMemoryRoom(static_cast<std::int64_t>(reserved * kValueBytes))) return NoMemoryForRows();
  const RefusableWork may_fail;
  try {
    values.reserve(reserved);
  } catch (const std::bad_alloc&) {
    return NoMemoryForRows();
  }
  return absl::OkStatus();
}

}  // namespace

CalibrationRows::CalibrationRows(std::shared_ptr<const ServedModel> model, std::int64_t most_bytes)
    : model_(std::move(model)), most_bytes_(most_bytes) {
  for (const TensorSpec& input : model_->network->inputs()) widths_.push_back(input.width());
  inputs_.resize(widths_.size());
}

absl::Status CalibrationRows::CheckTakes(const ServedModel& model) {
  for (const TensorSpec& input : model.network->inputs()) {
    if (input.datatype != Datatype::kBytes) continue;
    return absl::UnimplementedError(absl::StrCat(
        "input ", Quote(input.name), " of model ", Quote(model.name),
        " takes strings, which a calibration call cannot send; use mlp-client calibrate "
        "with the model file"));
  }
  return absl::OkStatus();
}

absl::Status CalibrationRows::AddValues(absl::string_view bytes) {
  std::vector<float>& values = inputs_[input_];
  const std::size_t count = bytes.size() / kValueBytes;
  if (absl::Status status = MakeRoomFor(values, count); !status.ok()) return status;
  const std::size_t old_size = values.size();
  values.resize(old_size + count);
  std::memcpy(values.data() + old_size, bytes.data(), bytes.size());
  column_ += static_cast<std::int64_t>(count);
  if (column_ < widths_[input_]) return absl::OkStatus();
  column_ = 0;
  input_ = (input_ + 1) % inputs_.size();
  if (input_ == 0) ++rows_;
  return absl::OkStatus();
}

absl::Status CalibrationRows::Add(absl::string_view bytes) {
  bytes_ += static_cast<std::int64_t>(bytes.size());
  if (bytes_ > most_bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the rows exceed the limit of ", most_bytes_, " bytes"));
  }
  while (!bytes.empty()) {
    absl::Status status;
    if (value_bytes_ == 0 && bytes.size() >= kValueBytes) {
      const std::size_t left = static_cast<std::size_t>(widths_[input_] - column_);
      const absl::string_view now =
          bytes.substr(0, std::min(bytes.size() / kValueBytes, left) * kValueBytes);
      status = AddValues(now);
      bytes.remove_prefix(now.size());
    } else {
      value_.at(value_bytes_++) = bytes.front();
      bytes.remove_prefix(1);
      if (value_bytes_ < kValueBytes) continue;
      value_bytes_ = 0;
      status = AddValues(absl::string_view(value_.data(), kValueBytes));
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CalibrationRows::CheckWhole() const {
  if (value_bytes_ == 0 && column_ == 0 && input_ == 0 && rows_ > 0) return absl::OkStatus();
  const std::int64_t row_bytes = std::accumulate(widths_.begin(), widths_.end(), std::int64_t{0}) *
                                 static_cast<std::int64_t>(kValueBytes);
  return absl::InvalidArgumentError(absl::StrCat("the rows have ", bytes_, " bytes; model ",
                                                 Quote(model_->name), " expects ", row_bytes,
                                                 " for each row, and at least one row"));
}

}  // namespace mlp
