#include "server/rest/infer_parameters.h"

#include <utility>

#include "server/rest/json_parameters.h"

namespace mlp {

absl::Status ReadInferParameters(absl::string_view what, simdjson::ondemand::value& value,
                                 TakeHttpParameter own, ObjectCount& objects,
                                 InferParameters& parameters) {
  return ReadJsonParameters(
      what, value, [&](std::string key, inference::InferParameter parameter) -> absl::Status {
        if (auto status = objects.Add(); !status.ok()) return status;
        const absl::StatusOr<bool> taken = own(key, parameter);
        if (!taken.ok()) return taken.status();
        if (!*taken) parameters[std::move(key)] = std::move(parameter);
        return absl::OkStatus();
      });
}

}  // namespace mlp
