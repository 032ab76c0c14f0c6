#include "client/json_rows.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// Takes the parser's events as they come, so that no tree is built and nesting stops at the second
// bracket. Each event says whether to go on; the reason not to is in status(). The names of the
// events are nlohmann's.
class RowsHandler {
 public:
  using json = nlohmann::json;

  // NOLINTBEGIN(readability-identifier-naming)
  bool start_array(std::size_t /*elements*/) {
    if (depth_ == 2) return Refuse("an array");
    if (depth_ == 1) {
      if (single_row_) return Refuse("an array");  // [1, [2]]
      BeginRow();
    }
    ++depth_;
    return true;
  }

  bool end_array() {
    --depth_;
    if (depth_ == 0 && !single_row_) return true;
    return EndRow();
  }

  bool number_integer(json::number_integer_t value) { return Add(static_cast<double>(value)); }
  bool number_unsigned(json::number_unsigned_t value) { return Add(static_cast<double>(value)); }
  bool number_float(json::number_float_t value, const std::string& /*text*/) { return Add(value); }

  bool null() {
    if (depth_ == 0 || (depth_ == 1 && !single_row_)) return Refuse("null");
    const auto column = static_cast<std::int64_t>(rows_.values.size() - row_begin_);
    rows_.missing.emplace(column,
                          absl::StrCat("row ", rows_.rows, ", value ", column + 1, " is null"));
    rows_.values.push_back(std::numeric_limits<float>::quiet_NaN());
    return true;
  }
  bool boolean(bool /*value*/) { return Refuse("a boolean"); }
  bool string(std::string& /*value*/) { return Refuse("a string"); }
  bool binary(json::binary_t& /*value*/) { return Refuse("binary"); }
  bool start_object(std::size_t /*elements*/) { return Refuse("an object"); }
  bool key(std::string& /*value*/) { return false; }
  bool end_object() { return false; }

  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const json::exception& error) {
    absl::string_view message = error.what();  // "[json.exception...] parse error at line 1, ..."
    const std::size_t prefix = message.find("] ");
    if (prefix != absl::string_view::npos) message.remove_prefix(prefix + 2);
    status_ = absl::InvalidArgumentError(absl::StrCat("no JSON: ", message));
    return false;
  }
  // NOLINTEND(readability-identifier-naming)

  const absl::Status& status() const { return status_; }
  Rows& rows() { return rows_; }

 private:
  void BeginRow() {
    ++rows_.rows;
    row_begin_ = rows_.values.size();
  }

  bool EndRow() {
    const auto width = static_cast<std::int64_t>(rows_.values.size() - row_begin_);
    if (width == 0) {
      status_ = absl::InvalidArgumentError(absl::StrCat("row ", rows_.rows, " has no values"));
    } else if (rows_.rows > 1 && width != rows_.width) {
      status_ = absl::InvalidArgumentError(absl::StrCat(
          "row ", rows_.rows, " has ", width, " values; expected ", rows_.width, " as in row 1"));
    }
    rows_.width = width;
    return status_.ok();
  }

  bool Add(double value) {
    if (depth_ == 0) return Refuse("a number");
    if (depth_ == 1 && !single_row_) {
      if (rows_.rows > 0) return Refuse("a number");  // [[1], 2]
      single_row_ = true;
      BeginRow();
    }
    const auto narrow = static_cast<float>(value);
    if (!std::isfinite(narrow)) return Refuse(absl::StrCat(value, ", out of the range of FP32"));
    rows_.values.push_back(narrow);
    return true;
  }

  // Says where `what` stands instead of what is expected there.
  bool Refuse(absl::string_view what) {
    const std::size_t value = rows_.values.size() - row_begin_ + 1;
    if (depth_ == 0) {
      status_ = absl::InvalidArgumentError(
          absl::StrCat("the JSON text is ", what, "; expected an array of rows or of numbers"));
    } else if (depth_ == 2 || single_row_) {
      status_ = absl::InvalidArgumentError(
          absl::StrCat("row ", rows_.rows, ", value ", value, " is ", what, "; expected a number"));
    } else {
      status_ = absl::InvalidArgumentError(
          absl::StrCat("row ", rows_.rows + 1, " is ", what, "; expected an array of numbers"));
    }
    return false;
  }

  Rows rows_;
  absl::Status status_;
  int depth_ = 0;
  bool single_row_ = false;  // the outer array holds numbers
  std::size_t row_begin_ = 0;
};

}  // namespace

absl::StatusOr<Rows> ReadJsonRows(absl::string_view text) {
  RowsHandler handler;
  if (!nlohmann::json::sax_parse(text, &handler)) {
    if (!handler.status().ok()) return handler.status();
    return absl::InvalidArgumentError("no JSON");
  }
  return std::move(handler.rows());
}

}  // namespace mlp
