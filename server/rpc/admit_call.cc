#include "server/rpc/admit_call.h"

#include <grpc/grpc_security_constants.h>

#include <memory>
#include <new>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "server/access/peer_address.h"
#include "server/memory_room.h"

namespace mlp {
namespace {

// gRPC's own name for it, which is in none of its public headers.
constexpr char kLocalSecurity[] = "local";

// Without a copy, as each call asks for it.
absl::string_view SecurityTypeOf(const grpc::AuthContext& context) {
  for (const auto& [name, value] : context) {
    if (name == GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME) return {value.data(), value.size()};
  }
  return {};
}

CertificateNames NamesOfClient(const grpc::AuthContext& context) {
  CertificateNames names;
  for (const auto& [name, value] : context) {
    if (name == GRPC_PEER_URI_PROPERTY_NAME) {
      names.uris.emplace_back(value.data(), value.size());
    } else if (name == GRPC_PEER_DNS_PROPERTY_NAME) {
      names.dns.emplace_back(value.data(), value.size());
    } else if (name == GRPC_X509_CN_PROPERTY_NAME && names.common_name.empty()) {
      names.common_name.assign(value.data(), value.size());
    }
  }
  return names;
}

}  // namespace

absl::StatusOr<CallPass> AdmitCall(CallGate& gate, const grpc::ServerContext& context, Role needed,
                                   absl::string_view call) {
  const RefusableWork work;
  try {
    const std::shared_ptr<const grpc::AuthContext> security = context.auth_context();
    const absl::string_view type = SecurityTypeOf(*security);
    const bool at_admin_address = type == kLocalSecurity;
    const bool has_tls =
        type == GRPC_SSL_TRANSPORT_SECURITY_TYPE || type == GRPC_TLS_TRANSPORT_SECURITY_TYPE;
    absl::InlinedVector<absl::string_view, 2> authorization;
    const auto& metadata = context.client_metadata();
    const auto [first, end] = metadata.equal_range("authorization");
    for (auto header = first; header != end; ++header) {
      authorization.emplace_back(header->second.data(), header->second.size());
    }
    const auto names = [&security, has_tls] {
      return has_tls ? NamesOfClient(*security) : CertificateNames();
    };
    // What comes through the admin address does not leave this machine.
    CallAttempt attempt{
        {authorization, has_tls || at_admin_address, names, /*may_have_certificate=*/has_tls},
        at_admin_address,
        [&context] { return AddressOfPeer(context.peer()); }};
    return gate.Admit(std::move(attempt), needed, call);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("there is not enough memory to answer the request");
  }
}

}  // namespace mlp
