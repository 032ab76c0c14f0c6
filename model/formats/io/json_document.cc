#include "model/formats/io/json_document.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "model/quote.h"

namespace mlp {
namespace {

using nlohmann::json;

// Builds the document from nlohmann's events; its parser is not recursive.
class BoundedBuilder final : public nlohmann::json_sax<json> {
 public:
  BoundedBuilder(absl::string_view what, const JsonLimits& limits) : what_(what), limits_(limits) {}

  absl::Status status() const { return status_; }
  json Take() { return std::move(root_); }

  bool null() override { return Add(json()) != nullptr; }
  bool boolean(bool value) override { return Add(json(value)) != nullptr; }
  bool number_integer(number_integer_t value) override { return Add(json(value)) != nullptr; }
  bool number_unsigned(number_unsigned_t value) override { return Add(json(value)) != nullptr; }
  bool number_float(number_float_t value, const string_t& /*text*/) override {
    return Add(json(value)) != nullptr;
  }
  bool string(string_t& value) override { return Add(json(std::move(value))) != nullptr; }
  bool binary(binary_t& /*value*/) override { return false; }  // never in JSON text

  bool start_object(std::size_t /*elements*/) override { return Open(json::object()); }
  bool start_array(std::size_t /*elements*/) override { return Open(json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(string_t& key) override {
    if (open_.back().container->contains(key)) {
      return Refuse(absl::StrCat("has the key ", Quote(key), " twice in ", PlaceText(Pointer()),
                                 "; expected once"));
    }
    open_.back().key = std::move(key);
    return true;
  }

  // Replaces the parser's message, which quotes text of any length.
  bool parse_error(std::size_t position, const std::string& /*last_token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return Refuse(absl::StrCat("is not valid JSON at byte ", position));
  }

 private:
  struct Place {
    json* container;
    std::string key;  // of the next or the open value, in an object
  };

  bool Refuse(absl::string_view why) {
    status_ = absl::InvalidArgumentError(absl::StrCat(what_, " ", why));
    return false;
  }

  std::string Pointer() const {
    std::string pointer;
    for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
      pointer = JsonPointer(pointer, open_[i].container->is_object()
                                         ? open_[i].key
                                         : absl::StrCat(open_[i].container->size() - 1));
    }
    return pointer;
  }

  // Adds a value to the document and returns its address; null if there are too many values.
  json* Add(json&& value) {
    if (++values_ > limits_.values) {
      Refuse(absl::StrCat("has more than ", limits_.values, " values; at most ", limits_.values,
                          " are supported"));
      return nullptr;
    }
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    const Place& place = open_.back();
    if (place.container->is_object()) {
      return &(place.container->emplace(place.key, std::move(value)).first.value());
    }
    return &place.container->emplace_back(std::move(value));
  }

  bool Open(json&& container) {
    if (open_.size() == limits_.depth) {
      return Refuse(absl::StrCat("is nested deeper than ", limits_.depth, " levels"));
    }
    json* const added = Add(std::move(container));
    if (added == nullptr) return false;
    open_.push_back({added, ""});
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  absl::string_view what_;
  JsonLimits limits_;
  json root_;
  std::vector<Place> open_;
  std::size_t values_ = 0;
  absl::Status status_;
};

}  // namespace

std::string JsonPointer(absl::string_view pointer, absl::string_view key) {
  return absl::StrCat(pointer, "/", absl::StrReplaceAll(key, {{"~", "~0"}, {"/", "~1"}}));
}

std::string PlaceText(absl::string_view pointer) {
  return pointer.empty() ? "the document" : Quote(pointer);
}

absl::StatusOr<json> ParseJson(absl::string_view what, absl::string_view text,
                               const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has ", text.size(), " bytes; expected at most ", limits.bytes));
  }
  BoundedBuilder builder(what, limits);
  if (!json::sax_parse(text.begin(), text.end(), &builder)) return builder.status();
  return builder.Take();
}

}  // namespace mlp
