#include "server/options/option_table.h"

#include <iterator>
#include <utility>

namespace mlp {

std::vector<Option> OptionTable(ServerOptions& options) {
  std::vector<Option> table = {{kConfigOption, TextValue(options.config_file, "FILE"),
                                "A file with options, name = value on each line"}};
  for (std::vector<Option>& group : std::vector<std::vector<Option>>{
           ModelRows(options), NetworkRows(options), EvaluationRows(options), StoppingRows(options),
           SecurityRows(options.security), LimitRows(options), ConnectionRows(options.limits),
           ObservationRows(options)}) {
    std::move(group.begin(), group.end(), std::back_inserter(table));
  }
  return table;
}

}  // namespace mlp
