// The Calibrate calls. Each brings rows, which another thread evaluates, and is answered with the
// baseline made of them. There is one at a time, because its rows are kept in memory until then.

#ifndef MLP_SERVER_RPC_CALIBRATE_CALLS_H_
#define MLP_SERVER_RPC_CALIBRATE_CALLS_H_

#include "server/access/call_gate.h"
#include "server/linked_list.h"
#include "server/rpc/answer_gate.h"
#include "server/rpc/call_coroutine.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/control_call.h"
#include "server/rpc/insight_handlers.h"
#include "server/rpc/insight_service.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_manager.h"

namespace mlp {

// After construction, belongs to the loop's thread. All references must outlive it, and the
// handlers must have called every Done when the loop ends.
class CalibrateCalls final {
 public:
  CalibrateCalls(ControlCallOwner& owner, InsightService& service, const InsightHandlers& handlers,
                 AnswerGate& gate, const ModelCatalog& models, const ModelManager& manager,
                 CallGate& gate_of_calls);

  // Ends calls that still bring rows with UNAVAILABLE, and all later ones.
  void End();

 private:
  class Call;

  // One call from its opening to its end.
  CallCoroutine Serve();

  // OK, or why a call that has arrived is not served.
  absl::Status CheckTurn() const;

  ControlCallOwner& owner_;
  InsightService& service_;
  const InsightHandlers& handlers_;
  AnswerGate& gate_;
  const ModelCatalog& models_;
  const ModelManager& manager_;
  CallGate& gate_of_calls_;
  bool ending_ = false;
  bool busy_ = false;       // a call is under way
  LinkedList<Call> calls_;  // each in its coroutine's frame
  CallFrames frames_;       // destroyed first: the frames refer to all of the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_CALIBRATE_CALLS_H_
