#include "server/rest/infer_body.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/datatype.h"
#include "model/quote.h"
#include "server/rest/json_parameters.h"
#include "server/rest/json_parser.h"
#include "server/rest/json_values.h"
#include "server/rpc/request_wire.h"

namespace mlp {
namespace {

using Input = inference::ModelInferRequest::InferInputTensor;
using JsonObject = simdjson::ondemand::object;
using JsonArray = simdjson::ondemand::array;
using JsonValue = simdjson::ondemand::value;

static_assert(kBodyPadding >= simdjson::SIMDJSON_PADDING);

constexpr char kBody[] = "the request's body";

// More dimensions than any model's input has. Also the deepest nesting.
constexpr int kMostDimensions = 16;

// Records which members have appeared; each may appear once.
class Members final {
 public:
  // Members that are not in `names` are ignored.
  Members(absl::string_view what, absl::Span<const absl::string_view> names)
      : what_(what), names_(names) {}

  // The index of `name`, or none() if it is ignored. INVALID_ARGUMENT if it has appeared before.
  absl::StatusOr<std::size_t> Enter(std::string_view name) {
    const auto at = static_cast<std::size_t>(
        std::find(names_.begin(), names_.end(), absl::string_view(name.data(), name.size())) -
        names_.begin());
    if (at == names_.size()) return at;
    const unsigned bit = 1U << at;
    if ((seen_ & bit) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(what_, " has the member `", names_[at], "` twice; expected it once"));
    }
    seen_ |= bit;
    return at;
  }

  // What Enter returns for a name that is ignored.
  std::size_t none() const { return names_.size(); }

  bool has(std::size_t at) const { return (seen_ & 1U << at) != 0; }

 private:
  const absl::string_view what_;
  const absl::Span<const absl::string_view> names_;
  unsigned seen_ = 0;
};

absl::Status WrongType(absl::string_view what, absl::string_view member,
                       absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " has a member `", member, "` that is not ", expected));
}

class BodyReader final {
 public:
  BodyReader(absl::string_view binary, inference::ModelInferRequest& request, AnswerForm& form)
      : binary_(binary), request_(request), form_(form) {}

  absl::Status Read(JsonObject root) {
    constexpr absl::string_view kNames[] = {"id", "parameters", "inputs", "outputs"};
    Members members("the request", kNames);
    for (auto field : root) {
      JsonValue value;
      const absl::StatusOr<std::size_t> member = Next(field, members, value);
      if (!member.ok()) return member.status();
      absl::Status status = absl::OkStatus();
      if (*member == 0) status = ReadText("the request", "id", value, *request_.mutable_id());
      if (*member == 1) status = ReadRequestParameters(value);
      if (*member == 2) {
        status = ReadList(value, "inputs", [this](JsonObject input) { return ReadInput(input); });
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

 private:
  template <typename Field>
  static absl::StatusOr<std::size_t> Next(Field& field, Members& members, JsonValue& value) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key); error != simdjson::SUCCESS) {
      return JsonError(kBody, error);
    }
    if (const auto error = field.value().get(value); error != simdjson::SUCCESS) {
      return JsonError(kBody, error);
    }
    // Some clients write null for members that they do not use.
    bool is_null = false;
    if (value.is_null().get(is_null) == simdjson::SUCCESS && is_null) return members.none();
    return members.Enter(key);
  }

  static absl::Status ReadText(absl::string_view what, absl::string_view member, JsonValue& value,
                               std::string& text) {
    std::string_view read;
    if (value.get_string().get(read) != simdjson::SUCCESS) {
      return WrongType(what, member, "a string");
    }
    text.assign(read);
    return absl::OkStatus();
  }

