#include "server/rest/infer_body.h"

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/rest/infer_input.h"
#include "server/rest/infer_parameters.h"
#include "server/rest/json_members.h"
#include "server/rest/json_parser.h"
#include "server/rest/object_count.h"

namespace mlp {
namespace {

using JsonArray = simdjson::ondemand::array;
using JsonObject = simdjson::ondemand::object;
using JsonValue = simdjson::ondemand::value;

static_assert(kBodyPadding >= simdjson::SIMDJSON_PADDING);

class BodyReader final {
 public:
  BodyReader(absl::string_view binary, inference::ModelInferRequest& request, AnswerForm& form)
      : binary_(binary), request_(request), form_(form) {}

  absl::Status Read(JsonObject root) {
    constexpr absl::string_view kNames[] = {"id", "parameters", "inputs", "outputs"};
    JsonMembers members("the request", kNames);
    for (auto field : root) {
      JsonValue value;
      const absl::StatusOr<std::size_t> member = members.Next(field, value);
      if (!member.ok()) return member.status();
      absl::Status status = absl::OkStatus();
      if (*member == 0) status = ReadJsonString("the request", "id", value, *request_.mutable_id());
      if (*member == 1) status = ReadRequestParameters(value);
      if (*member == 2) {
        status = ReadList(value, "inputs", [this](JsonObject input) {
          return ReadInferInput(input, objects_, binary_, *request_.add_inputs(),
                                *request_.add_raw_input_contents());
        });
      }
      if (*member == 3) {
        status =
            ReadList(value, "outputs", [this](JsonObject output) { return ReadOutput(output); });
      }
      if (!status.ok()) return status;
    }
    if (!binary_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the body has ", binary_.size(),
                       " bytes after its JSON that no input's binary_data_size covers"));
    }
    return absl::OkStatus();
  }

  // An output that does not choose its form gets the request's, wherever that stands in the body.
  void FinishForm() {
    for (std::size_t i = 0; i < named_.size(); ++i) {
      form_.outputs.push_back(
          {request_.outputs(static_cast<int>(i)).name(), named_[i].value_or(form_.binary)});
    }
  }

 private:
  template <typename ReadOne>
  absl::Status ReadList(JsonValue& value, absl::string_view member, const ReadOne& read_one) {
    JsonArray list;
    if (value.get_array().get(list) != simdjson::SUCCESS) {
      return WrongJsonMember("the request", member, "an array");
    }
    for (auto element : list) {
      JsonObject object;
      if (const auto error = element.get_object().get(object); error != simdjson::SUCCESS) {
        return error == simdjson::INCORRECT_TYPE
                   ? WrongJsonMember("the request", member, "an array of objects")
                   : JsonError(error);
      }
      absl::Status status = objects_.Add();
      if (status.ok()) status = read_one(object);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<bool> TakeFlag(absl::string_view what, absl::string_view key,
                                       const inference::InferParameter& parameter, bool& flag) {
    if (parameter.parameter_choice_case() != inference::InferParameter::kBoolParam) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, " has the parameter '", key, "'; expected true or false"));
    }
    flag = parameter.bool_param();
    return true;
  }

  absl::Status ReadRequestParameters(JsonValue& value) {
    return ReadInferParameters(
        "the request", value,
        [this](const std::string& key,
               const inference::InferParameter& parameter) -> absl::StatusOr<bool> {
          if (key != "binary_data_output") return false;
          return TakeFlag("the request", key, parameter, form_.binary);
        },
        objects_, *request_.mutable_parameters());
  }

  absl::Status ReadOutput(JsonObject output) {
    constexpr absl::string_view kNames[] = {"name", "parameters"};
    JsonMembers members("a requested output", kNames);
    auto& message = *request_.add_outputs();
    std::optional<bool> binary;
    for (auto field : output) {
      JsonValue value;
      const absl::StatusOr<std::size_t> member = members.Next(field, value);
      if (!member.ok()) return member.status();
      absl::Status status = absl::OkStatus();
      if (*member == 0) {
        status = ReadJsonString("a requested output", "name", value, *message.mutable_name());
      }
      if (*member == 1) {
        status = ReadInferParameters(
            "a requested output", value,
            [&binary](const std::string& key,
                      const inference::InferParameter& parameter) -> absl::StatusOr<bool> {
              if (key != "binary_data") return false;
              return TakeFlag("a requested output", key, parameter, binary.emplace());
            },
            objects_, *message.mutable_parameters());
      }
      if (!status.ok()) return status;
    }
    named_.push_back(binary);
    return absl::OkStatus();
  }

  absl::string_view binary_;  // not taken by an input yet
  inference::ModelInferRequest& request_;
  AnswerForm& form_;
  std::vector<std::optional<bool>> named_;  // what each requested output says
  ObjectCount objects_;
};

}  // namespace

bool AnswerForm::IsBinary(absl::string_view output) const {
  for (const Output& named : outputs) {
    if (named.name == output) return named.binary;
  }
  return binary;
}

absl::Status ReadInferBody(std::string& body, std::optional<std::size_t> json_bytes,
                           inference::ModelInferRequest& request, AnswerForm& form) {
  const std::size_t bytes = body.size();
  const std::size_t json = json_bytes.value_or(bytes);
  if (json > bytes) {
    return absl::InvalidArgumentError(absl::StrCat("Inference-Header-Content-Length is ", json,
                                                   "; the body has ", bytes, " bytes"));
  }
  body.resize(bytes + kBodyPadding);
  const absl::Cleanup shrink = [&body, bytes] { body.resize(bytes); };
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  const simdjson::padded_string_view text(body.data(), json, body.size());
  if (const auto error = parser.iterate(text).get(document); error != simdjson::SUCCESS) {
    return JsonError(error);
  }
  JsonObject root;
  if (const auto error = document.get_object().get(root); error != simdjson::SUCCESS) {
    return error == simdjson::INCORRECT_TYPE
               ? absl::InvalidArgumentError("the request's body is not a JSON object")
               : JsonError(error);
  }
  BodyReader reader({body.data() + json, bytes - json}, request, form);
  if (auto status = reader.Read(root); !status.ok()) return status;
  if (!IsAtEnd(document)) {
    return absl::InvalidArgumentError("the request's body continues after its JSON object");
  }
  reader.FinishForm();
  return absl::OkStatus();
}

}  // namespace mlp
