// The insight service as this server takes it from gRPC: through completion queues and as bytes.

#ifndef MLP_SERVER_RPC_INSIGHT_SERVICE_H_
#define MLP_SERVER_RPC_INSIGHT_SERVICE_H_

#include "proto/insight.grpc.pb.h"

namespace mlp {

namespace internal {

using InsightProtocol = mlpserve::v1::Insight;
using RawBaselines =
    InsightProtocol::WithRawMethod_GetBaseline<InsightProtocol::WithRawMethod_AcceptWindows<
        InsightProtocol::WithRawMethod_Calibrate<InsightProtocol::AsyncService>>>;

}  // namespace internal

using InsightService = internal::InsightProtocol::WithRawMethod_Status<internal::RawBaselines>;

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INSIGHT_SERVICE_H_
