#include "model/formats/native/layer_document.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/io/json_document.h"
#include "model/formats/native/members.h"
#include "model/formats/native/words.h"

namespace mlp {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxLayerSources = 65536;
constexpr std::size_t kMaxParameters = 8;
constexpr std::int64_t kMaxUnits = std::int64_t{1} << 20;

// Reads a name, given alone or in an object with other members. Returns the object, with the other
// members left to read, or nothing for a name alone.
absl::StatusOr<std::optional<JsonObject>> ReadName(const json& value, const std::string& pointer,
                                                   std::string& name) {
  if (value.is_string()) {
    name = value.get<std::string>();
    if (!name.empty() && name.size() <= kLongestNativeName) return std::nullopt;
  }
  if (!value.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(PlaceText(pointer), " is ", JsonText(value),
                                                   "; expected a name or an object"));
  }
  absl::StatusOr<JsonObject> object = JsonObject::Open(value, pointer);
  if (!object.ok()) return object.status();
  auto member = object->String("name", kLongestNativeName);
  if (!member.ok()) return member.status();
  name = *std::move(member);
  return *std::move(object);
}

absl::StatusOr<NativeActivation> ReadActivation(const json& value, const std::string& pointer) {
  NativeActivation activation;
  absl::StatusOr<std::optional<JsonObject>> read = ReadName(value, pointer, activation.name);
  if (!read.ok()) return read.status();
  std::optional<JsonObject>& object = *read;
  if (!object.has_value()) return activation;
  if (value.size() > kMaxParameters + 1) {
    return absl::InvalidArgumentError(absl::StrCat(PlaceText(pointer), " has ", value.size() - 1,
                                                   " parameters; expected at most ",
                                                   kMaxParameters));
  }
  for (const std::string& parameter : object->Unknown()) {
    const json& member = value[parameter];
    if (member.is_number()) {
      activation.parameters.emplace_back(parameter, member.get<double>());
      continue;
    }
    if (!member.is_string()) {
      return absl::InvalidArgumentError(absl::StrCat(PlaceText(object->PointerOf(parameter)),
                                                     " is ", JsonText(member),
                                                     "; expected a number or a tensor's name"));
    }
    auto tensor = object->String(parameter, kLongestNativeName);
    if (!tensor.ok()) return tensor.status();
    activation.parameters.emplace_back(parameter, *std::move(tensor));
  }
  return activation;
}

absl::StatusOr<NativeSource> ReadSource(const json& value, const std::string& pointer) {
  NativeSource source;
  absl::StatusOr<std::optional<JsonObject>> read = ReadName(value, pointer, source.name);
  if (!read.ok()) return read.status();
  std::optional<JsonObject>& object = *read;
  if (!object.has_value()) return source;
  auto tap = object->Choice("tap", {"activation", "pre_activation"}, source.tap);
  if (!tap.ok()) return tap.status();
  source.tap = *std::move(tap);
  const auto first = object->Integer("first", 0, kMaxUnits - 1, source.first);
  if (!first.ok()) return first.status();
  source.first = *first;
  if (object->Find("width") != nullptr) {
    const auto width = object->Integer("width", 1, kMaxUnits);
    if (!width.ok()) return width.status();
    source.width = *width;
  }
  if (auto status = object->CheckAllKnown(); !status.ok()) return status;
  return source;
}

absl::StatusOr<NativeValue> ReadNumbers(const json& value, const std::string& pointer) {
  if (!value.is_object() || value.size() > kMaxParameters) {
    return absl::InvalidArgumentError(absl::StrCat(PlaceText(pointer), " is ", JsonText(value),
                                                   "; expected an object of at most ",
                                                   kMaxParameters, " numbers"));
  }
  NativeNumbers numbers;
  for (const auto& member : value.items()) {
    if (!member.value().is_number()) {
      return absl::InvalidArgumentError(absl::StrCat(PlaceText(JsonPointer(pointer, member.key())),
                                                     " is ", JsonText(member.value()),
                                                     "; expected a number"));
    }
    numbers.emplace_back(member.key(), member.value().get<double>());
  }
  return numbers;
}

// Visits the members of a combination (members.h) and takes those that the object has. Checks only
// the types of their values. Also sets numbers in the visited layer, because other members may
// depend on them.
class MemberParser final {
 public:
  MemberParser(JsonObject& object, std::vector<NativeMember>& members)
      : object_(object), members_(members) {}

