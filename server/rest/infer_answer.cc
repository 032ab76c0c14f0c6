#include "server/rest/infer_answer.h"

#include <cmath>
#include <cstring>
#include <map>

#include "absl/strings/string_view.h"
#include "model/datatype.h"
#include "server/rest/json_text.h"
#include "server/rest/message_json.h"

namespace mlp {
namespace {

using OutputTensor = inference::ModelInferResponse::InferOutputTensor;

absl::Status NotAsWritten() {
  return absl::InternalError("the answer could not be written in JSON");
}

template <typename Element>
Element ElementAt(absl::string_view raw, std::size_t index) {
  Element element;
  std::memcpy(&element, raw.data() + index * sizeof(Element), sizeof(Element));
  return element;
}

// Writes each element as a `Written`: integers as 64-bit integers.
template <typename Element, typename Written>
void AppendValues(absl::string_view raw, std::string& json) {
  for (std::size_t i = 0; i < raw.size() / sizeof(Element); ++i) {
    if (i > 0) json.push_back(',');
    AppendJsonNumber(static_cast<Written>(ElementAt<Element>(raw, i)), json);
  }
}

void AppendHalves(Datatype datatype, absl::string_view raw, std::string& json) {
  for (std::size_t i = 0; i < raw.size() / 2; ++i) {
    if (i > 0) json.push_back(',');
    float value = 0.0F;
    ConvertToFloats(datatype, raw.data() + 2 * i, 1, &value);
    AppendJsonNumber(value, json);
  }
}

void AppendFlags(absl::string_view raw, std::string& json) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i > 0) json.push_back(',');
    json.append(raw[i] != 0 ? "true" : "false");
  }
}

bool AppendTexts(absl::string_view raw, std::string& json) {
  for (bool first = true; !raw.empty(); first = false) {
    std::uint32_t bytes = 0;
    if (raw.size() < sizeof(bytes)) return false;
    bytes = ElementAt<std::uint32_t>(raw, 0);
    raw.remove_prefix(sizeof(bytes));
    if (raw.size() < bytes) return false;
    if (!first) json.push_back(',');
    AppendJsonText(raw.substr(0, bytes), json);
    raw.remove_prefix(bytes);
  }
  return true;
}

bool AppendData(absl::string_view datatype, absl::string_view raw, std::string& json) {
  if (datatype == "FP32") return AppendValues<float, float>(raw, json), true;
  if (datatype == "FP64") return AppendValues<double, double>(raw, json), true;
  if (datatype == "INT64") return AppendValues<std::int64_t, std::int64_t>(raw, json), true;
  if (datatype == "INT32") return AppendValues<std::int32_t, std::int64_t>(raw, json), true;
  if (datatype == "INT16") return AppendValues<std::int16_t, std::int64_t>(raw, json), true;
  if (datatype == "INT8") return AppendValues<std::int8_t, std::int64_t>(raw, json), true;
  if (datatype == "UINT64") return AppendValues<std::uint64_t, std::uint64_t>(raw, json), true;
  if (datatype == "UINT32") return AppendValues<std::uint32_t, std::uint64_t>(raw, json), true;
  if (datatype == "UINT16") return AppendValues<std::uint16_t, std::uint64_t>(raw, json), true;
  if (datatype == "UINT8") return AppendValues<std::uint8_t, std::uint64_t>(raw, json), true;
  if (datatype == "BOOL") return AppendFlags(raw, json), true;
  if (datatype == "FP16") return AppendHalves(Datatype::kFp16, raw, json), true;
  if (datatype == "BF16") return AppendHalves(Datatype::kBf16, raw, json), true;
  return datatype == "BYTES" && AppendTexts(raw, json);
}

