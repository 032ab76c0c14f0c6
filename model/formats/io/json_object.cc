#include "model/formats/io/json_object.h"

#include <algorithm>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/formats/io/json_document.h"
#include "model/quote.h"

namespace mlp {
namespace {

using nlohmann::json;

absl::Status Unexpected(absl::string_view pointer, const json& value, absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(PlaceText(pointer), " is ", JsonText(value), "; expected ", expected));
}

}  // namespace

std::string JsonText(const json& value) {
  if (value.is_string()) {
    return absl::StrCat("the string ", Quote(value.get_ref<const std::string&>()));
  }
  if (value.is_object()) return "an object";
  if (value.is_array()) return absl::StrCat("an array of ", value.size());
  if (value.is_number()) return absl::StrCat("the number ", value.dump());
  return value.dump();
}

absl::StatusOr<JsonObject> JsonObject::Open(const json& value, std::string pointer) {
  if (!value.is_object()) return Unexpected(pointer, value, "an object");
  return JsonObject(&value, std::move(pointer));
}

std::string JsonObject::PointerOf(absl::string_view key) const {
  return JsonPointer(pointer_, key);
}

const json* JsonObject::Find(absl::string_view key) {
  const std::string text(key);
  if (std::find(known_.begin(), known_.end(), text) == known_.end()) known_.push_back(text);
  const auto found = object_->find(text);
  return found == object_->end() ? nullptr : &*found;
}

absl::Status JsonObject::Missing(absl::string_view key) const {
  return absl::InvalidArgumentError(absl::StrCat(PlaceText(pointer_), " has no ", Quote(key)));
}

absl::StatusOr<std::string> JsonObject::String(absl::string_view key, std::size_t longest,
                                               const std::optional<std::string>& default_value) {
  const json* value = Find(key);
  if (value == nullptr && !default_value.has_value()) return Missing(key);
  if (value == nullptr) return *default_value;
  if (!value->is_string()) return Unexpected(PointerOf(key), *value, "a string");
  const auto& text = value->get_ref<const std::string&>();
  if (text.empty() || text.size() > longest || text.find('\0') != std::string::npos) {
    return Unexpected(PointerOf(key), *value,
                      absl::StrCat("a string of 1 to ", longest, " bytes without NUL"));
  }
  return text;
}

absl::StatusOr<std::int64_t> JsonObject::Integer(absl::string_view key, std::int64_t lowest,
                                                 std::int64_t highest,
                                                 std::optional<std::int64_t> default_value) {
  const json* value = Find(key);
  if (value == nullptr && !default_value.has_value()) return Missing(key);
  if (value == nullptr) return *default_value;
  // An unsigned number may exceed the signed range.
  const bool fits = value->is_number_integer() &&
                    (!value->is_number_unsigned() ||
                     value->get<std::uint64_t>() <=
                         static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  if (!fits || value->get<std::int64_t>() < lowest || value->get<std::int64_t>() > highest) {
    return Unexpected(PointerOf(key), *value,
                      lowest == highest
                          ? absl::StrCat(lowest)
                          : absl::StrCat("an integer from ", lowest, " to ", highest));
  }
  return value->get<std::int64_t>();
}

absl::StatusOr<double> JsonObject::Number(absl::string_view key,
                                          std::optional<double> default_value) {
  const json* value = Find(key);
  if (value == nullptr && !default_value.has_value()) return Missing(key);
  if (value == nullptr) return *default_value;
  if (!value->is_number()) return Unexpected(PointerOf(key), *value, "a number");
  return value->get<double>();
}

absl::StatusOr<std::string> JsonObject::Choice(absl::string_view key,
                                               const std::vector<absl::string_view>& choices,
                                               const std::optional<std::string>& default_value) {
  const json* value = Find(key);
  if (value == nullptr && !default_value.has_value()) return Missing(key);
  if (value == nullptr) return *default_value;
  const bool chosen =
      value->is_string() && std::find(choices.begin(), choices.end(),
                                      value->get_ref<const std::string&>()) != choices.end();
  if (!chosen) {
    return Unexpected(PointerOf(key), *value,
                      absl::StrCat("one of ", absl::StrJoin(choices, ", ")));
  }
  return value->get<std::string>();
}

absl::StatusOr<const json*> JsonObject::Array(absl::string_view key, std::size_t fewest,
                                              std::size_t most) {
  const json* value = Find(key);
  if (value == nullptr) return Missing(key);
  if (!value->is_array() || value->size() < fewest || value->size() > most) {
    return Unexpected(PointerOf(key), *value,
                      fewest == most
                          ? absl::StrCat("an array of ", most)
                          : absl::StrCat("an array of ", fewest, " to ", most, " elements"));
  }
  return value;
}

std::vector<std::string> JsonObject::Unknown() const {
  std::vector<std::string> unknown;
  for (const auto& member : object_->items()) {
    if (std::find(known_.begin(), known_.end(), member.key()) == known_.end()) {
      unknown.push_back(member.key());
    }
  }
  return unknown;
}

absl::Status JsonObject::CheckAllKnown() const {
  // Stops at the first unknown member: a hostile object may hold a million.
  for (const auto& member : object_->items()) {
    if (std::find(known_.begin(), known_.end(), member.key()) != known_.end()) continue;
    return absl::InvalidArgumentError(absl::StrCat(PlaceText(pointer_), " has the unknown key ",
                                                   Quote(member.key()), "; expected are ",
                                                   absl::StrJoin(known_, ", ")));
  }
  return absl::OkStatus();
}

}  // namespace mlp
