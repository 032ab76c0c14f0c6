// Connections to a server. Internal to the client.

#ifndef MLP_CLIENT_CHANNEL_H_
#define MLP_CLIENT_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

#include "client/credentials.h"

namespace mlp {

enum class ChannelSharing {
  kShared,  // one connection for all channels to one address
  // A separate connection per channel, without retries and other features that would disturb a
  // measurement of single calls.
  kOwnConnection,
};

// A channel to `address`, which must have passed CheckServerAddress and CheckClientCredentials. It
// is encrypted if `tls` is given and limits messages to `max_message_bytes` both ways. It connects
// at the first call and reconnects soon after a break. Loopback calls do not use a proxy.
std::shared_ptr<grpc::Channel> OpenClientChannel(const std::string& address,
                                                 const std::optional<ClientTls>& tls,
                                                 int max_message_bytes, ChannelSharing sharing);

// Adds `token`, unless empty, to a call on such a channel. Every call of the client goes through
// here. gRPC's own call credentials refuse plaintext, even on this machine.
void AddTokenTo(const std::string& token, grpc::ClientContext& context);

}  // namespace mlp

#endif  // MLP_CLIENT_CHANNEL_H_
