// Decides who may see the metrics and the pages of the HTTP port.

#ifndef MLP_SERVER_HTTP_ACCESS_H_
#define MLP_SERVER_HTTP_ACCESS_H_

#include "server/access/call_gate.h"
#include "server/http/http_handlers.h"

namespace mlp {

// Whether the caller may see what it asks for: it needs the role observe and, for a page of a
// model, that model; for everything else, all models. Its token may also be sent as a password.
// Refusals are counted and audited. `encrypted`: nobody on the way can read the token. Thread-safe.
HttpAdmission AdmitHttpCaller(CallGate& gate, const HttpCaller& caller, bool encrypted);

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_ACCESS_H_
