#include "model/drift/network_digest.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/formats/io/sha256.h"
#include "model/formats/native/members.h"

namespace mlp {
namespace {

// Visits the members of a layer (members.h) and adds each with its length, so that different
// sequences always give different bytes.
class DigestVisitor final {
 public:
  explicit DigestVisitor(Sha256Pieces& pieces) : pieces_(pieces) {}

  void Weights(const Layer& layer) { Array(layer.dense().weights); }
  template <typename... Rest>
  void Vector(absl::string_view /*key*/, const std::vector<float>& values, Rest... /*count*/) {
    Array(values);
  }
  void OptionalVector(absl::string_view /*key*/, const std::vector<float>& values,
                      std::int64_t /*count*/) {
    Array(values);
  }
  void Table(absl::string_view /*key*/, const std::vector<float>& values, std::int64_t width) {
    Value(width);
    Array(values);
  }
  void Indices(absl::string_view /*key*/, const std::vector<std::int32_t>& indices) {
    Array(indices);
  }
  template <typename... Rest>
  void Integer(absl::string_view /*key*/, std::int64_t number, Rest... /*otherwise*/) {
    Value(number);
  }
  template <typename... Rest>
  void Number(absl::string_view /*key*/, float number, Rest... /*otherwise*/) {
    Value(number);
  }
  // All NaNs count as the same NaN.
  void NumberOrInfinity(absl::string_view /*key*/, float number) {
    Value(std::isnan(number) ? std::numeric_limits<float>::quiet_NaN() : number);
  }
  template <typename Enumeration>
  void Choice(absl::string_view /*key*/, Enumeration choice) {
    Value(static_cast<std::int64_t>(choice));
  }
  void Function(const UnitFunction& function) {
    Text(function.function->domain);
    Text(function.function->name);
    Array(function.parameters);
  }

  template <typename Number>
  void Value(Number number) {
    static_assert(std::is_arithmetic_v<Number>);
    pieces_.Add({reinterpret_cast<const char*>(&number), sizeof(number)});
  }
  template <typename Element>
  void Array(const std::vector<Element>& values) {
    Text({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Element)});
  }
  void Text(absl::string_view text) {
    Value(static_cast<std::int64_t>(text.size()));
    pieces_.Add(text);
  }

 private:
  Sha256Pieces& pieces_;
};

void AddLayer(const Layer& layer, DigestVisitor& digest) {
  digest.Text(NameOf(layer.combination()));
  digest.Value(layer.units);
  VisitMembers(digest, layer);
  digest.Text(InfoOf(layer.activation.kind).name);
  digest.Array(layer.activation.parameters);
  digest.Array(layer.activation.unit_alpha);
  digest.Value(static_cast<std::int64_t>(layer.sources.size()));
  for (const Source& source : layer.sources) {
    digest.Value(source.layer);
    digest.Value(static_cast<std::int64_t>(source.tap));
    digest.Value(source.first);
    digest.Value(source.width);
  }
}

}  // namespace

std::string NetworkDigest(const Network& network) {
  Sha256Pieces pieces;
  DigestVisitor digest(pieces);
  digest.Value(static_cast<std::int64_t>(network.inputs().size()));
  for (const TensorSpec& input : network.inputs()) digest.Value(input.width());
  digest.Value(static_cast<std::int64_t>(network.vocabulary().words().size()));
  for (const std::string& word : network.vocabulary().words()) digest.Text(word);
  digest.Value(static_cast<std::int64_t>(network.layers().size()));
  for (const Layer& layer : network.layers()) AddLayer(layer, digest);
  digest.Value(static_cast<std::int64_t>(network.outputs().size()));
  for (const NetworkOutput& output : network.outputs()) {
    digest.Value(output.layer);
    digest.Value(static_cast<std::int64_t>(output.tap));
    digest.Value(static_cast<std::int64_t>(output.kind));
    digest.Value(output.threshold);
  }
  return pieces.Finish();
}

}  // namespace mlp
