// The names of the classes that an output scores, from its label file or the model's own file.

#ifndef MLP_SERVER_SERVED_MODELS_CLASS_NAMES_H_
#define MLP_SERVER_SERVED_MODELS_CLASS_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "model/network.h"
#include "server/repository/model_settings.h"

namespace mlp {

// One name for each unit of an output, or none. At most one of the two has any. The network and the
// settings own them.
struct ClassNames {
  absl::Span<const std::string> strings;
  absl::Span<const std::int64_t> integers;

  std::size_t size() const { return strings.size() + integers.size(); }

  // REQUIRES: unit < size().
  std::string NameOf(std::size_t unit) const;

  std::size_t LongestBytes() const;
};

// The class names of output `output` of `network`. A label file wins. Otherwise, an output of
// labels uses its own table. An output of values uses the table of an output of labels that is made
// of the same units, as in scikit-learn's classifiers; strings take precedence over integers.
// Integers that equal the units' indices, such as those of an ArgMax, do not count as names.
ClassNames ClassNamesOf(const Network& network, const ModelSettings& settings, std::size_t output);

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_CLASS_NAMES_H_
