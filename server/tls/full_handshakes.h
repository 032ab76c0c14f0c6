// Turns off the resumption of TLS sessions, so that every connection makes a full handshake.
//
// gRPC 1.51 lets clients resume sessions (RFC 8446, section 2.2; RFC 5246, section 7.3) for two
// hours, and issues new tickets each time. On resumption, OpenSSL checks neither the dates of the
// client's certificate nor its issuer, so an expired certificate still lets its holder in. gRPC has
// no setting for this, so OpenSSL's own defaults are changed.

#ifndef MLP_SERVER_TLS_FULL_HANDSHAKES_H_
#define MLP_SERVER_TLS_FULL_HANDSHAKES_H_

namespace mlp {

// From now on, connections of each new OpenSSL context in this process neither issue nor accept
// sessions. A client that offers one makes a full handshake. Throws std::bad_alloc if OpenSSL has
// no memory for this. Thread-safe; later calls have no effect.
void RequireFullHandshakes();

}  // namespace mlp

#endif  // MLP_SERVER_TLS_FULL_HANDSHAKES_H_
