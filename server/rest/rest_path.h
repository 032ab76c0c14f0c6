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
  std::string model;    // where the call has one; empty for the statistics of all
  std::string version;  // empty where the path has none
};

// Whether the call is made by POST, and else by GET or HEAD.
bool IsPost(RestCall call);

// The call that is made by POST at the path of `call`: another one where that path has two.
RestCall PostCallOf(RestCall call);

// Reads a path as it was sent, without a query; each of its parts is percent-decoded by itself.
// NOT_FOUND for one that is not served; INVALID_ARGUMENT for a wrong percent sign and for a name
// that is no UTF-8 or holds a zero.
absl::StatusOr<RestPath> ParseRestPath(absl::string_view path);

}  // namespace mlp

#endif  // MLP_SERVER_REST_REST_PATH_H_
