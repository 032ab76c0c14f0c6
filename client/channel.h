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
  kShared,         // one connection for all channels to one address
  kOwnConnection,  // one of its own for each, without retries and all else that a measurement of
                   // single calls would have to do without
};

// A channel to `address`, which CheckServerAddress and CheckClientCredentials have passed:
// encrypted where `tls` is given, with messages of at most `max_message_bytes` both ways, connected
// at its first call and again soon after it breaks. No proxy stands before this machine's own
// loopback.
std::shared_ptr<grpc::Channel> OpenClientChannel(const std::string& address,
                                                 const std::optional<ClientTls>& tls,
                                                 int max_message_bytes, ChannelSharing sharing);

// Has a call over such a channel show `token`, unless it is empty. Every call of the client's goes
// through here. gRPC's own call credentials would refuse plaintext, to this machine too.
void ShowToken(const std::string& token, grpc::ClientContext& context);

}  // namespace mlp

#endif  // MLP_CLIENT_CHANNEL_H_
