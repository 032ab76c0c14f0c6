// What the conversion of an ONNX graph's nodes costs. The graph limits it in proportion to the
// file.

#ifndef MLP_MODEL_FORMATS_ONNX_NODE_COST_H_
#define MLP_MODEL_FORMATS_ONNX_NODE_COST_H_

#include <google/protobuf/repeated_field.h>
#include <onnx/onnx_pb.h>

#include <cstdint>

#include "model/formats/graph/row_graph.h"

namespace mlp {

// The bytes that converting a node visits, without its tensors: reading those is counted
// separately.
std::int64_t BytesOfNode(const onnx::NodeProto& node);
std::int64_t BytesOfNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes);

// The number of a graph's nodes, including those of their branches, which are converted like a
// function's nodes.
std::int64_t NodesInside(const onnx::GraphProto& graph);

// The bytes of a node of the row graph, without weights, which were counted when they were read.
std::int64_t BytesOfRowNode(const RowNode& node);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_NODE_COST_H_
