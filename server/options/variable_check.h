// Finds mistyped environment variables.

#ifndef MLP_SERVER_OPTIONS_VARIABLE_CHECK_H_
#define MLP_SERVER_OPTIONS_VARIABLE_CHECK_H_

#include <set>
#include <string>

namespace mlp {

// Returns what is wrong with a variable that begins with MLP_ and is not in `known`, or an empty
// string. Without this check, such a variable would be ignored silently, unlike a mistyped flag.
// `environment` has the form of environ: NAME=value, null at the end.
//
// Three kinds of variables are allowed: empty ones; those of mlp-client; and those that Kubernetes
// and Docker set for a Service or linked container whose name begins with "mlp" (MLP_SERVICE_HOST,
// MLP_SERVER_PORT_8001_TCP_ADDR).
std::string CheckVariables(const char* const* environment, const std::set<std::string>& known);

}  // namespace mlp

#endif  // MLP_SERVER_OPTIONS_VARIABLE_CHECK_H_
