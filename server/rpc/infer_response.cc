#include "server/rpc/infer_response.h"

#include <cstddef>
#include <string>

namespace mlp {

void WriteInferResponse(const ServedModel& model, const InferRequest& request,
                        const std::string& id, const Batch& batch, std::int64_t first_row,
                        inference::ModelInferResponse& response) {
  response.set_model_name(model.name);
  response.set_model_version(model.version);
  response.set_id(id);
  for (const std::size_t index : request.outputs) {
    const TensorSpec& spec = model.network->outputs()[index].tensor;
    inference::ModelInferResponse::InferOutputTensor& output = *response.add_outputs();
    output.set_name(spec.name);
    output.set_datatype("FP32");
    output.add_shape(request.rows);
    for (const std::int64_t dimension : spec.shape) output.add_shape(dimension);

    const float* values = batch.Output(index, first_row);
    const std::int64_t count = request.rows * spec.width();
    if (request.raw) {
      response.add_raw_output_contents(values, static_cast<std::size_t>(count) * sizeof(float));
    } else {
      output.mutable_contents()->mutable_fp32_contents()->Add(values, values + count);
    }
  }
}

}  // namespace mlp
