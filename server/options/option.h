// One option: its name, what it sets, the values it takes, and its help.
//
// An option is a row of a table. Parsing, --help, --list-options, the documentation's test and the
// Helm chart's schema all read the row.

#ifndef MLP_SERVER_OPTIONS_OPTION_H_
#define MLP_SERVER_OPTIONS_OPTION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace mlp {

enum class OptionType { kText, kFlag, kInteger, kNumber, kName, kList };

// "text", "flag" and so on, as --list-options writes it.
const char* NameOf(OptionType type);

// The values of an integer or a number.
struct OptionRange {
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
  bool or_zero = false;    // 0 has a special meaning and is allowed too
  bool exclusive = false;  // the bounds themselves are not allowed
};

// Checks a text. Returns what is wrong with it, or an empty string.
using TextCheck = std::function<std::string(const std::string& text)>;

// What an option sets, and with which values. The variable that it sets must outlive it.
struct OptionValue {
  OptionType type = OptionType::kText;

  // A flag, a list, or a check of the text that also sets the variable.
  std::variant<TextCheck, bool*, std::vector<std::string>*> target;

  std::string default_text = {};                    // empty if there is none
  std::string placeholder = {};                     // for the value in --help, such as "FILE"
  std::optional<OptionRange> range = std::nullopt;  // of kInteger and kNumber
  std::vector<std::string> names = {};              // of kName
  bool default_from_machine = false;
};

struct Option {
  std::string name;  // "max-batch-rows"
  OptionValue value;
  std::string help;
  bool command_line_only = false;

  // "--max-batch-rows"
  std::string Flag() const;
  // "MLP_MAX_BATCH_ROWS", or an empty string for command_line_only.
  std::string Variable() const;
};

// The kinds of values. The default is what the variable holds now.

OptionValue TextValue(std::string& text, const std::string& placeholder = "TEXT",
                      const TextCheck& check = nullptr);

// On the command line, the name alone means true.
OptionValue FlagValue(bool& flag);

// Texts; each occurrence on the command line adds one, and commas separate them.
OptionValue ListValue(std::vector<std::string>& texts);

// Decimal digits. Other programs read 010 as 8; here it is 10.
OptionValue IntegerValue(int& number, std::int64_t minimum, std::int64_t maximum);
OptionValue IntegerValue(std::int64_t& number, std::int64_t minimum, std::int64_t maximum);

// The same, and 0, which has a special meaning.
OptionValue IntegerOrZero(int& number, std::int64_t minimum, std::int64_t maximum);
OptionValue IntegerOrZero(std::int64_t& number, std::int64_t minimum, std::int64_t maximum);

// Above 0 and below 1.
OptionValue FractionValue(double& number);

// One of `names`, in upper or lower case. `set` gets its index.
OptionValue IndexedName(std::vector<std::string> names, std::size_t default_index,
                        std::function<void(std::size_t)> set);

template <typename Value>
OptionValue NameValue(Value& value, const std::vector<std::pair<std::string, Value>>& names,
                      const std::string& placeholder = "NAME") {
  std::vector<std::string> texts;
  std::vector<Value> values;
  std::size_t default_index = 0;
  for (const auto& [text, named] : names) {
    if (named == value) default_index = values.size();
    texts.push_back(text);
    values.push_back(named);
  }
  OptionValue result =
      IndexedName(std::move(texts), default_index,
                  [&value, values = std::move(values)](std::size_t i) { value = values[i]; });
  result.placeholder = placeholder;
  return result;
}

// Marks a value whose default depends on the machine.
OptionValue FromMachine(OptionValue value);

}  // namespace mlp

#endif  // MLP_SERVER_OPTIONS_OPTION_H_
