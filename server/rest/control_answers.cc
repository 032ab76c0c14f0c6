#include "server/rest/control_answers.h"

#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "proto/open_inference.pb.h"
#include "server/rest/infer_body.h"
#include "server/rest/json_members.h"
#include "server/rest/json_parameters.h"
#include "server/rest/json_parser.h"
#include "server/rest/message_json.h"
#include "server/rpc/log_settings.h"
#include "server/rpc/message_bytes.h"
#include "server/rpc/metadata.h"
#include "server/rpc/repository_requests.h"

namespace mlp {
namespace {

using JsonObject = simdjson::ondemand::object;
using JsonValue = simdjson::ondemand::value;

RestReply MessageReply(const absl::Status& status, const google::protobuf::Message& message) {
  if (!status.ok()) return ErrorReply(status);
  RestReply reply;
  AppendMessageJson(message, reply.body);
  return reply;
}

// Calls `read` for each member of the JSON object in the body; an empty body has none.
absl::Status ReadMembers(std::string& body,
                         const std::function<absl::Status(std::string_view, JsonValue&)>& read) {
  if (body.empty()) return absl::OkStatus();
  const std::size_t bytes = body.size();
  body.resize(bytes + kBodyPadding);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  const simdjson::padded_string_view text(body.data(), bytes, body.size());
  JsonObject root;
  auto error = parser.iterate(text).get(document);
  if (error == simdjson::SUCCESS) error = document.get_object().get(root);
  if (error != simdjson::SUCCESS) return JsonError(error);
  for (auto field : root) {
    std::string_view key;
    JsonValue value;
    if (auto status = ReadJsonMember(field, key, value); !status.ok()) return status;
    if (auto status = read(key, value); !status.ok()) return status;
  }
  if (!IsAtEnd(document)) {
    return absl::InvalidArgumentError("the request's body continues after its JSON object");
  }
  return absl::OkStatus();
}

// Takes a parameter of a repository call. A file is sent in base64, because JSON cannot hold bytes.
absl::Status TakeRepositoryParameter(const std::string& key,
                                     const inference::InferParameter& parameter,
                                     inference::ModelRepositoryParameter& taken) {
  switch (parameter.parameter_choice_case()) {
    case inference::InferParameter::kBoolParam:
      taken.set_bool_param(parameter.bool_param());
      return absl::OkStatus();
    case inference::InferParameter::kInt64Param:
      taken.set_int64_param(parameter.int64_param());
      return absl::OkStatus();
    case inference::InferParameter::kStringParam:
      if (!absl::StartsWith(key, "file:")) {
        taken.set_string_param(parameter.string_param());
        return absl::OkStatus();
      }
      if (!absl::Base64Unescape(parameter.string_param(), taken.mutable_bytes_param())) {
        return absl::InvalidArgumentError(absl::StrCat("parameter ", Quote(key), " is not base64"));
      }
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("parameter ", Quote(key),
                       " has the wrong type; expected a string, a whole number, true or "
                       "false"));
  }
}

// Accepts any type that a setting can have; AnswerLogSettings checks that it is the right one.
absl::Status ReadLogSetting(JsonValue& value,
                            inference::LogSettingsRequest::SettingValue& setting) {
  using Type = simdjson::ondemand::json_type;
  Type type{};
  bool flag = false;
  std::uint64_t number = 0;
  std::string_view text;
  auto error = value.type().get(type);
  if (error == simdjson::SUCCESS && type == Type::null) return absl::OkStatus();  // unchanged
  if (error == simdjson::SUCCESS && type == Type::boolean) {
    error = value.get_bool().get(flag);
    setting.set_bool_param(flag);
  } else if (error == simdjson::SUCCESS && type == Type::string) {
    error = value.get_string().get(text);
    setting.set_string_param(std::string(text));
  } else if (error == simdjson::SUCCESS) {
    error = value.get_uint64().get(number);  // an error for other types too
    if (number > std::numeric_limits<std::uint32_t>::max()) error = simdjson::NUMBER_ERROR;
    setting.set_uint32_param(static_cast<std::uint32_t>(number));
  }
  if (error == simdjson::SUCCESS) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the request has a log setting of the wrong type; expected a string, a whole number of 32 "
      "bits, true or false");
}

void AppendLogSetting(const std::string& name,
                      const inference::LogSettingsResponse::SettingValue& value,
                      std::string& json) {
  if (json.size() > 1) json.push_back(',');
  AppendJsonText(name, json);
  json.push_back(':');
  if (value.has_bool_param()) {
    json.append(value.bool_param() ? "true" : "false");
  } else if (value.has_uint32_param()) {
    AppendJsonNumber(std::uint64_t{value.uint32_param()}, json);
  } else {
    AppendJsonText(value.string_param(), json);
  }
}

template <typename Request>
absl::Status ReadRepositoryParameters(std::string& body, Request& request) {
  return ReadMembers(body, [&](std::string_view member, JsonValue& value) {
    if (member != "parameters") return absl::OkStatus();
    return ReadJsonParameters(
        "the request", value,
        [&request](std::string key, const inference::InferParameter& parameter) {
          auto& taken = (*request.mutable_parameters())[key];
          return TakeRepositoryParameter(key, parameter, taken);
        });
  });
}

}  // namespace

