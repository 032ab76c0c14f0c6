// Has every connection of TLS shake hands in full.
//
// gRPC 1.51 lets clients resume sessions (RFC 8446, section 2.2; RFC 5246, section 7.3) for two
// hours, and gives new tickets upon it. OpenSSL then looks neither at the dates of the client's
// certificate nor at who issued it: one that has expired lets its holder in. gRPC has no setting
// for that, so OpenSSL's own defaults are changed.

#ifndef MLP_SERVER_TLS_FULL_HANDSHAKES_H_
#define MLP_SERVER_TLS_FULL_HANDSHAKES_H_

namespace mlp {

// No connection of this process, made by a context of OpenSSL's that is created from now on, gives
// or takes sessions. A client that offers one shakes hands in full. Throws std::bad_alloc where
// OpenSSL has no memory for that. Thread-safe; calls after the first one change nothing.
void RequireFullHandshakes();

}  // namespace mlp

#endif  // MLP_SERVER_TLS_FULL_HANDSHAKES_H_
