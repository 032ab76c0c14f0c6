# What `cmake --install` installs, by component: server, client (programs and manual pages),
# development (the client library), and service (systemd's unit and its configuration). The service
# goes to /etc and /var whatever the prefix is, so it is only installed if it is named.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Manual pages, generated from the programs' --help, with the date of the sources.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND git log -1 --format=%cd --date=short
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE MLP_DATE OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT MLP_DATE)
  string(TIMESTAMP MLP_DATE %Y-%m-%d UTC)
endif()
if(CMAKE_CROSSCOMPILING_EMULATOR)
  list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " emulator)
  set(emulator "--emulator=${emulator}")
endif()
set(man_pages)
foreach(program IN ITEMS server client)
  set(page ${PROJECT_BINARY_DIR}/man/mlp-${program}.1)
  add_custom_command(
    OUTPUT ${page}.gz
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
    COMMAND ${PROJECT_SOURCE_DIR}/deploy/debian/man-page.sh ${emulator}
      $<TARGET_FILE:mlp_${program}_program> ${PROJECT_VERSION} ${MLP_DATE} > ${page}
    COMMAND gzip --best --no-name --force --keep ${page}
    DEPENDS mlp_${program}_program ${PROJECT_SOURCE_DIR}/deploy/debian/man-page.sh
    COMMENT "Making the manual page of mlp-${program}"
    VERBATIM)
  list(APPEND man_pages ${page}.gz)
  install(TARGETS mlp_${program}_program RUNTIME COMPONENT ${program})
  install(FILES ${page}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT ${program})
endforeach()
add_custom_target(mlp_man_pages ALL DEPENDS ${man_pages})

# The client library. Its headers are included under the same names as in this tree.
target_include_directories(mlp_client PUBLIC
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/mlpserve>)
set_target_properties(mlp_client PROPERTIES EXPORT_NAME client OUTPUT_NAME mlpserve_client)
set_target_properties(mlp_proto PROPERTIES EXPORT_NAME proto OUTPUT_NAME mlpserve_proto)
install(TARGETS mlp_client mlp_proto EXPORT mlpserve-targets ARCHIVE COMPONENT development)
install(FILES client/client.h client/credentials.h client/infer_in_parts.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mlpserve/client COMPONENT development)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/mlpserve)
install(EXPORT mlpserve-targets NAMESPACE mlpserve:: DESTINATION ${package_folder}
  COMPONENT development)
configure_package_config_file(cmake/mlpserve-config.cmake.in
  ${PROJECT_BINARY_DIR}/mlpserve-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mlpserve-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mlpserve-config.cmake
  ${PROJECT_BINARY_DIR}/mlpserve-config-version.cmake
  DESTINATION ${package_folder} COMPONENT development)
# Relative to the file's location, because the prefix may differ from the configured one.
file(RELATIVE_PATH MLP_PREFIX_FROM_PC /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" MLP_PREFIX_FROM_PC "${MLP_PREFIX_FROM_PC}")
configure_file(cmake/mlpserve-client.pc.in ${PROJECT_BINARY_DIR}/mlpserve-client.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mlpserve-client.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
install(FILES client/examples/ask.cc client/examples/CMakeLists.txt
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libmlpserve-dev/examples COMPONENT development)

# The service.
install(FILES deploy/debian/mlpserve.service DESTINATION /lib/systemd/system
  COMPONENT service EXCLUDE_FROM_ALL)
install(FILES deploy/debian/mlp-server.ini DESTINATION /etc/mlpserve
  COMPONENT service EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /var/lib/mlpserve COMPONENT service EXCLUDE_FROM_ALL)
