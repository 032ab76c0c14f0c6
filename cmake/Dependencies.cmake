# All third-party libraries, which are Debian 12 packages (deploy/packages.txt lists them).
find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
if(NOT MLP_EVALUATOR_ONLY)
  find_package(Protobuf REQUIRED)
  find_package(gRPC CONFIG REQUIRED)
endif()
if(MLP_CLIENT_ONLY)
  return()
endif()
find_package(Eigen3 3.4 CONFIG REQUIRED)
find_package(TBB CONFIG REQUIRED)
if(MLP_BUILD_TESTS)
  find_package(GTest CONFIG REQUIRED)
endif()
if(MLP_EVALUATOR_ONLY)
  return()
endif()

find_package(prometheus-cpp CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(simdjson CONFIG REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
# The TLS library of libmicrohttpd, which takes certificates in GnuTLS' types.
find_package(GnuTLS REQUIRED)
if(MLP_BUILD_BENCHMARKS)
  find_package(benchmark CONFIG REQUIRED)
endif()

# Debian's libmicrohttpd-dev has a pkg-config file, but nothing for CMake.
find_path(MICROHTTPD_INCLUDE_DIR microhttpd.h REQUIRED)
find_library(MICROHTTPD_LIBRARY microhttpd REQUIRED)
add_library(Microhttpd::Microhttpd INTERFACE IMPORTED)
target_include_directories(Microhttpd::Microhttpd SYSTEM INTERFACE ${MICROHTTPD_INCLUDE_DIR})
target_link_libraries(Microhttpd::Microhttpd INTERFACE ${MICROHTTPD_LIBRARY})

# The schema of ONNX files, compiled in Debian's libonnx-dev. Its headers need these two
# definitions.
find_library(ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
add_library(onnx_schema INTERFACE)
target_compile_definitions(onnx_schema INTERFACE ONNX_NAMESPACE=onnx ONNX_ML=1)
target_link_libraries(onnx_schema INTERFACE ${ONNX_PROTO_LIBRARY} protobuf::libprotobuf)
