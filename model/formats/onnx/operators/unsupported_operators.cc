#include "model/formats/onnx/operators/unsupported_operators.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/quote.h"

namespace mlp {

const std::vector<UnsupportedKind>& UnsupportedKinds() {
  static const auto* const kinds = new std::vector<UnsupportedKind>{
      {"decision trees",
       "decision trees, as in random forests and gradient boosting, are not supported: this server "
       "serves perceptrons, not trees; serve this file with ONNX Runtime",
       {"TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor"}},
      {"support vector machines",
       "support vector machines are not supported: this server serves perceptrons; linear ones "
       "(LinearSVC, SGDClassifier) are exported as LinearClassifier, which is supported",
       {"SVMClassifier", "SVMRegressor"}},
      {"nearest neighbours",
       "distances to stored rows, as in nearest neighbours and Gaussian processes, are not "
       "supported: this server serves perceptrons; serve this file with ONNX Runtime",
       {"CDist"}},
      {"recurrent layers",
       "recurrent layers are not supported: each step needs the previous one; supported are layers "
       "that take a whole row at once, such as dense layers over a flattened window",
       {"AttnLSTM", "DynamicQuantizeLSTM", "GRU", "LSTM", "RNN", "ReverseSequence"}},
      {"attention in one operator",
       "attention in one operator is not supported; supported is attention that is written out "
       "as MatMul and Softmax, as exports of operator sets up to 22 without ONNX Runtime's "
       "optimizer have it",
       {"Attention",
        "DecoderAttention",
        "DecoderMaskedMultiHeadAttention",
        "DecoderMaskedSelfAttention",
        "EmbedLayerNormalization",
        "GatedRelativePositionBias",
        "GemmaRotaryEmbedding",
        "GroupQueryAttention",
        "LongformerAttention",
        "MultiHeadAttention",
        "PackedAttention",
        "PackedMultiHeadAttention",
        "PagedAttention",
        "QAttention",
        "QEmbedLayerNormalization",
        "QOrderedAttention",
        "QOrderedLongformerAttention",
        "RelativePositionBias",
        "RotaryEmbedding",
        "SparseAttention"}},
      {"loops",
       "loops over a graph are not supported; supported are graphs without loops, so unroll it: "
       "tracing, as torch.onnx.export does without scripting, writes out a loop of fixed length "
       "(scikit-learn's nearest neighbours and Gaussian processes are exported with Scan)",
       {"BeamSearch", "GreedySearch", "Loop", "Sampling", "Scan", "SequenceMap",
        "WhisperBeamSearch"}},
      {"results of any size",
       "how many values it gives depends on the values of its input, so rows would have different "
       "shapes; supported is one shape for all rows, as from Where and products with masks",
       {"Compress", "NonMaxSuppression", "Unique"}},
      {"images",
       "this operator on images is not supported; Conv, AveragePool, MaxPool and the global pools "
       "are, over small images",
       {"AffineGrid",
        "CenterCropPad",
        "Col2Im",
        "ConvInteger",
        "ConvTranspose",
        "ConvTransposeWithDynamicPads",
        "CropAndResize",
        "DeformConv",
        "FusedConv",
        "GridSample",
        "GroupNorm",
        "ImageDecoder",
        "LRN",
        "LpPool",
        "MaxRoiPool",
        "MaxUnpool",
        "MaxpoolWithMask",
        "NhwcConv",
        "NhwcFusedConv",
        "NhwcMaxPool",
        "QLinearAveragePool",
        "QLinearConv",
        "QLinearGlobalAveragePool",
        "Resize",
        "RoiAlign",
        "SampleOp",
        "SkipGroupNorm",
        "Upsample"}},
      {"text and maps",
       "preparing text or maps is not supported: do that before the server, and export only the "
       "network after it; strings that are looked up (LabelEncoder, OneHotEncoder, "
       "CategoryMapper) are supported",
       {"CastMap", "DictVectorizer", "MurmurHash3", "RegexFullMatch", "StringConcat",
        "StringNormalizer", "StringSplit", "TfIdfVectorizer", "Tokenizer", "WordConvEmbedding"}},
      {"random numbers",
       "random numbers are not supported: a row has one answer; export the model for inference, "
       "without sampling",
       {"Bernoulli", "BitmaskDropout", "Multinomial", "RandomNormal", "RandomNormalLike",
        "RandomUniform", "RandomUniformLike"}},
      {"sequences and optional values",
       "sequences of tensors and optional values are not supported, except SequenceConstruct at "
       "the network's end; join tensors with Concat",
       {"ConcatFromSequence", "Optional", "OptionalGetElement", "OptionalHasElement", "SequenceAt",
        "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength", "SplitToSequence"}},
      {"writing into a tensor",
       "writing into parts of a tensor, as in x[:, i] = y, is not supported; make the same tensor "
       "with Where and Concat",
       {"Scatter", "ScatterElements", "ScatterND", "TensorScatter"}},
      {"signal processing",
       "signal processing is not supported: do that before the server, and export only the network "
       "after it",
       {"BlackmanWindow", "ComplexMul", "ComplexMulConj", "DFT", "HammingWindow", "HannWindow",
        "Irfft", "MelWeightMatrix", "Rfft", "STFT"}},
      {"bits of integers",
       "bitwise operators on integers are not supported; And, Or, Xor and Not of conditions are",
       {"BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor"}},
      {"training",
       "losses, gradients and optimizers are not supported: they are parts of training; export "
       "the model for inference",
       {"Adagrad", "Adam", "Gradient", "Momentum", "NegativeLogLikelihoodLoss",
        "SoftmaxCrossEntropyLoss"}},
  };
  return *kinds;
}

absl::Status UnsupportedOperator(absl::string_view domain, absl::string_view name) {
  const bool known = domain.empty() || domain == "ai.onnx.ml" || domain == kMicrosoftDomain ||
                     domain == "ai.onnx.preview.training";
  if (!known) {
    return absl::UnimplementedError(absl::StrCat(
        "the operator of domain ", Quote(domain),
        " is not supported; supported are those of ONNX "
        "that docs/reference/onnx.md lists, and functions of the file that are made of them"));
  }
  for (const UnsupportedKind& kind : UnsupportedKinds()) {
    if (std::find(kind.operators.begin(), kind.operators.end(), name) == kind.operators.end()) {
      continue;
    }
    return absl::UnimplementedError(kind.reason);
  }
  return absl::UnimplementedError(absl::StrCat(
      "the operator ", domain.empty() ? "" : absl::StrCat("of domain ", Quote(domain), " "),
      "is not supported; docs/reference/onnx.md lists those that are"));
}

}  // namespace mlp
