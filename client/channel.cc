#include "client/channel.h"

#include "client/server_address.h"

namespace mlp {
namespace {

// By default, gRPC waits up to two minutes before it retries a lost server. That is too long for a
// caller waiting for a server to start.
constexpr int kFirstReconnectMilliseconds = 100;
constexpr int kLongestReconnectMilliseconds = 1000;

}  // namespace

std::shared_ptr<grpc::Channel> OpenClientChannel(const std::string& address,
                                                 const std::optional<ClientTls>& tls,
                                                 int max_message_bytes, ChannelSharing sharing) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(max_message_bytes);
  arguments.SetMaxReceiveMessageSize(max_message_bytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMilliseconds);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestReconnectMilliseconds);
  if (sharing == ChannelSharing::kOwnConnection) {
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    // Turn off features that cost every call some time, but keep deadlines.
    arguments.SetInt(GRPC_ARG_MINIMAL_STACK, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_DEADLINE_CHECKS, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  }
  // Otherwise gRPC sends even loopback calls to the proxy in http_proxy, unless no_proxy is set.
  if (IsLoopback(address)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!tls.has_value()) {
    return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  }
  if (!tls->server_name.empty()) arguments.SetSslTargetNameOverride(tls->server_name);
  grpc::SslCredentialsOptions pem;
  pem.pem_root_certs = tls->authorities;
  pem.pem_cert_chain = tls->certificate;
  pem.pem_private_key = tls->key;
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(pem), arguments);
}

void AddTokenTo(const std::string& token, grpc::ClientContext& context) {
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
}

}  // namespace mlp
