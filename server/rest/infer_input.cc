#include "server/rest/infer_input.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/datatype.h"
#include "model/quote.h"
#include "server/rest/infer_parameters.h"
#include "server/rest/json_members.h"
#include "server/rest/json_values.h"

namespace mlp {
namespace {

using Input = inference::ModelInferRequest::InferInputTensor;
using JsonArray = simdjson::ondemand::array;
using JsonObject = simdjson::ondemand::object;
using JsonValue = simdjson::ondemand::value;

// More dimensions than any model's input has. Also the deepest nesting.
constexpr int kMaxDimensions = 16;

absl::Status ReadShape(JsonValue& value, Input& message) {
  JsonArray shape;
  if (value.get_array().get(shape) != simdjson::SUCCESS) {
    return WrongJsonMember("an input", "shape", "an array");
  }
  for (auto element : shape) {
    std::int64_t dimension = 0;
    if (element.get_int64().get(dimension) != simdjson::SUCCESS || dimension < 0) {
      return WrongJsonMember("an input", "shape", "an array of whole numbers of 0 or more");
    }
    if (message.shape_size() == kMaxDimensions) {
      return absl::InvalidArgumentError(
          absl::StrCat("an input has more than ", kMaxDimensions, " dimensions"));
    }
    message.add_shape(dimension);
  }
  return absl::OkStatus();
}

absl::Status ReadData(JsonValue& value, const Input& message, std::string& raw) {
  const std::optional<Datatype> datatype = FindDatatype(message.datatype());
  if (!datatype) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input ", Quote(message.name()), " has the unknown datatype ", Quote(message.datatype())));
  }
  if (message.shape().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(message.name()), " has an empty shape; expected dimensions"));
  }
  JsonArray data;
  if (value.get_array().get(data) != simdjson::SUCCESS) {
    return WrongJsonMember("an input", "data", "an array");
  }
  return ReadJsonValues(data,
                        {message.name(),
                         *datatype,
                         {message.shape().data(), static_cast<std::size_t>(message.shape_size())}},
                        raw);
}

// Reads `data` that stands before the members that say how to read it. Finds it by its position,
// not by its key: simdjson has room to unescape each string only once, and the keys were
// unescaped before.
absl::Status ReadDataAgain(JsonObject input, std::size_t place_of_data, const Input& message,
                           std::string& raw) {
  bool is_empty = false;
  if (const auto error = input.reset().get(is_empty); error != simdjson::SUCCESS) {
    return JsonError(error);
  }
  absl::Status status = absl::OkStatus();
  std::size_t place = 0;
  // Goes on to the end of the object: what follows it is read from there.
  for (auto field : input) {
    JsonValue value;
    if (field.value().get(value) != simdjson::SUCCESS) {
      return absl::InternalError("what was read of an input cannot be read again");
    }
    if (place++ == place_of_data) status = ReadData(value, message, raw);
    if (!status.ok()) return status;
  }
  return status;
}

absl::Status ReadInputParameters(JsonValue& value, Input& message, ObjectCount& objects,
                                 std::optional<std::uint64_t>& binary_bytes) {
  return ReadInferParameters(
      "an input", value,
      [&binary_bytes](const std::string& key,
                      const inference::InferParameter& parameter) -> absl::StatusOr<bool> {
        if (key != "binary_data_size") return false;
        if (parameter.parameter_choice_case() != inference::InferParameter::kInt64Param ||
            parameter.int64_param() < 0) {
          return absl::InvalidArgumentError(
              "an input has the parameter 'binary_data_size'; expected a whole number of 0 or "
              "more");
        }
        binary_bytes = static_cast<std::uint64_t>(parameter.int64_param());
        return true;
      },
      objects, *message.mutable_parameters());
}

absl::Status TakeBinary(std::uint64_t bytes, const Input& message, absl::string_view& binary,
                        std::string& raw) {
  if (bytes > binary.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(message.name()), " has the parameter 'binary_data_size' of ",
                     bytes, "; only ", binary.size(), " bytes of the body are left for it"));
  }
  raw.assign(binary.data(), bytes);
  binary.remove_prefix(bytes);
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadInferInput(simdjson::ondemand::object input, ObjectCount& objects,
                            absl::string_view& binary,
                            inference::ModelInferRequest::InferInputTensor& message,
                            std::string& raw) {
  constexpr absl::string_view kNames[] = {"name", "datatype", "shape", "parameters", "data"};
  constexpr std::size_t kData = 4;
  JsonMembers members("an input", kNames);
  std::optional<std::uint64_t> binary_bytes;
  bool data_was_read = false;
  std::size_t fields = 0;
  std::size_t place_of_data = 0;
  for (auto field : input) {
    JsonValue value;
    const absl::StatusOr<std::size_t> member = members.Next(field, value);
    if (!member.ok()) return member.status();
    absl::Status status = absl::OkStatus();
    if (*member == 0) status = ReadJsonString("an input", "name", value, *message.mutable_name());
    if (*member == 1) {
      status = ReadJsonString("an input", "datatype", value, *message.mutable_datatype());
    }
    if (*member == 2) status = ReadShape(value, message);
    if (*member == 3) status = ReadInputParameters(value, message, objects, binary_bytes);
    if (*member == kData) place_of_data = fields;
    ++fields;
    if (*member == kData && members.has(0) && members.has(1) && members.has(2)) {
      status = ReadData(value, message, raw);
      data_was_read = true;
    }
    if (!status.ok()) return status;
  }
  for (std::size_t i = 0; i < 3; ++i) {
    if (members.has(i)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(message.name()), " has no member `", kNames[i], "`"));
  }
  if (members.has(kData) == binary_bytes.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(message.name()), " has ",
                     binary_bytes ? "both `data` and" : "neither `data` nor",
                     " the parameter 'binary_data_size'; expected one of the two"));
  }
  if (binary_bytes) return TakeBinary(*binary_bytes, message, binary, raw);
  return data_was_read ? absl::OkStatus() : ReadDataAgain(input, place_of_data, message, raw);
}

}  // namespace mlp
