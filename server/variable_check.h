// Tells a mistyped variable of the environment from one of somebody else's.

#ifndef MLP_SERVER_VARIABLE_CHECK_H_
#define MLP_SERVER_VARIABLE_CHECK_H_

#include <set>
#include <string>

namespace mlp {

// Empty, or what is wrong with a variable of `environment` (as environ: NAME=value, null at the
// end) that begins with MLP_ and is none of `known`: it would be passed over in silence, as a flag
// is not. Three kinds are somebody else's and may be there: empty ones, the client's own, and what
// Kubernetes and Docker set for a Service or a linked container whose name begins with "mlp"
// (MLP_SERVICE_HOST, MLP_SERVER_PORT_8001_TCP_ADDR).
std::string CheckVariables(const char* const* environment, const std::set<std::string>& known);

}  // namespace mlp

#endif  // MLP_SERVER_VARIABLE_CHECK_H_
