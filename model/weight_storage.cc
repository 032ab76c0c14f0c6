#include "model/weight_storage.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {

absl::string_view NameOf(WeightStorage storage) {
  switch (storage) {
    case WeightStorage::kFloat32:
      return "float32";
    case WeightStorage::kBfloat16:
      return "bfloat16";
    case WeightStorage::kInt8:
      return "int8";
  }
  return "unknown";
}

absl::StatusOr<WeightStorage> ParseWeightStorage(absl::string_view name) {
  for (const WeightStorage storage :
       {WeightStorage::kFloat32, WeightStorage::kBfloat16, WeightStorage::kInt8}) {
    if (absl::EqualsIgnoreCase(NameOf(storage), name)) return storage;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      Quote(name), " is not a storage of weights; expected float32, bfloat16 or int8"));
}

}  // namespace mlp