  void Weights(const Layer&) {
    Text("weights");
    Take("layout", object_.Choice("layout", {"out_in", "in_out"}));
  }
  void Vector(absl::string_view key, const std::vector<float>&, std::int64_t) { Text(key); }
  void Vector(absl::string_view key, const std::vector<float>& values, std::int64_t count, float) {
    OptionalVector(key, values, count);
  }
  void OptionalVector(absl::string_view key, const std::vector<float>&, std::int64_t) {
    if (IsGiven(key)) Text(key);
  }
  void Table(absl::string_view key, const std::vector<float>&, std::int64_t) { Text(key); }
  void Indices(absl::string_view key, const std::vector<std::int32_t>&) { Text(key); }
  void Integer(absl::string_view key, std::int64_t) {
    Take(key, object_.Integer(key, 1, kMaxUnits));
  }
  void Integer(absl::string_view key, std::int64_t number, std::int64_t) {
    if (IsGiven(key)) Integer(key, number);
  }
  void Number(absl::string_view key, float) { Take(key, object_.Number(key)); }
  void Number(absl::string_view key, float number, float) {
    if (IsGiven(key)) Number(key, number);
  }
  void NumberOrInfinity(absl::string_view key, float number) {
    const json* given = object_.Find(key);
    if (given != nullptr && given->is_string()) {
      Take(key, object_.Choice(key, {kInfinite, kMinusInfinite}));
    } else if (given != nullptr) {
      Number(key, number);
    }
  }
  template <typename Enumeration>
  void Choice(absl::string_view key, Enumeration& choice) {
    const absl::StatusOr<std::string> word = object_.Choice(key, WordsLike(choice));
    if (word.ok()) SetByWord(*word, choice);
    Take(key, word);
  }
  void Function(const UnitFunction&) {
    Text("function");
    if (IsGiven("domain")) Text("domain");
    if (const json* parameters = object_.Find("parameters")) {
      Take("parameters", ReadNumbers(*parameters, object_.PointerOf("parameters")));
    }
  }

  const absl::Status& status() const { return status_; }

 private:
  bool IsGiven(absl::string_view key) { return object_.Find(key) != nullptr; }

  void Text(absl::string_view key) { Take(key, object_.String(key, kLongestNativeName)); }

  template <typename Value>
  void Take(absl::string_view key, const absl::StatusOr<Value>& value) {
    status_.Update(value.status());
    if (value.ok()) members_.push_back({std::string(key), NativeValue(*value)});
  }

  JsonObject& object_;
  std::vector<NativeMember>& members_;
  absl::Status status_;
};

// Reads the members that are specific to the combination.
absl::Status ReadMembers(JsonObject& object, NativeLayer& layer) {
  Layer visited;
  visited.operation = InfoOf(*FindCombination(layer.combination)).operation();
  MemberParser parser(object, layer.members);
  VisitMembers(parser, visited);
  return parser.status();
}

std::vector<absl::string_view> NamesOfCombinations() {
  std::vector<absl::string_view> names;
  for (const CombinationInfo& info : AllCombinations()) names.push_back(info.name);
  return names;
}

absl::Status ReadSources(JsonObject& object, NativeLayer& layer) {
  if (object.Find("sources") == nullptr) return absl::OkStatus();
  const absl::StatusOr<const json*> array = object.Array("sources", 1, kMaxLayerSources);
  if (!array.ok()) return array.status();
  for (std::size_t i = 0; i < (*array)->size(); ++i) {
    auto source =
        ReadSource((**array)[i], JsonPointer(object.PointerOf("sources"), absl::StrCat(i)));
    if (!source.ok()) return source.status();
    layer.sources.push_back(*std::move(source));
  }
  return absl::OkStatus();
}

}  // namespace

const NativeValue* NativeLayer::Find(absl::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const NativeMember& member) { return member.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

absl::StatusOr<std::optional<std::string>> OptionalString(JsonObject& object,
                                                          absl::string_view key) {
  if (object.Find(key) == nullptr) return std::optional<std::string>();
  auto value = object.String(key, kLongestNativeName);
  if (!value.ok()) return value.status();
  return std::optional<std::string>(*std::move(value));
}

absl::StatusOr<NativeLayer> ReadNativeLayer(const json& value, const std::string& pointer) {
  absl::StatusOr<JsonObject> object = JsonObject::Open(value, pointer);
  if (!object.ok()) return object.status();
  NativeLayer layer;
  auto name = OptionalString(*object, "name");
  if (!name.ok()) return name.status();
  layer.name = *std::move(name);
  auto combination = object->Choice("combination", NamesOfCombinations(), layer.combination);
  if (!combination.ok()) return combination.status();
  layer.combination = *std::move(combination);
  if (auto status = ReadMembers(*object, layer); !status.ok()) return status;
  if (const json* activation = object->Find("activation")) {
    auto read = ReadActivation(*activation, object->PointerOf("activation"));
    if (!read.ok()) return read.status();
    layer.activation = *std::move(read);
  }
  if (InfoOf(*FindCombination(layer.combination)).sources != SourceRule::kNone) {
    if (auto status = ReadSources(*object, layer); !status.ok()) return status;
  }
  if (auto status = object->CheckAllKnown(); !status.ok()) return status;
  return layer;
}

}  // namespace mlp
