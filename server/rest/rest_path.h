// What a request's method and path ask for.

#ifndef MLP_SERVER_REST_REST_PATH_H_
#define MLP_SERVER_REST_REST_PATH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

enum class RestCall {
  kServerMetadata,
  kServerLive,
  kServerReady,
  kModelMetadata,
  kModelReady,
  kModelConfig,
  kModelStatistics,
  kInfer,
  kRepositoryIndex,
  kModelLoad,
  kModelUnload,
  kLogSettings,
  kLogUpdate,  // the same path by POST
};

struct RestPath {
  RestCall call = RestCall::kServerMetadata;
  std::string model;    // if the call has one; empty for the statistics of all
  std::string version;  // empty if the path has none
};

// Whether the call is made by POST; if not, by GET or HEAD.
bool IsPost(RestCall call);

// The call that POST makes at the path of `call`: a different one if that path has two.
RestCall PostCallOf(RestCall call);

// Reads a path as it was sent, without the query. Decodes the percent-encoding of each part
// separately. NOT_FOUND if the path is not served; INVALID_ARGUMENT for a wrong percent-encoding,
// and for a part that is not UTF-8 or contains a zero byte.
absl::StatusOr<RestPath> ParseRestPath(absl::string_view path);

}  // namespace mlp

#endif  // MLP_SERVER_REST_REST_PATH_H_
