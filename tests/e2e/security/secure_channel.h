// Channels with TLS, and calls with tokens.

#ifndef MLP_TESTS_E2E_SECURITY_SECURE_CHANNEL_H_
#define MLP_TESTS_E2E_SECURITY_SECURE_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "proto/open_inference.grpc.pb.h"
#include "tests/e2e/inference_client.h"
#include "tests/server/tls/certificate_maker.h"

namespace mlp {

// A channel, with a separate connection, to a server whose certificate `root` has signed. `client`:
// the client's certificate, unless null.
inline std::shared_ptr<grpc::Channel> OpenSecureChannel(const std::string& address,
                                                        const MadeCertificate& root,
                                                        const MadeCertificate* client = nullptr) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = root.pem();
  if (client != nullptr) {
    options.pem_cert_chain = client->pem();
    options.pem_private_key = client->key_pem();
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetSslTargetNameOverride("localhost");
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), arguments);
}

// Asks `model` over `channel`, with these values of the authorization header.
inline grpc::Status AskWith(const std::shared_ptr<grpc::Channel>& channel, const std::string& model,
                            const std::vector<std::string>& authorization = {}) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  for (const std::string& value : authorization) context.AddMetadata("authorization", value);
  inference::ModelInferResponse response;
  return inference::GRPCInferenceService::NewStub(channel)->ModelInfer(
      &context, DigitsRequest(model), &response);
}

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_SECURE_CHANNEL_H_
