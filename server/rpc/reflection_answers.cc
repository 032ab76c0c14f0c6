#include "server/rpc/reflection_answers.h"

#include <google/protobuf/descriptor.pb.h>

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using grpc::reflection::v1alpha::ExtensionNumberResponse;
using grpc::reflection::v1alpha::ExtensionRequest;
using grpc::reflection::v1alpha::FileDescriptorResponse;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

// Adds `file`, then its imports, unless they are already among `added`.
void AddFile(const FileDescriptor& file, absl::flat_hash_set<const FileDescriptor*>& added,
             FileDescriptorResponse& response) {
  if (!added.insert(&file).second) return;
  google::protobuf::FileDescriptorProto description;
  file.CopyTo(&description);
  response.add_file_descriptor_proto(description.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i), added, response);
}

absl::Status AnswerFile(const FileDescriptor* file, absl::string_view kind,
                        const std::string& asked, ServerReflectionResponse& response) {
  if (file == nullptr) {
    return absl::NotFoundError(absl::StrCat(kind, " ", Quote(asked), " is unknown"));
  }
  absl::flat_hash_set<const FileDescriptor*> added;
  AddFile(*file, added, *response.mutable_file_descriptor_response());
  return absl::OkStatus();
}

absl::Status UnknownType(const std::string& type) {
  return absl::NotFoundError(absl::StrCat("message type ", Quote(type), " is unknown"));
}

absl::Status AnswerExtension(const DescriptorPool& pool, const ExtensionRequest& request,
                             ServerReflectionResponse& response) {
  const Descriptor* const type = pool.FindMessageTypeByName(request.containing_type());
  if (type == nullptr) return UnknownType(request.containing_type());
  const FieldDescriptor* const extension =
      pool.FindExtensionByNumber(type, request.extension_number());
  return AnswerFile(extension == nullptr ? nullptr : extension->file(), "extension",
                    absl::StrCat(request.containing_type(), ":", request.extension_number()),
                    response);
}

absl::Status AnswerExtensionNumbers(const DescriptorPool& pool, const std::string& name,
                                    ServerReflectionResponse& response) {
  const Descriptor* const type = pool.FindMessageTypeByName(name);
  if (type == nullptr) return UnknownType(name);
  std::vector<const FieldDescriptor*> extensions;
  pool.FindAllExtensions(type, &extensions);
  ExtensionNumberResponse& numbers = *response.mutable_all_extension_numbers_response();
  numbers.set_base_type_name(name);
  for (const FieldDescriptor* extension : extensions) {
    numbers.add_extension_number(extension->number());
  }
  return absl::OkStatus();
}

absl::Status AnswerServices(const std::vector<std::string>& services,
                            ServerReflectionResponse& response) {
  for (const std::string& service : services) {
    response.mutable_list_services_response()->add_service()->set_name(service);
  }
  return absl::OkStatus();
}

absl::Status Fill(const DescriptorPool& pool, const std::vector<std::string>& services,
                  const ServerReflectionRequest& request, ServerReflectionResponse& response) {
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename:
      return AnswerFile(pool.FindFileByName(request.file_by_filename()), "file",
                        request.file_by_filename(), response);
    case ServerReflectionRequest::kFileContainingSymbol:
      return AnswerFile(pool.FindFileContainingSymbol(request.file_containing_symbol()), "symbol",
                        request.file_containing_symbol(), response);
    case ServerReflectionRequest::kFileContainingExtension:
      return AnswerExtension(pool, request.file_containing_extension(), response);
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      return AnswerExtensionNumbers(pool, request.all_extension_numbers_of_type(), response);
    case ServerReflectionRequest::kListServices:
      return AnswerServices(services, response);
    case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      "the request asks for nothing; expected a file, a symbol, extensions or the services");
}

}  // namespace

ServerReflectionResponse ReflectionAnswers::Answer(ServerReflectionRequest request) const {
  ServerReflectionResponse response;
  if (const absl::Status status = Fill(pool_, services_, request, response); !status.ok()) {
    response.mutable_error_response()->set_error_code(static_cast<int>(status.code()));
    response.mutable_error_response()->set_error_message(std::string(status.message()));
  }
  response.set_valid_host(request.host());
  *response.mutable_original_request() = std::move(request);
  return response;
}

}  // namespace mlp