  absl::Status CountObject() {
    if (++objects_ <= kMostRequestObjects) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "the request has more than ", kMostRequestObjects, " inputs, outputs and parameters"));
  }

  template <typename ReadOne>
  absl::Status ReadList(JsonValue& value, absl::string_view member, const ReadOne& read_one) {
    JsonArray list;
    if (value.get_array().get(list) != simdjson::SUCCESS) {
      return WrongType("the request", member, "an array");
    }
    for (auto element : list) {
      JsonObject object;
      if (const auto error = element.get_object().get(object); error != simdjson::SUCCESS) {
        return error == simdjson::INCORRECT_TYPE
                   ? WrongType("the request", member, "an array of objects")
                   : JsonError(kBody, error);
      }
      absl::Status status = CountObject();
      if (status.ok()) status = read_one(object);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Passes each parameter to `own`, which returns whether it is one of HTTP's own; puts all others
  // into `parameters`.
  template <typename Own>
  absl::Status ReadParameters(absl::string_view what, JsonValue& value, InferParameters& parameters,
                              const Own& own) {
    return ReadJsonParameters(
        what, value, [&](std::string key, inference::InferParameter parameter) -> absl::Status {
          if (auto status = CountObject(); !status.ok()) return status;
          const absl::StatusOr<bool> taken = own(key, parameter);
          if (!taken.ok()) return taken.status();
          if (!*taken) parameters[std::move(key)] = std::move(parameter);
          return absl::OkStatus();
        });
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
    return ReadParameters(
        "the request", value, *request_.mutable_parameters(),
        [this](const std::string& key,
               const inference::InferParameter& parameter) -> absl::StatusOr<bool> {
          if (key != "binary_data_output") return false;
          return TakeFlag("the request", key, parameter, form_.binary);
        });
  }

  absl::Status ReadOutput(JsonObject output) {
    constexpr absl::string_view kNames[] = {"name", "parameters"};
    Members members("a requested output", kNames);
    auto& message = *request_.add_outputs();
    std::optional<bool> binary;
    for (auto field : output) {
      JsonValue value;
      const absl::StatusOr<std::size_t> member = Next(field, members, value);
      if (!member.ok()) return member.status();
      absl::Status status = absl::OkStatus();
      if (*member == 0) {
        status = ReadText("a requested output", "name", value, *message.mutable_name());
      }
      if (*member == 1) {
        status = ReadParameters(
            "a requested output", value, *message.mutable_parameters(),
            [&binary](const std::string& key,
                      const inference::InferParameter& parameter) -> absl::StatusOr<bool> {
              if (key != "binary_data") return false;
              return TakeFlag("a requested output", key, parameter, binary.emplace());
            });
      }
      if (!status.ok()) return status;
    }
    named_.push_back(binary);
    return absl::OkStatus();
  }

 public:
  // An output that does not choose its form gets the request's, wherever that stands in the body.
  void FinishForm() {
    for (std::size_t i = 0; i < named_.size(); ++i) {
      form_.outputs.push_back(
          {request_.outputs(static_cast<int>(i)).name(), named_[i].value_or(form_.binary)});
    }
  }

 private:
  absl::Status ReadShape(JsonValue& value, Input& message) {
    JsonArray shape;
    if (value.get_array().get(shape) != simdjson::SUCCESS) {
      return WrongType("an input", "shape", "an array");
    }
    for (auto element : shape) {
      std::int64_t dimension = 0;
      if (element.get_int64().get(dimension) != simdjson::SUCCESS || dimension < 0) {
        return WrongType("an input", "shape", "an array of whole numbers of 0 or more");
      }
      if (message.shape_size() == kMostDimensions) {
        return absl::InvalidArgumentError(
            absl::StrCat("an input has more than ", kMostDimensions, " dimensions"));
      }
      message.add_shape(dimension);
    }
    return absl::OkStatus();
  }

  static absl::Status ReadData(JsonValue& value, const Input& message, std::string& raw) {
    const std::optional<Datatype> datatype = FindDatatype(message.datatype());
    if (!datatype) {
      return absl::InvalidArgumentError(absl::StrCat("input ", Quote(message.name()),
                                                     " has the unknown datatype ",
                                                     Quote(message.datatype())));
    }
    if (message.shape().empty()) {
      return absl::InvalidArgumentError(absl::StrCat("input ", Quote(message.name()),
                                                     " has an empty shape; expected dimensions"));
    }
    JsonArray data;
    if (value.get_array().get(data) != simdjson::SUCCESS) {
      return WrongType("an input", "data", "an array");
    }
    return ReadJsonValues(
        data,
        {message.name(),
         *datatype,
         {message.shape().data(), static_cast<std::size_t>(message.shape_size())}},
        raw);
  }

  absl::Status ReadInput(JsonObject input) {
    constexpr absl::string_view kNames[] = {"name", "datatype", "shape", "parameters", "data"};
    constexpr std::size_t kData = 4;
    Members members("an input", kNames);
    Input& message = *request_.add_inputs();
    std::string& raw = *request_.add_raw_input_contents();
    std::optional<std::uint64_t> binary_bytes;
    bool data_was_read = false;
    std::size_t fields = 0;
    std::size_t place_of_data = 0;
    for (auto field : input) {
      JsonValue value;
      const absl::StatusOr<std::size_t> member = Next(field, members, value);
      if (!member.ok()) return member.status();
      absl::Status status = absl::OkStatus();
      if (*member == 0) status = ReadText("an input", "name", value, *message.mutable_name());
      if (*member == 1) {
        status = ReadText("an input", "datatype", value, *message.mutable_datatype());
      }
      if (*member == 2) status = ReadShape(value, message);
      if (*member == 3) status = ReadInputParameters(value, message, binary_bytes);
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
    if (binary_bytes) return TakeBinary(*binary_bytes, message, raw);
    return data_was_read ? absl::OkStatus() : ReadDataAgain(input, place_of_data, message, raw);
  }

  // Reads `data` that stands before the members that say how to read it. Finds it by its position,
  // not by its key: simdjson has room to unescape each string only once, and the keys were
  // unescaped before.
  static absl::Status ReadDataAgain(JsonObject input, std::size_t place_of_data,
                                    const Input& message, std::string& raw) {
    bool is_empty = false;
    if (const auto error = input.reset().get(is_empty); error != simdjson::SUCCESS) {
      return JsonError(kBody, error);
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

  absl::Status ReadInputParameters(JsonValue& value, Input& message,
                                   std::optional<std::uint64_t>& binary_bytes) {
    return ReadParameters(
        "an input", value, *message.mutable_parameters(),
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
        });
  }

  absl::Status TakeBinary(std::uint64_t bytes, const Input& message, std::string& raw) {
    if (bytes > binary_.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", Quote(message.name()), " has the parameter 'binary_data_size' of ",
                       bytes, "; only ", binary_.size(), " bytes of the body are left for it"));
    }
    raw.assign(binary_.data(), bytes);
    binary_.remove_prefix(bytes);
    return absl::OkStatus();
  }

  absl::string_view binary_;  // not taken by an input yet
  inference::ModelInferRequest& request_;
  AnswerForm& form_;
  std::vector<std::optional<bool>> named_;  // what each requested output says
  std::int64_t objects_ = 0;
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
    return JsonError(kBody, error);
  }
  JsonObject root;
  if (const auto error = document.get_object().get(root); error != simdjson::SUCCESS) {
    return error == simdjson::INCORRECT_TYPE
               ? absl::InvalidArgumentError("the request's body is not a JSON object")
               : JsonError(kBody, error);
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
