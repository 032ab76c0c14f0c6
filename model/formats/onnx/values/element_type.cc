#include "model/formats/onnx/values/element_type.h"

#include <onnx/onnx_pb.h>

#include "absl/strings/str_cat.h"

namespace mlp {

std::optional<Datatype> DatatypeOf(int onnx_type) {
  switch (onnx_type) {
    case onnx::TensorProto::BOOL:
      return Datatype::kBool;
    case onnx::TensorProto::UINT8:
      return Datatype::kUint8;
    case onnx::TensorProto::UINT16:
      return Datatype::kUint16;
    case onnx::TensorProto::UINT32:
      return Datatype::kUint32;
    case onnx::TensorProto::UINT64:
      return Datatype::kUint64;
    case onnx::TensorProto::INT8:
      return Datatype::kInt8;
    case onnx::TensorProto::INT16:
      return Datatype::kInt16;
    case onnx::TensorProto::INT32:
      return Datatype::kInt32;
    case onnx::TensorProto::INT64:
      return Datatype::kInt64;
    case onnx::TensorProto::FLOAT16:
      return Datatype::kFp16;
    case onnx::TensorProto::BFLOAT16:
      return Datatype::kBf16;
    case onnx::TensorProto::FLOAT:
      return Datatype::kFp32;
    case onnx::TensorProto::DOUBLE:
      return Datatype::kFp64;
    default:
      return std::nullopt;
  }
}

std::string ElementTypeName(int onnx_type) {
  return onnx::TensorProto_DataType_IsValid(onnx_type)
             ? onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(onnx_type))
             : absl::StrCat(onnx_type, ", which this server does not know");
}

std::string ElementTypeName(Datatype datatype) {
  switch (datatype) {
    case Datatype::kFp16:
      return "FLOAT16";
    case Datatype::kBf16:
      return "BFLOAT16";
    case Datatype::kFp32:
      return "FLOAT";
    case Datatype::kFp64:
      return "DOUBLE";
    case Datatype::kBytes:
      return "STRING";
    default:
      return std::string(NameOf(datatype));  // the protocol's name
  }
}

}  // namespace mlp
