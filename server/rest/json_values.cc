#include "server/rest/json_values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

using simdjson::ondemand::json_type;
using JsonArray = simdjson::ondemand::array;
using JsonValue = simdjson::ondemand::value;

absl::Status WrongValue(const ValuesTarget& target, absl::string_view token,
                        absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("input ", Quote(target.name), " has the value ",
                                                 Quote(token), "; ", NameOf(target.datatype),
                                                 " expects ", expected));
}

// The nearest float to the number whose nearest double is `number`.
float NearestFloat(double number, absl::string_view token) {
  const auto nearest = static_cast<float>(number);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &number, sizeof(bits));
  // If the double is exactly halfway between two floats, it does not say which is nearer. Floats
  // below the least normal one are further apart, so for them this test does not find halfway
  // points.
  constexpr std::uint64_t kBeyondFloat = (std::uint64_t{1} << 29) - 1;
  constexpr std::uint64_t kMiddle = std::uint64_t{1} << 28;
  const bool is_small = std::fabs(number) < double{std::numeric_limits<float>::min()};
  if ((bits & kBeyondFloat) != kMiddle && (!is_small || number == 0.0)) return nearest;
  float exact = 0.0F;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), exact);
  return error == std::errc() ? exact : nearest;
}

// Reads elements of one datatype, one after another.
class ElementReader final {
 public:
  ElementReader(const ValuesTarget& target, std::string& raw) : target_(target), raw_(raw) {}

  absl::Status Read(JsonValue& value) {
    switch (target_.datatype) {
      case Datatype::kBool:
        return ReadBool(value);
      case Datatype::kUint8:
        return ReadInteger<std::uint8_t>(value);
      case Datatype::kUint16:
        return ReadInteger<std::uint16_t>(value);
      case Datatype::kUint32:
        return ReadInteger<std::uint32_t>(value);
      case Datatype::kUint64:
        return ReadInteger<std::uint64_t>(value);
      case Datatype::kInt8:
        return ReadInteger<std::int8_t>(value);
      case Datatype::kInt16:
        return ReadInteger<std::int16_t>(value);
      case Datatype::kInt32:
        return ReadInteger<std::int32_t>(value);
      case Datatype::kInt64:
        return ReadInteger<std::int64_t>(value);
      case Datatype::kFp16:
      case Datatype::kBf16:
      case Datatype::kFp32:
      case Datatype::kFp64:
        return ReadNumber(value);
      case Datatype::kBytes:
        return ReadString(value);
    }
    return absl::InternalError("internal error: unhandled datatype");
  }

 private:
  template <typename Element>
  absl::Status Append(Element element) {
    std::array<char, sizeof(Element)> bytes;
    std::memcpy(bytes.data(), &element, sizeof(Element));
    raw_.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }

  absl::Status ReadBool(JsonValue& value) {
    const absl::string_view token = TokenOf(value);
    bool is_true = false;
    if (value.get_bool().get(is_true) == simdjson::SUCCESS) return Append(is_true);
    if (token == "0" || token == "1") return Append(token == "1");
    return WrongValue(target_, token, "true or false");
  }

  template <typename Integer>
  absl::Status ReadInteger(JsonValue& value) {
    using Wide = std::conditional_t<std::is_signed_v<Integer>, std::int64_t, std::uint64_t>;
    constexpr auto kSmallest = std::numeric_limits<Integer>::min();
    constexpr auto kGreatest = std::numeric_limits<Integer>::max();
    const absl::string_view token = TokenOf(value);
    Wide wide = 0;
    simdjson::error_code error = simdjson::SUCCESS;
    if constexpr (std::is_signed_v<Integer>) {
      error = value.get_int64().get(wide);
    } else {
      error = value.get_uint64().get(wide);
    }
    if (error != simdjson::SUCCESS || wide < Wide{kSmallest} || wide > Wide{kGreatest}) {
      return WrongValue(target_, token,
                        absl::StrCat("a whole number from ", kSmallest, " to ", kGreatest));
    }
    return Append(static_cast<Integer>(wide));
  }

