// Reads the members of a JSON object one by one and keeps track of the members not read.

#ifndef MLP_MODEL_FORMATS_IO_JSON_OBJECT_H_
#define MLP_MODEL_FORMATS_IO_JSON_OBJECT_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Every error is INVALID_ARGUMENT and names the member's JSON pointer, its value and what was
// expected. The document must outlive the reader. Not thread-safe.
class JsonObject final {
 public:
  // INVALID_ARGUMENT if `value`, at `pointer`, is not an object.
  static absl::StatusOr<JsonObject> Open(const nlohmann::json& value, std::string pointer);

  // The JSON pointer of the object, and of its member `key`.
  const std::string& pointer() const { return pointer_; }
  std::string PointerOf(absl::string_view key) const;

  // The member `key`, or null. Marks `key` as known.
  const nlohmann::json* Find(absl::string_view key);

  // Each returns `default_value` if the member is missing, or an error if `default_value` is
  // nullopt. A string must have 1 to `longest` bytes and no NUL; an integer must be in [lowest,
  // highest]; a choice must be one of `choices`.
  absl::StatusOr<std::string> String(
      absl::string_view key, std::size_t longest,
      const std::optional<std::string>& default_value = std::nullopt);
  absl::StatusOr<std::int64_t> Integer(absl::string_view key, std::int64_t lowest,
                                       std::int64_t highest,
                                       std::optional<std::int64_t> default_value = std::nullopt);
  absl::StatusOr<double> Number(absl::string_view key,
                                std::optional<double> default_value = std::nullopt);
  absl::StatusOr<std::string> Choice(
      absl::string_view key, const std::vector<absl::string_view>& choices,
      const std::optional<std::string>& default_value = std::nullopt);

  // An array that must have `fewest` to `most` elements.
  absl::StatusOr<const nlohmann::json*> Array(absl::string_view key, std::size_t fewest,
                                              std::size_t most);

  // The members that have not been read.
  std::vector<std::string> Unknown() const;

  // INVALID_ARGUMENT for the first unknown member, listing the known ones.
  absl::Status CheckAllKnown() const;

 private:
  JsonObject(const nlohmann::json* object, std::string pointer)
      : object_(object), pointer_(std::move(pointer)) {}

  absl::Status Missing(absl::string_view key) const;

  const nlohmann::json* object_;
  std::string pointer_;
  std::vector<std::string> known_;
};

// "the string 'abc'", "the number 3", "an array", for messages.
std::string JsonText(const nlohmann::json& value);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_JSON_OBJECT_H_
