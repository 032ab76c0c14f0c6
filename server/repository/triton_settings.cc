#include "server/repository/triton_settings.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/quote.h"
#include "proto/triton_model_config.pb.h"

namespace mlp {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Settings that affect only how Triton computes, and no client: ignored.
constexpr absl::string_view kWithoutEffect[] = {
    "cc_model_filenames",
    "dynamic_batching.preserve_ordering",
    "input.allow_ragged_batch",
    "instance_group.host_policy",
    "optimization.cuda",
    "optimization.eager_batching",
    "optimization.gather_kernel_buffer_threshold",
    "optimization.graph",
    "optimization.input_pinned_memory",
    "optimization.output_pinned_memory",
    "optimization.priority",
    "response_cache.enable",
    "runtime",
};

// Set if they are present, even if empty.
constexpr absl::string_view kSetWithoutContent[] = {"ensemble_scheduling", "input.reshape",
                                                    "output.reshape", "sequence_batching"};

// Messages that are not served. Our description of them is only enough to see that they are
// present.
constexpr absl::string_view kDescribedInPart[] = {
    "mlp.triton.BatchInput", "mlp.triton.BatchOutput", "mlp.triton.ModelMetrics",
    "mlp.triton.ModelOptimizationPolicy.Cuda", "mlp.triton.ModelSequenceBatching"};

template <typename Names>
bool IsOneOf(const Names& names, absl::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

void AddOnce(const std::string& name, std::vector<std::string>& names) {
  if (!IsOneOf(names, name)) names.push_back(name);
}

// Keeps the first error, and all names that belong to no field.
class ParseErrors final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!first_.empty()) return;
    first_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message);
  }

  // Message type "TYPE" has no field named "NAME".
  void AddWarning(int line, google::protobuf::io::ColumnNumber /*column*/,
                  const std::string& message) override {
    absl::string_view rest = message;
    if (!absl::ConsumePrefix(&rest, "Message type \"")) return;
    const absl::string_view type = rest.substr(0, rest.find('"'));
    for (const absl::string_view described : kDescribedInPart) {
      if (absl::StartsWith(type, described)) return;
    }
    constexpr absl::string_view kNamed = "has no field named \"";
    const std::size_t at = rest.find(kNamed);
    if (at == absl::string_view::npos) return;
    rest.remove_prefix(at + kNamed.size());
    AddOnce(
        absl::StrCat(Quote(std::string(rest.substr(0, rest.find('"')))), " (line ", line + 1, ")"),
        unknown_);
  }

  const std::string& first() const { return first_; }
  const std::vector<std::string>& unknown() const { return unknown_; }

 private:
  std::string first_;
  std::vector<std::string> unknown_;
};

// Sorts the fields of `message` that the message `served` does not have into the lists of
// `settings`.
void Sort(const google::protobuf::Message& message, const Descriptor* served,
          const std::string& prefix, TritonSettings& settings);

void SortUnserved(const google::protobuf::Message& message, const FieldDescriptor& field,
                  const std::string& path, TritonSettings& settings) {
  const bool single_message =
      field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_repeated();
  if (IsOneOf(kWithoutEffect, path)) {
    if (single_message &&
        message.GetReflection()->GetMessage(message, &field).ByteSizeLong() == 0) {
      return;
    }
    AddOnce(path, settings.ignored);
  } else if (single_message && !IsOneOf(kSetWithoutContent, path)) {
    Sort(message.GetReflection()->GetMessage(message, &field), nullptr, path + ".", settings);
  } else {
    AddOnce(path, settings.unsupported);
  }
}

void Sort(const google::protobuf::Message& message, const Descriptor* served,
          const std::string& prefix, TritonSettings& settings) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* const field : fields) {
    const std::string path = absl::StrCat(prefix, field->name());
    const FieldDescriptor* const same =
        served == nullptr ? nullptr : served->FindFieldByNumber(field->number());
    if (same == nullptr) {
      SortUnserved(message, *field, path, settings);
      continue;
    }
    // Maps, and messages of the same type as the served ones, are served whole.
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map() ||
        field->message_type() == same->message_type()) {
      continue;
    }
    if (!field->is_repeated()) {
      Sort(reflection.GetMessage(message, field), same->message_type(), path + ".", settings);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      Sort(reflection.GetRepeatedMessage(message, field, i), same->message_type(), path + ".",
           settings);
    }
  }
}

absl::StatusOr<TritonSettings> SettingsOf(const triton::ModelConfig& config) {
  TritonSettings settings;
  Sort(config, inference::ModelConfig::descriptor(), "", settings);
  const bool has_gpus = std::any_of(
      config.instance_group().begin(), config.instance_group().end(), [](const auto& group) {
        return group.kind() == inference::ModelInstanceGroup::KIND_GPU || group.gpus_size() > 0;
      });
  if (has_gpus) settings.ignored.emplace_back("instance_group of GPUs");
  // Fields have the same numbers in both.
  if (!settings.config.ParseFromString(config.SerializeAsString())) {
    return absl::InvalidArgumentError("it contains text that is not UTF-8");
  }
  settings.config.DiscardUnknownFields();
  return settings;
}

template <typename Config>
bool ParseText(const std::string& text, Config& config, ParseErrors& errors) {
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(16);
  parser.AllowUnknownField(true);
  return parser.ParseFromString(text, &config);
}

// Whether the first word is the field of the response to get_model_config.
bool IsResponse(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  if (!absl::ConsumePrefix(&text, "config")) return false;
  text = absl::StripLeadingAsciiWhitespace(text);
  return absl::StartsWith(text, "{") || absl::StartsWith(text, ":");
}

}  // namespace

absl::StatusOr<TritonSettings> ReadTritonSettings(const std::string& text) {
  triton::ModelConfigResponse response;
  ParseErrors errors;
  const bool parsed = IsResponse(text) ? ParseText(text, response, errors)
                                       : ParseText(text, *response.mutable_config(), errors);
  if (!parsed) return absl::InvalidArgumentError(errors.first());
  absl::StatusOr<TritonSettings> settings = SettingsOf(response.config());
  if (settings.ok()) {
    for (const std::string& name : errors.unknown()) settings->unsupported.push_back(name);
  }
  return settings;
}

absl::StatusOr<TritonSettings> ReadTritonSettingsJson(const std::string& json) {
  triton::ModelConfigResponse response;
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, response.mutable_config());
  if (!parsed.ok() && !google::protobuf::util::JsonStringToMessage(json, &response).ok()) {
    return absl::InvalidArgumentError(Quote(std::string(parsed.message())));
  }
  return SettingsOf(response.config());
}

}  // namespace mlp
