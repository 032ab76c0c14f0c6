// Makes a network's layers of those in a native document.

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

// Where each name of a document stands: a layer's index, or below 0 -1 - an input's.
using NativeNames = absl::flat_hash_map<absl::string_view, std::int64_t>;

// Reads the layers one after the other. What it is made of must outlive it.
class NativeLayerReader final {
 public:
  NativeLayerReader(const NativeDocument& document, const NativeNames& names,
                    const std::vector<TensorSpec>& inputs, NativeTensors& tensors)
      : document_(document), names_(names), inputs_(inputs), tensors_(tensors) {}

  // Reads the next layer. INVALID_ARGUMENT, naming the place in the document, where its sources,
  // its tensors or its parameters are not there or do not fit.
  absl::Status ReadNext();

  std::vector<Layer>& layers() { return layers_; }

 private:
  absl::StatusOr<Source> ReadSource(std::size_t index, const std::string& place) const;
  absl::Status ReadSources(Layer& layer) const;
  absl::Status CheckUnits(const Layer& layer) const;
  absl::Status ReadMembers(Layer& layer);
  absl::StatusOr<Activation> ReadActivation(const NativeActivation& description,
                                            const std::string& place, std::int64_t units);

  // The layer that is read now, and where its member `key` stands, quoted.
  const NativeLayer& Description() const { return document_.layers[layers_.size()]; }
  std::string Place(absl::string_view key) const;

  const NativeDocument& document_;
  const NativeNames& names_;
  const std::vector<TensorSpec>& inputs_;
  NativeTensors& tensors_;
  std::vector<Layer> layers_;
  std::int64_t units_ = 0;  // of all layers
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_LAYER_READER_H_
