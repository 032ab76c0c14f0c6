# Debian packages, by `cpack` in the build folder: mlpserve (both programs, their manual pages and
# the service) and libmlpserve-dev (the client library).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mlpserve)
set(CPACK_PACKAGE_VENDOR mlpserve)
set(CPACK_PACKAGE_CONTACT "mlpserve <mlpserve@localhost>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL server client service development)
# Readable by all users, whatever umask the checkout was made with.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENT_SERVER_GROUP runtime)
set(CPACK_COMPONENT_CLIENT_GROUP runtime)
set(CPACK_COMPONENT_SERVICE_GROUP runtime)
set(CPACK_COMPONENT_DEVELOPMENT_GROUP development)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME mlpserve)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION net)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION
  "inference server for trained multi-layer perceptrons, and its client
mlp-server serves ONNX files over gRPC with the Open Inference Protocol and reports to Prometheus how
their activations saturate. mlp-client sends it requests and inspects model files.")
# dpkg-shlibdeps finds the packages of the libraries that the programs link.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
if(MLP_HAS_RELR)
  # dpkg-shlibdeps does not notice that packed relocations need a C library that supports them.
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS "libc6 (>= 2.36)")
endif()
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA
  ${PROJECT_SOURCE_DIR}/deploy/debian/conffiles ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
  ${PROJECT_SOURCE_DIR}/deploy/debian/prerm ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libmlpserve-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
  "C++ client of inference servers that speak the Open Inference Protocol
Headers and a static library, for CMake (mlpserve::client) and pkg-config (mlpserve-client).")
# protobuf-compiler-grpc is needed because gRPC's CMake files check for it.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "libabsl-dev, libgrpc++-dev, libprotobuf-dev, protobuf-compiler-grpc")

include(CPack)
