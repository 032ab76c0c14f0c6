// Who may make the calls of a control method.

#ifndef MLP_SERVER_RPC_CONTROL_ACCESS_H_
#define MLP_SERVER_RPC_CONTROL_ACCESS_H_

#include <grpcpp/server_context.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/access/call_gate.h"
#include "server/rpc/admit_call.h"
#include "server/rpc/control_call.h"
#include "server/rpc/health_watchers.h"
#include "server/rpc/repository_requests.h"

namespace mlp {

// The model that a request names; empty if it names none.
template <typename Request>
absl::string_view ModelIn(const Request& request) {
  if constexpr (requires {
                  request.model_name();
                  request.repository_name();
                }) {
    return RequestedModel(request);
  } else if constexpr (requires { request.model_name(); }) {
    return request.model_name();
  } else if constexpr (requires { request.name(); }) {
    return request.name();
  }
  return "";
}

// The protocol's name of the method that takes the request.
template <typename Request>
absl::string_view NameOfCall() {
  absl::string_view name = Request::descriptor()->name();
  absl::ConsumeSuffix(&name, "Request");
  return name;
}

// Removes the entries of models that the caller may not ask for.
template <typename Entries>
void HideModels(const CallPass& pass, Entries& entries) {
  const auto hidden = std::remove_if(entries.begin(), entries.end(), [&pass](const auto& entry) {
    return !pass.MaySee(entry.name());
  });
  entries.erase(hidden, entries.end());
}

// Admits the caller of a control call, unless nobody is asked.
inline absl::StatusOr<std::optional<CallPass>> AdmitIf(bool asks, CallGate& gate,
                                                       const grpc::ServerContext& context,
                                                       Role role, absl::string_view call) {
  if (!asks) return std::nullopt;
  absl::StatusOr<CallPass> pass = AdmitCall(gate, context, role, call);
  if (!pass.ok()) return pass.status();
  return *std::move(pass);
}

// Admits callers that have the role and may ask for the model that the request names, if it names
// one. `gate` must outlive the calls.
template <typename Request, typename Response>
typename ControlMethod<Request, Response>::Access TakesRole(CallGate& gate, Role role) {
  typename ControlMethod<Request, Response>::Access access;
  access.admit = [&gate, role, call = NameOfCall<Request>()](const grpc::ServerContext& context) {
    // Admin calls are audited even if anybody may make them.
    return AdmitIf(gate.asks_callers() || role == Role::kAdmin, gate, context, role, call);
  };
  access.check = [](const grpc::ServerContext&, const Request& request,
                    std::optional<CallPass>& pass) {
    return pass ? pass->CheckModel(ModelIn(request)) : absl::OkStatus();
  };
  access.is_audited = role == Role::kAdmin;
  return access;
}

// The same, but the caller must be one that may ask for any model: the call is about the whole
// server.
template <typename Request, typename Response>
typename ControlMethod<Request, Response>::Access TakesRoleForAllModels(CallGate& gate, Role role) {
  auto access = TakesRole<Request, Response>(gate, role);
  access.check = [](const grpc::ServerContext&, const Request&, std::optional<CallPass>& pass) {
    return pass ? pass->CheckAllModels() : absl::OkStatus();
  };
  return access;
}

// Admits everybody, unless the gate checks callers of health too.
template <typename Request, typename Response>
typename ControlMethod<Request, Response>::Access OfHealth(CallGate& gate) {
  typename ControlMethod<Request, Response>::Access access;
  access.admit = [&gate](const grpc::ServerContext& context) {
    return AdmitIf(gate.asks_callers_of_health(), gate, context, Role::kObserve, "Health");
  };
  return access;
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_CONTROL_ACCESS_H_
