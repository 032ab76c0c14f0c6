// The options for programs: JSON that documentation, manual page and Helm chart are made from or
// checked against.

#ifndef MLP_SERVER_OPTIONS_OPTION_LIST_H_
#define MLP_SERVER_OPTIONS_OPTION_LIST_H_

#include <string>
#include <vector>

#include "server/options/option.h"

namespace mlp {

// A JSON array, with one option on each line (docs/reference/options.md has the fields).
std::string OptionList(const std::vector<Option>& table);

}  // namespace mlp

#endif  // MLP_SERVER_OPTIONS_OPTION_LIST_H_
