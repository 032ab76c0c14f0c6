#include "server/rest/message_json.h"

#include <google/protobuf/descriptor.h>

#include <cstdint>

#include "proto/open_inference.pb.h"
#include "server/rest/json_text.h"

namespace mlp {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;
using ProtoMessage = google::protobuf::Message;

constexpr int kNotRepeated = -1;

bool IsParameter(const google::protobuf::Descriptor& type) {
  return &type == inference::InferParameter::descriptor();
}

void AppendParameter(const ProtoMessage& parameter, std::string& json);

void AppendSubmessage(const ProtoMessage& message, std::string& json) {
  IsParameter(*message.GetDescriptor()) ? AppendParameter(message, json)
                                        : AppendMessageJson(message, json);
}

// Writes element `index` of a repeated field, or the value of any other field.
class FieldWriter final {
 public:
  FieldWriter(const ProtoMessage& message, const FieldDescriptor& field, std::string& json)
      : message_(message), reflection_(*message.GetReflection()), field_(field), json_(json) {}

  void Append(int index) const {
    const bool single = index == kNotRepeated;
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return AppendJsonNumber(
            std::int64_t{single ? reflection_.GetInt32(message_, &field_)
                                : reflection_.GetRepeatedInt32(message_, &field_, index)},
            json_);
      case FieldDescriptor::CPPTYPE_INT64:
        return AppendJsonNumber(
            std::int64_t{single ? reflection_.GetInt64(message_, &field_)
                                : reflection_.GetRepeatedInt64(message_, &field_, index)},
            json_);
      case FieldDescriptor::CPPTYPE_UINT32:
        return AppendJsonNumber(
            std::uint64_t{single ? reflection_.GetUInt32(message_, &field_)
                                 : reflection_.GetRepeatedUInt32(message_, &field_, index)},
            json_);
      case FieldDescriptor::CPPTYPE_UINT64:
        return AppendJsonNumber(
            std::uint64_t{single ? reflection_.GetUInt64(message_, &field_)
                                 : reflection_.GetRepeatedUInt64(message_, &field_, index)},
            json_);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return AppendJsonNumber(single ? reflection_.GetDouble(message_, &field_)
                                       : reflection_.GetRepeatedDouble(message_, &field_, index),
                                json_);
      case FieldDescriptor::CPPTYPE_FLOAT:
        return AppendJsonNumber(single ? reflection_.GetFloat(message_, &field_)
                                       : reflection_.GetRepeatedFloat(message_, &field_, index),
                                json_);
      case FieldDescriptor::CPPTYPE_BOOL:
        json_.append((single ? reflection_.GetBool(message_, &field_)
                             : reflection_.GetRepeatedBool(message_, &field_, index))
                         ? "true"
                         : "false");
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        return AppendJsonText((single ? reflection_.GetEnum(message_, &field_)
                                      : reflection_.GetRepeatedEnum(message_, &field_, index))
                                  ->name(),
                              json_);
      case FieldDescriptor::CPPTYPE_STRING:
        return AppendJsonText(single ? reflection_.GetString(message_, &field_)
                                     : reflection_.GetRepeatedString(message_, &field_, index),
                              json_);
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return AppendSubmessage(single ? reflection_.GetMessage(message_, &field_)
                                       : reflection_.GetRepeatedMessage(message_, &field_, index),
                                json_);
    }
  }

 private:
  const ProtoMessage& message_;
  const Reflection& reflection_;
  const FieldDescriptor& field_;
  std::string& json_;
};

// Writes just the value, of any kind.
void AppendParameter(const ProtoMessage& parameter, std::string& json) {
  const FieldDescriptor* const field = parameter.GetReflection()->GetOneofFieldDescriptor(
      parameter, parameter.GetDescriptor()->oneof_decl(0));
  if (field == nullptr) {
    json.append("null");
  } else {
    FieldWriter(parameter, *field, json).Append(kNotRepeated);
  }
}

bool IsEmptyParameters(const ProtoMessage& message, const FieldDescriptor& field) {
  const FieldDescriptor* const value = field.is_map() ? field.message_type()->map_value() : nullptr;
  return value != nullptr && value->message_type() != nullptr &&
         IsParameter(*value->message_type()) &&
         message.GetReflection()->FieldSize(message, &field) == 0;
}

void AppendMap(const ProtoMessage& message, const FieldDescriptor& field, std::string& json) {
  const Reflection& reflection = *message.GetReflection();
  json.push_back('{');
  const int size = reflection.FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    const ProtoMessage& entry = reflection.GetRepeatedMessage(message, &field, i);
    if (i > 0) json.push_back(',');
    // All keys of the protocol's maps are strings, except in one map with level numbers as keys.
    const FieldDescriptor& key = *field.message_type()->map_key();
    const bool is_text = key.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    if (!is_text) json.push_back('"');
    FieldWriter(entry, key, json).Append(kNotRepeated);
    if (!is_text) json.push_back('"');
    json.push_back(':');
    FieldWriter(entry, *field.message_type()->map_value(), json).Append(kNotRepeated);
  }
  json.push_back('}');
}

void AppendList(const ProtoMessage& message, const FieldDescriptor& field, std::string& json) {
  json.push_back('[');
  const int size = message.GetReflection()->FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    if (i > 0) json.push_back(',');
    FieldWriter(message, field, json).Append(i);
  }
  json.push_back(']');
}

}  // namespace

void AppendMessageJson(const ProtoMessage& message, std::string& json) {
  const google::protobuf::Descriptor& descriptor = *message.GetDescriptor();
  json.push_back('{');
  bool first = true;
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.has_presence() && !message.GetReflection()->HasField(message, &field)) continue;
    if (IsEmptyParameters(message, field)) continue;
    if (!first) json.push_back(',');
    first = false;
    AppendJsonText(field.name(), json);
    json.push_back(':');
    if (field.is_map()) {
      AppendMap(message, field, json);
    } else if (field.is_repeated()) {
      AppendList(message, field, json);
    } else {
      FieldWriter(message, field, json).Append(kNotRepeated);
    }
  }
  json.push_back('}');
}

void AppendParameterJson(const inference::InferParameter& parameter, std::string& json) {
  AppendParameter(parameter, json);
}

}  // namespace mlp
