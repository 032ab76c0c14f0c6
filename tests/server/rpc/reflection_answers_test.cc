#include "server/rpc/reflection_answers.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mlp {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptorProto;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// "top" imports "left" and "right", which both import "base".
constexpr const char* kFiles[] = {
    R"(name: "base.proto" package: "p"
       message_type { name: "Base" extension_range { start: 100 end: 200 } })",
    R"(name: "left.proto" package: "p" dependency: "base.proto"
       extension { name: "left" number: 100 label: LABEL_OPTIONAL type: TYPE_INT32
                   extendee: ".p.Base" })",
    R"(name: "right.proto" package: "p" dependency: "base.proto"
       extension { name: "right" number: 150 label: LABEL_OPTIONAL type: TYPE_INT32
                   extendee: ".p.Base" })",
    R"(name: "top.proto" package: "p" dependency: "left.proto" dependency: "right.proto"
       message_type { name: "Top" field { name: "size" number: 1 label: LABEL_OPTIONAL
                                          type: TYPE_INT32 } }
       service { name: "Tops" method { name: "Get" input_type: ".p.Top" output_type: ".p.Top" } })",
};

class ReflectionAnswersTest : public ::testing::Test {
 protected:
  ReflectionAnswersTest() {
    for (const char* text : kFiles) {
      FileDescriptorProto file;
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &file)) << text;
      EXPECT_NE(pool_.BuildFile(file), nullptr) << text;
    }
  }

  ServerReflectionResponse Answer(const std::string& request_text) const {
    ServerReflectionRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(request_text, &request));
    return answers_.Answer(request);
  }

  // The names of the files in the answer.
  std::vector<std::string> FilesOf(const std::string& request_text) const {
    const ServerReflectionResponse response = Answer(request_text);
    std::vector<std::string> names;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
    }
    return names;
  }

  DescriptorPool pool_;
  const ReflectionAnswers answers_{pool_, {"p.Tops", "p.Others"}};
};

TEST_F(ReflectionAnswersTest, ListsTheServicesAndRepeatsTheRequest) {
  const ServerReflectionResponse response = Answer(R"(host: "h" list_services: "*")");
  ASSERT_EQ(response.list_services_response().service_size(), 2);
  EXPECT_EQ(response.list_services_response().service(0).name(), "p.Tops");
  EXPECT_EQ(response.list_services_response().service(1).name(), "p.Others");
  EXPECT_EQ(response.valid_host(), "h");
  EXPECT_EQ(response.original_request().host(), "h");
  EXPECT_EQ(response.original_request().list_services(), "*");
}

TEST_F(ReflectionAnswersTest, FilesComeWithTheirImportsEachOnce) {
  EXPECT_THAT(FilesOf(R"(file_by_filename: "base.proto")"), ElementsAre("base.proto"));
  EXPECT_THAT(FilesOf(R"(file_by_filename: "top.proto")"),
              ElementsAre("top.proto", "left.proto", "base.proto", "right.proto"));
}

TEST_F(ReflectionAnswersTest, FindsTheFileOfASymbolOfEachKind) {
  for (const char* symbol : {"p.Top", "p.Top.size", "p.Tops", "p.Tops.Get"}) {
    const auto files = FilesOf(std::string("file_containing_symbol: '") + symbol + "'");
    ASSERT_FALSE(files.empty()) << symbol;
    EXPECT_EQ(files.front(), "top.proto") << symbol;
  }
  EXPECT_THAT(FilesOf(R"(file_containing_symbol: "p.right")"),
              ElementsAre("right.proto", "base.proto"));
}

TEST_F(ReflectionAnswersTest, FindsExtensions) {
  EXPECT_THAT(FilesOf(R"(file_containing_extension { containing_type: "p.Base"
                                                     extension_number: 150 })"),
              ElementsAre("right.proto", "base.proto"));
  const ServerReflectionResponse response = Answer(R"(all_extension_numbers_of_type: "p.Base")");
  EXPECT_EQ(response.all_extension_numbers_response().base_type_name(), "p.Base");
  EXPECT_THAT(response.all_extension_numbers_response().extension_number(),
              UnorderedElementsAre(100, 150));
  EXPECT_TRUE(
      Answer(R"(all_extension_numbers_of_type: "p.Top")").has_all_extension_numbers_response())
      << "a type without extensions is known";
}

struct UnknownCase {
  const char* request;
  grpc::StatusCode code;
  const char* message;
};

TEST_F(ReflectionAnswersTest, NamesWhatIsUnknown) {
  constexpr UnknownCase kUnknown[] = {
      {R"(file_by_filename: "none.proto")", grpc::StatusCode::NOT_FOUND, "file 'none.proto'"},
      {R"(file_containing_symbol: "p.None")", grpc::StatusCode::NOT_FOUND, "symbol 'p.None'"},
      {R"(file_containing_symbol: "")", grpc::StatusCode::NOT_FOUND, "symbol ''"},
      {R"(file_containing_symbol: "....")", grpc::StatusCode::NOT_FOUND, "symbol '....'"},
      {R"(file_containing_extension { containing_type: "p.None" extension_number: 100 })",
       grpc::StatusCode::NOT_FOUND, "message type 'p.None'"},
      {R"(file_containing_extension { containing_type: "p.Base" extension_number: -1 })",
       grpc::StatusCode::NOT_FOUND, "extension 'p.Base:-1'"},
      {R"(all_extension_numbers_of_type: "p.Tops")", grpc::StatusCode::NOT_FOUND,
       "message type 'p.Tops'"},
      {R"(host: "h")", grpc::StatusCode::INVALID_ARGUMENT, "asks for nothing"},
  };
  for (const auto& [request, code, message] : kUnknown) {
    const ServerReflectionResponse response = Answer(request);
    EXPECT_EQ(response.error_response().error_code(), code) << request;
    EXPECT_THAT(response.error_response().error_message(), HasSubstr(message)) << request;
    EXPECT_TRUE(response.has_original_request()) << request;
  }
}

}  // namespace
}  // namespace mlp
