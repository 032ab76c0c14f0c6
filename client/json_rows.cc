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

// Handles the parser's events directly, so no tree is built and nesting stops at the second
// bracket. Each event returns whether to continue; if not, status() has the reason. The event names
// are nlohmann's.
class RowsHandler {
 public:
  explicit RowsHandler(const TextColumns& texts) : texts_(texts) {}

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

  bool number_integer(json::number_integer_t value) {
    return AddNumber(static_cast<double>(value));
  }
  bool number_unsigned(json::number_unsigned_t value) {
    return AddNumber(static_cast<double>(value));
  }
  bool number_float(json::number_float_t value, const std::string& /*text*/) {
    return AddNumber(value);
  }

  bool null() {
    if (!InRow() || texts_.Has(column_)) return Refuse("null");
    rows_.missing.emplace(column_,
                          absl::StrCat("row ", rows_.rows, ", value ", column_ + 1, " is null"));
    return Add(std::numeric_limits<float>::quiet_NaN());
  }
  bool boolean(bool /*value*/) { return Refuse("a boolean"); }
  bool string(std::string& value) {
    if (!InRow() && !texts_.Has(0)) return Refuse("a string");
    if (!EnterValue("a string")) return false;
    if (!texts_.Has(column_)) return Refuse("a string");
    rows_.texts.push_back(std::move(value));
    ++column_;
    return true;
  }
  bool binary(json::binary_t& /*value*/) { return Refuse("binary"); }
  bool start_object(std::size_t /*elements*/) { return Refuse("an object"); }
  bool key(std::string& /*value*/) { return false; }
  bool end_object() { return false; }

  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const json::exception& error) {
    absl::string_view message = error.what();  // "[json.exception...] parse error at line 1, ..."
    const std::size_t prefix = message.find("] ");
    if (prefix != absl::string_view::npos) message.remove_prefix(prefix + 2);
    status_ = absl::InvalidArgumentError(absl::StrCat("not valid JSON: ", message));
    return false;
  }
  // NOLINTEND(readability-identifier-naming)

  const absl::Status& status() const { return status_; }
  Rows& rows() { return rows_; }

 private:
  void BeginRow() {
    ++rows_.rows;
    column_ = 0;
  }

  bool EndRow() {
    if (column_ == 0) {
      status_ = absl::InvalidArgumentError(absl::StrCat("row ", rows_.rows, " has no values"));
    } else if (rows_.rows > 1 && column_ != columns_) {
      status_ = absl::InvalidArgumentError(absl::StrCat(
          "row ", rows_.rows, " has ", column_, " values; expected ", columns_, " as in row 1"));
    }
    if (rows_.rows == 1) {
      columns_ = column_;
      rows_.width = static_cast<std::int64_t>(rows_.values.size());
      rows_.text_width = static_cast<std::int64_t>(rows_.texts.size());
    }
    return status_.ok();
  }

  bool InRow() const { return depth_ == 2 || single_row_; }

  // A value outside a row starts the only row, if there is none yet.
  bool EnterValue(absl::string_view what) {
    if (InRow()) return true;
    if (depth_ == 0 || rows_.rows > 0) return Refuse(what);  // [[1], 2]
    single_row_ = true;
    BeginRow();
    return true;
  }

  bool AddNumber(double value) {
    if (!EnterValue("a number")) return false;
    if (texts_.Has(column_)) return Refuse("a number");
    const auto narrow = static_cast<float>(value);
    if (!std::isfinite(narrow)) return Refuse(absl::StrCat(value, ", out of the range of FP32"));
    return Add(narrow);
  }

  bool Add(float value) {
    rows_.values.push_back(value);
    ++column_;
    return true;
  }

  // Reports `what` in place of the expected value.
  bool Refuse(absl::string_view what) {
    if (depth_ == 0) {
      status_ = absl::InvalidArgumentError(
          absl::StrCat("the JSON text is ", what, "; expected an array of rows or of numbers"));
    } else if (InRow()) {
      status_ = absl::InvalidArgumentError(absl::StrCat("row ", rows_.rows, ", value ", column_ + 1,
                                                        " is ", what, "; expected a ",
                                                        texts_.Has(column_) ? "string" : "number"));
    } else {
      status_ = absl::InvalidArgumentError(absl::StrCat("row ", rows_.rows + 1, " is ", what,
                                                        "; expected an array of ",
                                                        texts_.empty() ? "numbers" : "values"));
    }
    return false;
  }

  const TextColumns& texts_;
  Rows rows_;
  absl::Status status_;
  int depth_ = 0;
  bool single_row_ = false;   // the outer array holds numbers
  std::int64_t column_ = 0;   // of the next value in its row
  std::int64_t columns_ = 0;  // of the first row
};

}  // namespace

absl::StatusOr<Rows> ReadJsonRows(absl::string_view text, const TextColumns& texts) {
  RowsHandler handler(texts);
  if (!nlohmann::json::sax_parse(text, &handler)) {
    if (!handler.status().ok()) return handler.status();
    return absl::InvalidArgumentError("no JSON");
  }
  return std::move(handler.rows());
}

}  // namespace mlp
