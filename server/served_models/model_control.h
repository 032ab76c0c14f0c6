// Which models of a repository are served.

#ifndef MLP_SERVER_SERVED_MODELS_MODEL_CONTROL_H_
#define MLP_SERVER_SERVED_MODELS_MODEL_CONTROL_H_

namespace mlp {

enum class ModelControl {
  kNone,      // every model, at the start only
  kPoll,      // every model, as the repository changes
  kExplicit,  // only models that are asked for
};

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_MODEL_CONTROL_H_
