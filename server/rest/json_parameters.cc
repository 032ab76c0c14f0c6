#include "server/rest/json_parameters.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/rest/json_members.h"

namespace mlp {
namespace {

using simdjson::ondemand::json_type;
using simdjson::ondemand::number_type;
using JsonObject = simdjson::ondemand::object;
using JsonValue = simdjson::ondemand::value;

// An error if `value` has a type that no parameter has.
simdjson::error_code ReadParameter(JsonValue& value, inference::InferParameter& parameter) {
  json_type type{};
  if (const auto error = value.type().get(type); error != simdjson::SUCCESS) return error;
  if (type == json_type::string) {
    std::string_view text;
    if (const auto error = value.get_string().get(text); error != simdjson::SUCCESS) return error;
    parameter.mutable_string_param()->assign(text);
    return simdjson::SUCCESS;
  }
  if (type == json_type::boolean) {
    bool flag = false;
    if (const auto error = value.get_bool().get(flag); error != simdjson::SUCCESS) return error;
    parameter.set_bool_param(flag);
    return simdjson::SUCCESS;
  }
  if (type != json_type::number) return simdjson::INCORRECT_TYPE;
  simdjson::ondemand::number number;
  if (const auto error = value.get_number().get(number); error != simdjson::SUCCESS) return error;
  if (number.get_number_type() == number_type::signed_integer) {
    parameter.set_int64_param(number.get_int64());
  } else if (number.get_number_type() == number_type::unsigned_integer) {
    parameter.set_uint64_param(number.get_uint64());
  } else {
    parameter.set_double_param(number.get_double());
  }
  return simdjson::SUCCESS;
}

}  // namespace

absl::Status ReadJsonParameters(
    absl::string_view what, simdjson::ondemand::value& value,
    const std::function<absl::Status(std::string, inference::InferParameter)>& take) {
  JsonObject parameters;
  if (value.get_object().get(parameters) != simdjson::SUCCESS) {
    return WrongJsonMember(what, "parameters", "an object");
  }
  absl::flat_hash_set<std::string> names;
  for (auto field : parameters) {
    std::string_view key;
    JsonValue element;
    if (auto status = ReadJsonMember(field, key, element); !status.ok()) return status;
    std::string name(key);
    if (!names.insert(name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, " has the parameter ", Quote(name), " twice; expected it once"));
    }
    inference::InferParameter parameter;
    if (ReadParameter(element, parameter) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, " has the parameter ", Quote(name),
                       "; expected a string, a number, true or false"));
    }
    if (auto status = take(std::move(name), std::move(parameter)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace mlp