RestReply ControlAnswers::Answer(const RestPath& path, std::string& body) const {
  const auto fill = [&](auto fill_response, auto request, auto response) {
    request.set_name(path.model);
    request.set_version(path.version);
    return MessageReply(fill_response(*models_.Get(), request, response), response);
  };
  switch (path.call) {
    case RestCall::kServerMetadata: {
      inference::ServerMetadataResponse response;
      FillServerMetadata(response);
      return MessageReply(absl::OkStatus(), response);
    }
    case RestCall::kServerLive:
      return {200, "{\"live\":true}", std::nullopt};
    case RestCall::kServerReady:
      return ready_() ? RestReply{200, "{\"ready\":true}", std::nullopt}
                      : RestReply{503, "{\"ready\":false}", std::nullopt};
    case RestCall::kModelReady:
      return AnswerModelReady(path);
    case RestCall::kModelMetadata:
      return fill(FillModelMetadata, inference::ModelMetadataRequest(),
                  inference::ModelMetadataResponse());
    case RestCall::kModelStatistics:
      return fill(FillModelStatistics, inference::ModelStatisticsRequest(),
                  inference::ModelStatisticsResponse());
    case RestCall::kModelConfig: {
      inference::ModelConfigRequest request;
      request.set_name(path.model);
      request.set_version(path.version);
      inference::ModelConfigResponse response;
      const absl::Status status = FillModelConfig(*models_.Get(), request, response);
      return MessageReply(status, response.config());
    }
    case RestCall::kRepositoryIndex:
      return AnswerIndex(body);
    case RestCall::kLogSettings:
    case RestCall::kLogUpdate:
      return AnswerLog(body);
    case RestCall::kInfer:
    case RestCall::kModelLoad:
    case RestCall::kModelUnload:
      break;
  }
  return ErrorReply(absl::InternalError("internal error: unhandled call"));
}

RestReply ControlAnswers::AnswerModelReady(const RestPath& path) const {
  inference::ModelReadyRequest request;
  request.set_name(path.model);
  request.set_version(path.version);
  inference::ModelReadyResponse response;
  const absl::Status status = FillModelReady(*models_.Get(), request, response);
  if (!status.ok()) return ErrorReply(status);
  RestReply reply{response.ready() ? 200 : 503, "{\"name\":", std::nullopt};
  AppendJsonText(path.model, reply.body);
  reply.body.append(response.ready() ? ",\"ready\":true}" : ",\"ready\":false}");
  return reply;
}

RestReply ControlAnswers::AnswerLog(std::string& body) const {
  inference::LogSettingsRequest request;
  absl::Status status = ReadMembers(body, [&](std::string_view member, JsonValue& value) {
    return ReadLogSetting(value, (*request.mutable_settings())[std::string(member)]);
  });
  inference::LogSettingsResponse response;
  if (status.ok())
    status = AnswerLogSettings(manager_.CheckRequestsAreTaken().ok(), log_, request, response);
  if (!status.ok()) return ErrorReply(status);
  RestReply reply{200, "{", std::nullopt};
  // Sorted by name, because the map has no order.
  const std::map<std::string, inference::LogSettingsResponse::SettingValue> settings(
      response.settings().begin(), response.settings().end());
  for (const auto& [name, value] : settings) AppendLogSetting(name, value, reply.body);
  reply.body.push_back('}');
  return reply;
}

RestReply ControlAnswers::AnswerIndex(std::string& body) const {
  inference::RepositoryIndexRequest request;
  absl::Status status = ReadMembers(body, [&](std::string_view member, JsonValue& value) {
    bool ready = false;
    if (member != "ready") return absl::OkStatus();
    if (value.get_bool().get(ready) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError("the request has a member `ready`; expected true or false");
    }
    request.set_ready(ready);
    return absl::OkStatus();
  });
  inference::RepositoryIndexResponse response;
  if (status.ok()) status = FillRepositoryIndex(*models_.Get(), request, response);
  if (!status.ok()) return ErrorReply(status);
  // Only the list, as in Triton.
  RestReply reply{200, "[", std::nullopt};
  for (const auto& model : response.models()) {
    if (reply.body.size() > 1) reply.body.push_back(',');
    AppendMessageJson(model, reply.body);
  }
  reply.body.push_back(']');
  return reply;
}

void ControlAnswers::Change(const RestPath& path, std::string& body,
                            std::function<void(const absl::Status&)> done) const {
  absl::Status status = manager_.CheckRequestsAreTaken();
  if (!status.ok()) return done(status);
  if (body.size() > kMaxControlBytes) {
    if (path.call == RestCall::kModelUnload || !allow_model_files_) {
      return done(CheckControlBytes(body.size()));
    }
    status = manager_.CheckRoomFor(body.size());
    if (!status.ok()) return done(status);
  }
  if (path.call == RestCall::kModelUnload) {
    inference::RepositoryModelUnloadRequest request;
    status = ReadRepositoryParameters(body, request);
    if (!status.ok()) return done(status);
    request.set_model_name(path.model);
    absl::StatusOr<std::string> model = ReadUnloadRequest(request);
    if (!model.ok()) return done(model.status());
    return manager_.Unload(*model, std::move(done));
  }
  inference::RepositoryModelLoadRequest request;
  status = ReadRepositoryParameters(body, request);
  if (!status.ok()) return done(status);
  request.set_model_name(path.model);
  absl::StatusOr<ModelLoadRequest> read = ReadLoadRequest(std::move(request), allow_model_files_);
  if (!read.ok()) return done(read.status());
  manager_.Load(*std::move(read), std::move(done));
}

}  // namespace mlp
