# Warnings, hardening and sanitizers, for each of our targets.

# -g1: line numbers for stack traces. More debugging information would cost a quarter of the build
# time, and optimisation half of it. The kernels, which take most of the tests' time, are optimised
# anyway.
set(CMAKE_CXX_FLAGS_SANITIZE "-O0 -g1 -fno-omit-frame-pointer" CACHE STRING "" FORCE)

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Wimplicit-fallthrough -Wextra-semi -Wundef)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 reports overlaps that cannot happen inside std::string (GCC bug 105651).
  add_compile_options(-Wno-restrict)
endif()
if(MLP_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()

if(MLP_SANITIZE)
  add_compile_options(-fsanitize=${MLP_SANITIZE} -fno-sanitize-recover=all)
  # Debian's libraries are not instrumented. The preset makes ThreadSanitizer ignore what they do
  # internally. Our code locks with std::mutex, which ThreadSanitizer sees, and not with
  # absl::Mutex.
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # With instrumented code, GCC does not see that std::regex initialises what it reads. GCC's
    # macro also changes the size of map fields in protobuf's headers, which does not match Debian's
    # library.
    add_compile_options(-Wno-maybe-uninitialized -U__SANITIZE_THREAD__)
  endif()
  if(MLP_SANITIZE MATCHES undefined)
    # The vptr check opens a pipe to find out whether an object can be read, and reports an error if
    # it cannot. This ended servers that had merely run out of descriptors.
    add_compile_options(-fno-sanitize=vptr)
  endif()
  add_link_options(-fsanitize=${MLP_SANITIZE})
else()
  # Debian's hardening flags, with the highest level of _FORTIFY_SOURCE that GCC 12 and clang 16
  # know. It needs optimisation. tests/hardening checks the programs.
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    add_compile_options(-mbranch-protection=standard)
  else()
    add_compile_options(-fcf-protection)
  endif()
  add_compile_options($<$<CONFIG:Release>:-D_FORTIFY_SOURCE=3>)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
  # The linker drops functions that nothing calls. With joined sources it needs these sections for
  # that.
  add_compile_options($<$<CONFIG:Release>:-ffunction-sections> $<$<CONFIG:Release>:-fdata-sections>)
  add_link_options($<$<CONFIG:Release>:-Wl,--gc-sections>)
  # Packs the addresses that the loader adjusts, which saves a twentieth of the programs' bytes. For
  # arm64, Debian's linker ignores the option with a warning, which the check would take for
  # support.
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    include(CheckLinkerFlag)
    check_linker_flag(CXX -Wl,-z,pack-relative-relocs MLP_HAS_RELR)
  endif()
  if(MLP_HAS_RELR)
    add_link_options($<$<CONFIG:Release>:-Wl,-z,pack-relative-relocs>)
  endif()
  include(CheckPIESupported)
  check_pie_supported()
endif()
