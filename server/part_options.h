// Derives the options of the server's parts from those of the command line.

#ifndef MLP_SERVER_PART_OPTIONS_H_
#define MLP_SERVER_PART_OPTIONS_H_

#include "server/options/server_options.h"
#include "server/rest/rest_server.h"
#include "server/rpc/grpc_server.h"
#include "server/served_models/model_manager.h"
#include "server/stop_signals.h"

namespace mlp {

// `signals` must outlive the manager, which checks them while it loads.
ModelManagerOptions ManagerOptions(const ServerOptions& options, const StopSignals& signals);

GrpcServerOptions RpcOptions(const ServerOptions& options);

// How many threads read and write JSON; other threads evaluate. 0 if REST is off.
int RestThreads(const ServerOptions& options);

RestServerOptions RestOptions(const ServerOptions& options, const GrpcServer& grpc);

}  // namespace mlp

#endif  // MLP_SERVER_PART_OPTIONS_H_
