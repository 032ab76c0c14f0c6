// Answers server reflection: the services that are served, and the .proto files that describe them.

#ifndef MLP_SERVER_RPC_REFLECTION_ANSWERS_H_
#define MLP_SERVER_RPC_REFLECTION_ANSWERS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <utility>
#include <vector>

#include "proto/reflection.pb.h"

namespace mlp {

// Thread-safe.
class ReflectionAnswers final {
 public:
  // `services`: the full names of the services served. `pool` must outlive this.
  ReflectionAnswers(const google::protobuf::DescriptorPool& pool, std::vector<std::string> services)
      : pool_(pool), services_(std::move(services)) {}

  // Files come with everything they import, each once in an answer. A request for something unknown
  // is answered with an error_response of NOT_FOUND, a request for nothing with INVALID_ARGUMENT.
  grpc::reflection::v1alpha::ServerReflectionResponse Answer(
      grpc::reflection::v1alpha::ServerReflectionRequest request) const;

 private:
  const google::protobuf::DescriptorPool& pool_;
  const std::vector<std::string> services_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_REFLECTION_ANSWERS_H_