// Counts infinities, which null does not distinguish from NaN.
std::int64_t InfiniteValues(absl::string_view datatype, absl::string_view raw) {
  std::int64_t infinite = 0;
  if (datatype == "FP32") {
    for (std::size_t i = 0; i < raw.size() / sizeof(float); ++i) {
      infinite += std::isinf(ElementAt<float>(raw, i)) ? 1 : 0;
    }
  } else if (datatype == "FP64") {
    for (std::size_t i = 0; i < raw.size() / sizeof(double); ++i) {
      infinite += std::isinf(ElementAt<double>(raw, i)) ? 1 : 0;
    }
  } else if (datatype == "FP16" || datatype == "BF16") {
    const Datatype half = datatype == "FP16" ? Datatype::kFp16 : Datatype::kBf16;
    for (std::size_t i = 0; i < raw.size() / 2; ++i) {
      float value = 0.0F;
      ConvertToFloats(half, raw.data() + 2 * i, 1, &value);
      infinite += std::isinf(value) ? 1 : 0;
    }
  }
  return infinite;
}

void AppendMember(absl::string_view name, absl::string_view text, std::string& json) {
  AppendJsonText(name, json);
  json.push_back(':');
  AppendJsonText(text, json);
}

bool AppendOutput(const OutputTensor& output, const std::string& raw, bool binary,
                  std::string& json) {
  json.push_back('{');
  AppendMember("name", output.name(), json);
  json.push_back(',');
  AppendMember("datatype", output.datatype(), json);
  json.append(",\"shape\":[");
  for (int i = 0; i < output.shape_size(); ++i) {
    if (i > 0) json.push_back(',');
    AppendJsonNumber(std::int64_t{output.shape(i)}, json);
  }
  json.push_back(']');
  if (binary) {
    json.append(",\"parameters\":{\"binary_data_size\":");
    AppendJsonNumber(std::uint64_t{raw.size()}, json);
    json.append("}}");
    return true;
  }
  if (const std::int64_t infinite = InfiniteValues(output.datatype(), raw); infinite > 0) {
    json.append(",\"parameters\":{\"infinite_values\":");
    AppendJsonNumber(infinite, json);
    json.push_back('}');
  }
  json.append(",\"data\":[");
  const bool written = AppendData(output.datatype(), raw, json);
  json.append("]}");
  return written;
}

// Sorted by name, because the map has no order.
void AppendParameters(const inference::ModelInferResponse& response, std::string& json) {
  if (response.parameters().empty()) return;
  json.append(",\"parameters\":");
  char separator = '{';
  const std::map<std::string, inference::InferParameter> parameters(response.parameters().begin(),
                                                                    response.parameters().end());
  for (const auto& [name, parameter] : parameters) {
    json.push_back(separator);
    separator = ',';
    AppendJsonText(name, json);
    json.push_back(':');
    AppendParameterJson(parameter, json);
  }
  json.push_back('}');
}

}  // namespace

std::int64_t MostAnswerBytes(std::int64_t response_bytes) {
  // An FP16 or FP32 takes at most 15 characters and a comma; a BOOL or a byte of a string at most
  // six.
  constexpr std::int64_t kMaxCharactersPerByte = 8;
  return kMaxCharactersPerByte * response_bytes + 1'024;
}

absl::StatusOr<InferAnswer> WriteInferAnswer(const inference::ModelInferResponse& response,
                                             const AnswerForm& form) {
  if (response.raw_output_contents_size() != response.outputs_size()) return NotAsWritten();
  InferAnswer answer;
  std::string& json = answer.body;
  json.push_back('{');
  AppendMember("model_name", response.model_name(), json);
  json.push_back(',');
  AppendMember("model_version", response.model_version(), json);
  if (!response.id().empty()) {
    json.push_back(',');
    AppendMember("id", response.id(), json);
  }
  AppendParameters(response, json);
  json.append(",\"outputs\":[");
  bool any_binary = false;
  for (int i = 0; i < response.outputs_size(); ++i) {
    const OutputTensor& output = response.outputs(i);
    const bool binary = form.IsBinary(output.name());
    any_binary |= binary;
    if (i > 0) json.push_back(',');
    if (!AppendOutput(output, response.raw_output_contents(i), binary, json)) return NotAsWritten();
  }
  json.append("]}");
  if (!any_binary) return answer;
  answer.json_bytes = json.size();
  for (int i = 0; i < response.outputs_size(); ++i) {
    if (form.IsBinary(response.outputs(i).name())) json.append(response.raw_output_contents(i));
  }
  return answer;
}

}  // namespace mlp
