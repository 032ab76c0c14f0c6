// What the native reader says about each folder of tests/fixtures/native/bad/.

#ifndef MLP_TESTS_MODEL_FORMATS_NATIVE_ERRORS_H_
#define MLP_TESTS_MODEL_FORMATS_NATIVE_ERRORS_H_

#include <ostream>

namespace mlp {

struct NativeError {
  const char* folder;
  const char* message;  // of INVALID_ARGUMENT: its beginning, as the rest depends on the release
};

inline void PrintTo(const NativeError& error, std::ostream* out) { *out << error.folder; }

// In the order of the folders' names.
inline constexpr NativeError kNativeErrors[] = {
    {"bias_of_wrong_length", "'/layers/0/bias': tensor 'b0' has shape [3]; expected [4]"},
    {"cyclic_sources",
     "'/layers/0/sources/0' names 'b', which does not precede it; expected layers in the order of "
     "evaluation"},
    {"data_behind_the_last",
     "'model.safetensors': the data have 108 bytes, of which the tensors take 104; expected all"},
    {"data_cut",
     "'model.safetensors': tensor 'b1' ends at byte 104 of the data, which has 100 bytes"},
    {"document_10000_deep", "'model.json': the text is nested deeper than 8 levels"},
    {"document_cut", "'model.json': the text is not valid JSON at byte 253"},
    {"document_empty", "'model.json': the text is not valid JSON at byte 1"},
    {"document_is_an_array", "'model.json': the document is an array of 0; expected an object"},
    {"document_with_nan", "'model.json': the text is not valid JSON at byte 58"},
    {"duplicate_dtype",
     "'model.safetensors': the header has the key 'dtype' twice in '/w0'; expected once"},
    {"duplicate_key",
     "'model.json': the text has the key 'layout' twice in '/layers/0'; expected once"},
    {"duplicate_tensor",
     "'model.safetensors': the header has the key 'w0' twice in the document; expected once"},
    {"empty_file",
     "'model.safetensors': the file has 0 bytes; expected the length of a header in 8"},
    {"format_version_2", "'model.json': '/format_version' is the number 2; expected 1"},
    {"gap",
     "'model.safetensors': tensor 'b1' begins at byte 100 of the data; expected 96, where the "
     "tensor before it ends"},
    {"gap_at_the_begin",
     "'model.safetensors': tensor 'w0' begins at byte 4 of the data; expected 0, where the tensor "
     "before it ends"},
    {"header_10000_deep", "'model.safetensors': the header is nested deeper than 3 levels"},
    {"header_begins_with_spaces",
     "'model.safetensors': the header does not begin with '{'; expected an object"},
    {"header_cut", "'model.safetensors': the header is not valid JSON at byte 258"},
    {"header_is_an_array",
     "'model.safetensors': the header does not begin with '{'; expected an object"},
    {"header_is_empty",
     "'model.safetensors': the header does not begin with '{'; expected an object"},
    {"header_length_cut",
     "'model.safetensors': the file has 3 bytes; expected the length of a header in 8"},
    {"header_no_utf8", "'model.safetensors': the header is not valid JSON at byte 3"},
    {"header_of_16_exabytes",
     "'model.safetensors': the header has 18446744073709551615 bytes; expected at most 333"},
    {"header_past_the_end",
     "'model.safetensors': the header has 100000 bytes; expected at most 333"},
    {"header_with_two_objects", "'model.safetensors': the header is not valid JSON at byte 263"},
    {"infinite_bias",
     "the biases of layer 'hidden_1' hold inf at position 1; expected finite numbers"},
    {"input_of_wrong_width", "layer 'hidden_1' has 3 inputs, but its sources have 4 units"},
    {"input_too_wide", "'/inputs/0/shape' is [1024,1024,1024]; expected at most 1048576 values"},
    {"input_width_zero",
     "'model.json': '/inputs/0/shape/0' is the number 0; expected an integer from 1 to 1048576"},
    {"input_without_name",
     "'model.json': '/inputs/0/name' is the string ''; expected a string of 1 to 1024 bytes "
     "without NUL"},
    {"integer_weights",
     "'/layers/0/weights': tensor 'w0' is of I32; expected F32, F64, F16 or BF16"},
    {"label_without_labels", "'model.json': '/outputs/0' has no 'labels'"},
    {"labels_of_two_kinds",
     "'model.json': '/outputs/0/labels' holds the number 2; expected only strings, as the first "
     "one is"},
    {"labels_of_wrong_count", "output 'y' has 1 labels for 2 units"},
    {"layer_called_as_the_input",
     "'/layers/1/name' is 'x', which is already used; expected a unique name"},
    {"layer_reads_itself",
     "'/layers/1/sources/0' names 'b', which does not precede it; expected layers in the order of "
     "evaluation"},
    {"layers_do_not_chain", "'/layers/1/bias': tensor 'b1' has shape [2]; expected [4]"},
    {"many_layers",
     "'model.json': '/layers' is an array of 1025; expected an array of 1 to 1024 elements"},
    {"many_units",
     "'/layers/4' has 1048576 units; expected at most 1048576, and 4194304 in all layers together"},
    {"metadata_of_numbers",
     "'model.safetensors': '/__metadata__/epochs' is the number 3; expected a string"},
    {"missing_tensor",
     "'/layers/0/weights' names the tensor '0.weight', which the file does not contain"},
    {"nan_weights",
     "the weights of layer 'hidden_1' hold nan at position 9; expected finite numbers"},
    {"no_format_version", "'model.json': the document has no 'format_version'"},
    {"no_layers",
     "'model.json': '/layers' is an array of 0; expected an array of 1 to 1024 elements"},
    {"no_layout", "'model.json': '/layers/0' has no 'layout'"},
    {"no_offsets", "'model.safetensors': '/w0' has no 'data_offsets'"},
    {"no_outputs", "'model.json': the document has no 'outputs'"},
    {"no_shape", "'model.safetensors': '/w0' has no 'shape'"},
    {"number_beyond_FP32",
     "'/layers/0/activation/alpha' is 1e+39; expected a number within the range of FP32"},
    {"offsets_as_fractions",
     "'model.safetensors': '/w0/data_offsets' holds the number 0.0; expected integers from 0 to "
     "9223372036854775807"},
    {"offsets_backwards",
     "'model.safetensors': tensor 'w0' has the data_offsets [48,0]; expected the end not before "
     "the begin"},
    {"offsets_beyond_64_bits",
     "'model.safetensors': '/w0/data_offsets' holds the number 18446744073709551615; expected "
     "integers from 0 to 9223372036854775807"},
    {"offsets_negative",
     "'model.safetensors': '/w0/data_offsets' holds the number -48; expected integers from 0 to "
     "9223372036854775807"},
    {"offsets_of_one",
     "'model.safetensors': '/w0/data_offsets' is an array of 1; expected an array of 2"},
    {"output_of_an_input", "'/outputs/0/layer' names 'x', which is not a layer"},
    {"output_of_wrong_shape", "output 'y' is 3 wide, but layer 'output' has 2 units"},
    {"overlap",
     "'model.safetensors': tensor 'b0' begins at byte 40 of the data; expected 48, where the "
     "tensor before it ends"},
    {"parameter_is_a_list",
     "'model.json': '/layers/0/activation/alpha' is an array of 1; expected a number or a tensor's "
     "name"},
    {"parameter_tensor_of_wrong_length",
     "'/layers/0/activation/alpha': tensor 'b1' has shape [2]; expected [4]"},
    {"pre_activation_of_an_input",
     "'/layers/0/sources/0' is the pre_activation of 'x', which is an input"},
    {"random_bytes",
     "'model.safetensors': the header has 11749869230777074271 bytes; expected at most 292"},
    {"same_layer_name_twice",
     "'/layers/1/name' is 'a', which is already used; expected a unique name"},
    {"same_output_twice", "output name 'y' is empty or occurs twice"},
    {"same_place_twice",
     "'model.safetensors': tensor 'b1' begins at byte 48 of the data; expected 64, where the "
     "tensor before it ends"},
    {"several_inputs_without_sources",
     "'/layers/0' has no 'sources'; expected some, because there are 2 inputs"},
    {"shape_negative",
     "'model.safetensors': '/w0/shape' holds the number -4; expected integers from 0 to "
     "9223372036854775807"},
    {"shape_of_nine",
     "'model.safetensors': '/w0/shape' is an array of 9; expected an array of 0 to 8 elements"},
    {"shape_of_too_few",
     "'model.safetensors': tensor 'w0' has 48 bytes of data; its shape [3,3] of F32 expects 36"},
    {"shape_overflows",
     "'model.safetensors': tensor 'w0' has 48 bytes of data; its shape [2147483648,2147483648,4] "
     "of F32 expects more than any file has"},
    {"shape_overflows_in_bytes",
     "'model.safetensors': tensor 'w0' has 48 bytes of data; its shape [2305843009213693952] of "
     "F32 expects more than any file has"},
    {"shape_overflows_to_zero",
     "'model.safetensors': tensor 'w0' has 48 bytes of data; its shape [4611686018427387904,4,0] "
     "of F32 expects more than any file has"},
    {"source_behind_the_end",
     "'/layers/1/sources/0' reads all units of 'a' from unit 4 on, but it has 4"},
    {"source_beyond_the_end",
     "'/layers/1/sources/0' reads 3 units of 'a' from unit 2 on, but it has 4"},
    {"step_of_zero",
     "the quantisation of layer 'quantize_1' has the scale 0, the zero point 0 and the bounds 0 "
     "and 1; expected finite numbers, a scale above 0 and bounds in order"},
    {"sum_of_unequal_widths",
     "layer 'sum_1' has 4 units, which does not match its 2 sources with 7 units"},
    {"tensor_used_twice",
     "'/layers/1/bias' names the tensor 'b0', which is already used; expected once"},
    {"threshold_beyond_FP32",
     "'/outputs/0/threshold' is -1e+39; expected a number within the range of FP32"},
    {"two_to_31_units",
     "'model.safetensors': tensor 'w0' has 48 bytes of data; its shape [2147483648,3] of F32 "
     "expects 25769803776"},
    {"two_to_31_units_of_nothing",
     "'/layers/0/weights': tensor 'w0' has shape [2147483648,0]; expected a matrix with dimensions "
     "from 1 to 1048576"},
    {"units_beyond_the_widest",
     "'/layers/0' has 2097152 units; expected at most 1048576, and 4194304 in all layers together"},
    {"unknown_activation", "'/layers/0/activation': unknown activation 'rleu'; known are "},
    {"unknown_combination",
     "'model.json': '/layers/0/combination' is the string 'attention'; expected one of dense, "
     "concat, sum, product, maximum, minimum, affine, normalize, impute, quantize, constant, "
     "function, reduce, select, lookup, matrix_product"},
    {"unknown_datatype",
     "'model.json': '/inputs/0/datatype' is the string 'FLOAT'; expected one of FP32, BOOL, "
     "UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, FP64, BYTES"},
    {"unknown_dtype",
     "'model.safetensors': '/w0/dtype' is the string 'F8_E4M3'; expected one of BOOL, U8, I8, U16, "
     "I16, U32, I32, U64, I64, F16, BF16, F32, F64"},
    {"unknown_key",
     "'model.json': '/layers/0' has the unknown key 'weigths'; expected are name, combination, "
     "weights, layout, bias, activation, sources"},
    {"unknown_key_at_the_top",
     "'model.json': the document has the unknown key 'optimizer'; expected are format_version, "
     "$schema, sha256, vocabulary, inputs, layers, outputs"},
    {"unknown_layout",
     "'model.json': '/layers/0/layout' is the string 'OI'; expected one of out_in, in_out"},
    {"unknown_member",
     "'model.safetensors': '/w0' has the unknown key 'strides'; expected are dtype, shape, "
     "data_offsets"},
    {"unknown_output_layer", "'/outputs/0/layer' names 'c', which is not a layer"},
    {"unknown_parameter",
     "'/layers/0/activation' has the parameter 'slope', which relu does not have"},
    {"unknown_source", "'/layers/1/sources/0' names 'c', which is neither an input nor a layer"},
    {"values_of_wrong_length", "'/layers/1/values': tensor 'b1' has shape [2]; expected [4]"},
    {"weights_of_rank_1",
     "'/layers/0/weights': tensor 'w0' has shape [12]; expected a matrix with dimensions from 1 to "
     "1048576"},
    {"wrong_layout", "'/layers/0/bias': tensor 'b0' has shape [4]; expected [3]"},
    {"zero_width_layer",
     "'/layers/0/weights': tensor 'w0' has shape [0,3]; expected a matrix with dimensions from 1 "
     "to 1048576"},
};

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_NATIVE_ERRORS_H_
