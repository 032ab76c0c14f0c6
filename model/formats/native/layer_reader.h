// Makes a network's layers from those of a native document.

#ifndef MLP_MODEL_FORMATS_NATIVE_LAYER_READER_H_
#define MLP_MODEL_FORMATS_NATIVE_LAYER_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/native/document.h"
#include "model/formats/native/tensors.h"
#include "model/network.h"

namespace mlp {

// What each name in a document refers to: a layer's index, or -1 - index for an input.
using NativeNames = absl::flat_hash_map<absl::string_view, std::int64_t>;

// Reads the layers in order. The constructor's arguments must outlive the reader.
class NativeLayerReader final {
 public:
  NativeLayerReader(const NativeDocument& document, const NativeNames& names,
                    const std::vector<TensorSpec>& inputs, NativeTensors& tensors)
      : document_(document), names_(names), inputs_(inputs), tensors_(tensors) {}

  // Reads the next layer. INVALID_ARGUMENT, naming the place in the document, if its sources,
  // tensors or parameters are missing or do not match.
  absl::Status ReadNext();

  std::vector<Layer>& layers() { return layers_; }

 private:
  absl::StatusOr<Source> ReadSource(std::size_t index, const std::string& place) const;
  absl::Status ReadSources(Layer& layer) const;
  absl::Status CheckUnits(const Layer& layer) const;
  absl::Status ReadMembers(Layer& layer);
  absl::StatusOr<Activation> ReadActivation(const NativeActivation& description,
                                            const std::string& place, std::int64_t units);

  // The description of the current layer, and the quoted JSON pointer of its member `key`.
  const NativeLayer& Description() const { return document_.layers[layers_.size()]; }
  std::string Place(absl::string_view key) const;

  const NativeDocument& document_;
  const NativeNames& names_;
  const std::vector<TensorSpec>& inputs_;
  NativeTensors& tensors_;
  std::vector<Layer> layers_;
  std::int64_t units_ = 0;  // in all layers so far
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_LAYER_READER_H_
