// Who may see the metrics and the pages of the HTTP port.

#ifndef MLP_SERVER_HTTP_ACCESS_H_
#define MLP_SERVER_HTTP_ACCESS_H_

#include "server/access/call_gate.h"
#include "server/http/http_server.h"

namespace mlp {

// Whether the caller, who shows a token or has it as a password, may have what it asks for: the
// role observe, and the model of a page of one, or all models. The refusal is counted and written
// down. `encrypted`: nobody else reads the token. Thread-safe.
HttpAdmission AdmitHttpCaller(CallGate& gate, const HttpCaller& caller, bool encrypted);

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_ACCESS_H_
