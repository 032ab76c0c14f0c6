// The answer to a request over HTTP.

#ifndef MLP_SERVER_REST_REST_REPLY_H_
#define MLP_SERVER_REST_REST_REPLY_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "server/rest/http_status.h"
#include "server/rest/json_text.h"

namespace mlp {

struct RestReply {
  int code = 200;
  std::string body;
  // How many bytes of it are JSON, if binary values follow.
  std::optional<std::size_t> json_bytes;
};

// {"error": "..."}
inline RestReply ErrorReply(int code, absl::string_view message) {
  RestReply reply{code, "{\"error\":", std::nullopt};
  AppendJsonText(message, reply.body);
  reply.body.push_back('}');
  return reply;
}

inline RestReply ErrorReply(const absl::Status& status) {
  return ErrorReply(HttpStatusOf(status.code()),
                    {status.message().data(), status.message().size()});
}

}  // namespace mlp

#endif  // MLP_SERVER_REST_REST_REPLY_H_