  absl::Status ReadNumber(JsonValue& value) {
    const absl::string_view token = TokenOf(value);
    double number = 0.0;
    if (value.get_double().get(number) != simdjson::SUCCESS) {
      if (token != "null") return WrongValue(target_, token, "a number in its range, or null");
      number = std::numeric_limits<double>::quiet_NaN();
    }
    if (target_.datatype == Datatype::kFp64) return Append(number);
    const float nearest = NearestFloat(number, token);
    if (target_.datatype == Datatype::kFp32) {
      if (std::isinf(nearest)) return WrongValue(target_, token, "a number in its range, or null");
      return Append(nearest);
    }
    std::uint16_t half = 0;
    ConvertFromFloats(&nearest, 1, target_.datatype, &half);
    float back = 0.0F;
    ConvertToFloats(target_.datatype, &half, 1, &back);
    if (std::isinf(back)) return WrongValue(target_, token, "a number in its range, or null");
    return Append(half);
  }

  absl::Status ReadString(JsonValue& value) {
    const absl::string_view token = TokenOf(value);
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) {
      return WrongValue(target_, token, "a string");
    }
    static_cast<void>(Append(static_cast<std::uint32_t>(text.size())));
    raw_.append(text);
    return absl::OkStatus();
  }

  const ValuesTarget& target_;
  std::string& raw_;
};

// Reads the arrays, nested as deep as the shape.
class ValuesReader final {
 public:
  ValuesReader(const ValuesTarget& target, std::string& raw)
      : target_(target), elements_(target, raw) {}

  absl::Status Read(JsonArray data) {
    if (auto status = ReadArray(data, 0); !status.ok()) return status;
    // The number of values in the shape; -1 if it overflows.
    std::int64_t expected = 1;
    for (const std::int64_t dimension : target_.shape) {
      if (__builtin_mul_overflow(expected, dimension, &expected)) expected = -1;
      if (expected < 0) break;
    }
    if (count_ == expected) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "input ", Quote(target_.name), " has ", count_, " values in `data`; its shape ",
        ShapeText(target_.shape), " expects ", expected < 0 ? "more" : absl::StrCat(expected)));
  }

 private:
  absl::Status WrongNesting() const {
    return absl::InvalidArgumentError(absl::StrCat(
        "input ", Quote(target_.name), " has `data` whose nesting differs from its shape ",
        ShapeText(target_.shape), "; expected it flat, or nested like the shape"));
  }

  absl::Status ReadArray(JsonArray array, std::size_t level) {
    std::int64_t length = 0;
    for (auto element : array) {
      JsonValue value;
      if (const auto error = element.get(value); error != simdjson::SUCCESS) {
        return JsonError(error);
      }
      // A token that is not JSON, such as NaN, is reported as a wrong value.
      json_type type = json_type::null;
      if (value.type().get(type) != simdjson::SUCCESS) type = json_type::null;
      // The first element decides whether the values are nested.
      if (level == 0 && length == 0) nested_ = type == json_type::array;
      ++length;
      const bool is_inner = nested_ && level + 1 < target_.shape.size();
      if (is_inner != (type == json_type::array)) return WrongNesting();
      absl::Status status = absl::OkStatus();
      if (is_inner) {
        JsonArray inner;
        if (const auto error = value.get_array().get(inner); error != simdjson::SUCCESS) {
          return JsonError(error);
        }
        status = ReadArray(inner, level + 1);
      } else {
        ++count_;
        status = elements_.Read(value);
      }
      if (!status.ok()) return status;
    }
    if (nested_ && length != target_.shape[level]) return WrongNesting();
    return absl::OkStatus();
  }

  const ValuesTarget& target_;
  ElementReader elements_;
  bool nested_ = false;
  std::int64_t count_ = 0;
};

}  // namespace

absl::Status ReadJsonValues(simdjson::ondemand::array data, const ValuesTarget& target,
                            std::string& raw) {
  return ValuesReader(target, raw).Read(data);
}

}  // namespace mlp
