// Answers all HTTP calls except inference, with the content of the gRPC calls of the same names.

#ifndef MLP_SERVER_REST_CONTROL_ANSWERS_H_
#define MLP_SERVER_REST_CONTROL_ANSWERS_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "server/observe/log_control.h"
#include "server/rest/rest_path.h"
#include "server/rest/rest_reply.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_manager.h"

namespace mlp {

// Thread-safe.
class ControlAnswers final {
 public:
  // `models`, `manager` and `log` must outlive this object. `ready` says whether the server is
  // serving; `allow_model_files`, whether clients may send models.
  ControlAnswers(const ModelCatalog& models, ModelManager& manager, LogControl& log,
                 std::function<bool()> ready, bool allow_model_files)
      : models_(models),
        manager_(manager),
        log_(log),
        ready_(std::move(ready)),
        allow_model_files_(allow_model_files) {}

  // Answers any call except inference, load and unload. May append padding to `body`.
  RestReply Answer(const RestPath& path, std::string& body) const;

  // Loads or unloads the model, as the path says, and calls `done` once, on any thread. May append
  // padding to `body`.
  void Change(const RestPath& path, std::string& body,
              std::function<void(const absl::Status&)> done) const;

 private:
  RestReply AnswerIndex(std::string& body) const;
  RestReply AnswerModelReady(const RestPath& path) const;
  RestReply AnswerLog(std::string& body) const;

  const ModelCatalog& models_;
  ModelManager& manager_;
  LogControl& log_;
  const std::function<bool()> ready_;
  const bool allow_model_files_;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_CONTROL_ANSWERS_H_
