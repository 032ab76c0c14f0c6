// The members of each combination's layers in a native document, described once for the document's
// parser, the reader and the writer. docs/reference/native_format.md describes them in words and
// docs/reference/native_format.schema.json as a schema.

#ifndef MLP_MODEL_FORMATS_NATIVE_MEMBERS_H_
#define MLP_MODEL_FORMATS_NATIVE_MEMBERS_H_

#include <cstdint>
#include <variant>

#include "model/network.h"

namespace mlp {

// A Vector with this count has as many values as its tensor.
inline constexpr std::int64_t kAnyCount = -1;

// Calls the visitor for each member of the layer's combination in turn, with its key and the
// layer's field. A visitor has these members:
//   Weights(layer)                             the matrix of a dense layer, with its layout
//   Vector(key, values, count)                 a tensor [count]
//   Vector(key, values, count, default_value)  the same; filled with `default_value` if not given
//   OptionalVector(key, values, count)         the same; empty if not given
//   Table(key, values, width)                  a tensor [rows, width]
//   Indices(key, indices)                      a tensor of integers
//   Integer(key, number)                       a size, from 1 to Network::kMaxWidth
//   Integer(key, number, default_value)
//   Number(key, number)                        a finite FP32
//   Number(key, number, default_value)
//   NumberOrInfinity(key, number)              the same or an infinity; NaN if not given
//   Choice(key, choice)                        an enumeration with words in words.h
//   Function(function)                         its name, its domain and its parameters
// REQUIRES: for a visitor that reads tensors, the layer's inputs are set; so are its units if they
// follow from its sources and not from its members.
template <typename Visitor, typename LayerOrConst>
void VisitMembers(Visitor& visitor, LayerOrConst& layer) {
  switch (layer.combination()) {
    case Combination::kConcat:
    case Combination::kSum:
    case Combination::kProduct:
    case Combination::kMaximum:
    case Combination::kMinimum:
      return;
    case Combination::kDense:
      visitor.Weights(layer);
      visitor.Vector("bias", layer.dense().bias, layer.units, 0.0F);
      return;
    case Combination::kAffine: {
      auto& affine = std::get<Affine>(layer.operation);
      visitor.Vector("scale", affine.scale, layer.units, 1.0F);
      visitor.Vector("shift", affine.shift, layer.units, 0.0F);
      visitor.OptionalVector("center", affine.center, layer.units);
      return;
    }
    case Combination::kNormalize: {
      auto& normalization = std::get<Normalization>(layer.operation);
      visitor.Choice("norm", normalization.norm);
      if (normalization.norm == Norm::kStandard || normalization.norm == Norm::kRms) {
        visitor.Number("epsilon", normalization.epsilon, 0.0F);
      }
      return;
    }
    case Combination::kImpute: {
      auto& imputation = std::get<Imputation>(layer.operation);
      visitor.NumberOrInfinity("missing", imputation.missing);
      visitor.Vector("values", imputation.values, layer.units);
      return;
    }
    case Combination::kQuantize: {
      auto& quantization = std::get<Quantization>(layer.operation);
      visitor.Number("step", quantization.scale);
      visitor.Number("zero_point", quantization.zero_point, 0.0F);
      visitor.Number("lowest", quantization.lowest);
      visitor.Number("highest", quantization.highest);
      return;
    }
    case Combination::kConstant:
      visitor.Vector("values", std::get<Constant>(layer.operation).values, kAnyCount);
      return;
    case Combination::kFunction:
      visitor.Function(std::get<UnitFunction>(layer.operation));
      return;
    case Combination::kReduce: {
      auto& reduction = std::get<Reduction>(layer.operation);
      visitor.Choice("kind", reduction.kind);
      visitor.Integer("outer", reduction.outer, 1);
      visitor.Integer("count", reduction.count);
      visitor.Integer("inner", reduction.inner, 1);
      return;
    }
    case Combination::kSelect:
      visitor.Indices("units", std::get<Selection>(layer.operation).units);
      return;
    case Combination::kLookup: {
      auto& lookup = std::get<Lookup>(layer.operation);
      visitor.Table("table", lookup.table, lookup.width);
      visitor.OptionalVector("keys", lookup.keys, kAnyCount);
      visitor.OptionalVector("otherwise", lookup.default_row, lookup.width);
      return;
    }
    case Combination::kMatrixProduct: {
      auto& product = std::get<MatrixProduct>(layer.operation);
      visitor.Integer("batch", product.batch, 1);
      visitor.Integer("rows", product.rows);
      visitor.Integer("depth", product.depth);
      visitor.Integer("columns", product.columns);
      return;
    }
  }
}

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_MEMBERS_H_
