// The types of the elements of ONNX's tensors, as this server's datatypes and as words in messages.

#ifndef MLP_MODEL_FORMATS_ONNX_VALUES_ELEMENT_TYPE_H_
#define MLP_MODEL_FORMATS_ONNX_VALUES_ELEMENT_TYPE_H_

#include <optional>
#include <string>

#include "model/datatype.h"

namespace mlp {

// The element type, or nothing if it is not a number that requests can carry.
std::optional<Datatype> DatatypeOf(int onnx_type);

// ONNX's name for the type, for messages: "FLOAT".
std::string ElementTypeName(int onnx_type);
std::string ElementTypeName(Datatype datatype);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_ELEMENT_TYPE_H_
