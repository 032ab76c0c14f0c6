#include "server/repository/settings_difference.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/join_first.h"
#include "server/repository/version_labels.h"

namespace mlp {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::util::MessageDifferencer;

constexpr std::size_t kMaxNamed = 8;
constexpr std::size_t kLongestValue = 64;

// Writes a clause for each setting that differs.
class ClauseReporter final : public MessageDifferencer::Reporter {
 public:
  using Message = google::protobuf::Message;
  using Path = std::vector<MessageDifferencer::SpecificField>;

  void ReportAdded(const Message& /*before*/, const Message& now, const Path& path) override {
    Add(path,
        absl::StrCat(" is ", Value(now, path.back(), path.back().new_index), ", and was not set"));
  }
  void ReportDeleted(const Message& /*before*/, const Message& /*now*/, const Path& path) override {
    Add(path, " is no longer set");
  }
  void ReportModified(const Message& before, const Message& now, const Path& path) override {
    // For a message, its differing fields have already been reported.
    if (path.back().field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return;
    Add(path, absl::StrCat(" is ", Value(now, path.back(), path.back().new_index), " instead of ",
                           Value(before, path.back(), path.back().index)));
  }

  std::vector<std::string> TakeClauses() { return std::move(clauses_); }

 private:
  static std::string Value(const Message& message, const MessageDifferencer::SpecificField& field,
                           int index) {
    if (field.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return "set";
    std::string text;
    google::protobuf::TextFormat::PrintFieldValueToString(message, field.field, index, &text);
    return text.size() > kLongestValue ? "(a long text)" : text;
  }

  // The key of a map's entry, which may be text or a number.
  static std::string KeyOf(const MessageDifferencer::SpecificField& part) {
    const Message* const entry = part.map_entry1 != nullptr ? part.map_entry1 : part.map_entry2;
    std::string key;
    google::protobuf::TextFormat::PrintFieldValueToString(
        *entry, part.field->message_type()->map_key(), -1, &key);
    return key;
  }

  void Add(const Path& path, const std::string& what) {
    std::string name;
    for (const MessageDifferencer::SpecificField& part : path) {
      if (part.field->containing_type()->options().map_entry()) continue;  // the entry's value
      const std::string key = part.field->is_map() ? KeyOf(part) : "";
      if (part.field->number() == inference::ModelConfig::kParametersFieldNumber &&
          part.field->containing_type() == inference::ModelConfig::descriptor()) {
        if (absl::StartsWith(key, absl::StrCat("\"", kLabelPrefix))) return;
        absl::StrAppend(&name, "parameter ", key);
        break;  // a parameter has one value
      }
      absl::StrAppend(&name, name.empty() ? "" : ".", part.field->name());
      if (part.field->is_map()) {
        absl::StrAppend(&name, "[", key, "]");
      } else if (part.field->is_repeated()) {
        absl::StrAppend(&name, "[", part.index >= 0 ? part.index : part.new_index, "]");
      }
    }
    clauses_.push_back(absl::StrCat(name, what));
  }

  std::vector<std::string> clauses_;
};

}  // namespace

bool SameSettings(const ModelSettings& one, const ModelSettings& other) {
  return one.labels == other.labels && MessageDifferencer::Equals(one.config, other.config);
}

std::string SettingsDifference(const ModelSettings& before, const ModelSettings& now) {
  ClauseReporter reporter;
  MessageDifferencer differencer;
  differencer.IgnoreField(inference::ModelConfig::descriptor()->FindFieldByName("version_policy"));
  differencer.ReportDifferencesTo(&reporter);
  differencer.Compare(before.config, now.config);
  std::vector<std::string> clauses = reporter.TakeClauses();
  if (before.labels != now.labels) {
    clauses.emplace_back("the labels in the label files have changed");
  }
  return JoinFirst(std::move(clauses), kMaxNamed);
}

}  // namespace mlp
