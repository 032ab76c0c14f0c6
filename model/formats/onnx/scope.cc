#include "model/formats/onnx/scope.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {

absl::Status OnnxScope::Add(absl::string_view name, OnnxValue&& value) {
  if (values_.emplace(name, std::move(value)).second) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the tensor ", Quote(name), " is defined twice; expected once"));
}

const OnnxValue* OnnxScope::Find(absl::string_view name) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return &found->second;
  return outer_ == nullptr ? nullptr : outer_->Find(name);
}

}  // namespace mlp
