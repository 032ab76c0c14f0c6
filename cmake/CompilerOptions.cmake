# Warnings, hardening and sanitizers, on every target of ours.

# -g1: lines for stack traces; the other debugging information costs a quarter of the build, and
# optimisation half of it. The kernels, where the time of most tests goes, are optimised all the same.
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
  # Debian's libraries are not instrumented: the preset lets ThreadSanitizer pass over what they do by
  # themselves, and our code locks with std::mutex, which it sees, not with absl::Mutex.
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Instrumented code hides from GCC that std::regex initialises what it reads. And protobuf's headers
    # give a map field another size by GCC's macro, which Debian's library has not.
    add_compile_options(-Wno-maybe-uninitialized -U__SANITIZE_THREAD__)
  endif()
  if(MLP_SANITIZE MATCHES undefined)
    # It opens a pipe to see whether an object can be read, and reports one that it cannot ask about: a
    # server whose descriptors have run out ended for nothing.
    add_compile_options(-fno-sanitize=vptr)
  endif()
  add_link_options(-fsanitize=${MLP_SANITIZE})
else()
  # Debian's hardening set and, of _FORTIFY_SOURCE, the level that GCC 12 and clang 16 know; it needs
  # optimisation. tests/hardening looks at the programs.
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    add_compile_options(-mbranch-protection=standard)
  else()
    add_compile_options(-fcf-protection)
  endif()
  add_compile_options($<$<CONFIG:Release>:-D_FORTIFY_SOURCE=3>)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
  # The linker leaves out functions that nothing calls; where sources are joined, it could not otherwise.
  add_compile_options($<$<CONFIG:Release>:-ffunction-sections> $<$<CONFIG:Release>:-fdata-sections>)
  add_link_options($<$<CONFIG:Release>:-Wl,--gc-sections>)
  # Packs the addresses that the loader adjusts, a twentieth of the programs' bytes. For arm64, Debian's
  # linker says that it ignores this, which is no error.
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
