#include "server/rpc/admit_call.h"

#include <grpc/grpc_security_constants.h>

#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "server/memory_room.h"

namespace mlp {
namespace {

// gRPC's own name for it, which is in none of its public headers.
constexpr char kLocalSecurity[] = "local";

std::vector<std::string> PropertiesOf(const grpc::AuthContext& context, const char* name) {
  std::vector<std::string> values;
  for (const grpc::string_ref& value : context.FindPropertyValues(name)) {
    values.emplace_back(value.data(), value.size());
  }
  return values;
}

std::string FirstOf(std::vector<std::string> values) {
  return values.empty() ? std::string() : std::move(values.front());
}

CertificateNames NamesOfClient(const grpc::AuthContext& context) {
  return {PropertiesOf(context, GRPC_PEER_URI_PROPERTY_NAME),
          PropertiesOf(context, GRPC_PEER_DNS_PROPERTY_NAME),
          FirstOf(PropertiesOf(context, GRPC_X509_CN_PROPERTY_NAME))};
}

}  // namespace

absl::StatusOr<CallPass> AdmitCall(CallGate& gate, const grpc::ServerContext& context, Role needed,
                                   absl::string_view call) {
  const RefusableWork work;
  try {
    CallAttempt attempt;
    attempt.from = context.peer();
    const std::shared_ptr<const grpc::AuthContext> security = context.auth_context();
    const std::string type =
        FirstOf(PropertiesOf(*security, GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME));
    attempt.at_admin_address = type == kLocalSecurity;
    const bool has_tls =
        type == GRPC_SSL_TRANSPORT_SECURITY_TYPE || type == GRPC_TLS_TRANSPORT_SECURITY_TYPE;
    // What comes through the admin address does not leave this machine.
    attempt.credentials.encrypted = has_tls || attempt.at_admin_address;
    if (has_tls) attempt.credentials.certificate = NamesOfClient(*security);
    std::vector<absl::string_view> authorization;
    const auto& metadata = context.client_metadata();
    const auto [first, end] = metadata.equal_range("authorization");
    for (auto header = first; header != end; ++header) {
      authorization.emplace_back(header->second.data(), header->second.size());
    }
    attempt.credentials.authorization = authorization;
    return gate.Admit(std::move(attempt), needed, call);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("there is not enough memory to answer the request");
  }
}

}  // namespace mlp
