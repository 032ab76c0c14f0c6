#include "server/rest/json_members.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace mlp {

absl::Status ReadJsonMember(JsonField& field, std::string_view& key,
                            simdjson::ondemand::value& value) {
  auto error = field.unescaped_key().get(key);
  if (error == simdjson::SUCCESS) error = field.value().get(value);
  return error == simdjson::SUCCESS ? absl::OkStatus() : JsonError(error);
}

absl::Status ReadJsonString(absl::string_view what, absl::string_view member,
                            simdjson::ondemand::value& value, std::string& text) {
  std::string_view read;
  if (value.get_string().get(read) != simdjson::SUCCESS) {
    return WrongJsonMember(what, member, "a string");
  }
  text.assign(read);
  return absl::OkStatus();
}

absl::Status WrongJsonMember(absl::string_view what, absl::string_view member,
                             absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " has a member `", member, "` that is not ", expected));
}

absl::StatusOr<std::size_t> JsonMembers::Next(JsonField& field, simdjson::ondemand::value& value) {
  std::string_view key;
  if (auto status = ReadJsonMember(field, key, value); !status.ok()) return status;
  // Some clients write null for members that they do not use.
  bool is_null = false;
  if (value.is_null().get(is_null) == simdjson::SUCCESS && is_null) return names_.size();
  const auto at = static_cast<std::size_t>(
      std::find(names_.begin(), names_.end(), absl::string_view(key.data(), key.size())) -
      names_.begin());
  if (at == names_.size()) return at;
  if (has(at)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what_, " has the member `", names_[at], "` twice; expected it once"));
  }
  seen_ |= 1U << at;
  return at;
}

}  // namespace mlp
