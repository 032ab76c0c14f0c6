// Connections to a server. Internal to the client.

#ifndef MLP_CLIENT_CHANNEL_H_
#define MLP_CLIENT_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace mlp {

enum class ChannelSharing {
  kShared,         // one connection for all channels to one address
  kOwnConnection,  // one of its own for each, without retries and all else that a measurement of
                   // single calls would have to do without
};

// A channel to `address`, which CheckServerAddress has passed: not encrypted, with messages of at
// most `max_message_bytes` both ways, connected at its first call and again soon after it breaks.
// No proxy stands before this machine's own loopback.
std::shared_ptr<grpc::Channel> OpenClientChannel(const std::string& address, int max_message_bytes,
                                                 ChannelSharing sharing);

}  // namespace mlp

#endif  // MLP_CLIENT_CHANNEL_H_
