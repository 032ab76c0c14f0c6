# Kernels: sources that are compiled once for each instruction set. A program chooses one at
# start-up.

# Reads the list of instruction sets. Sets MLP_KERNEL_INSTRUCTION_SETS to the sets of the target's
# architecture, and MLP_KERNEL_FLAGS_<instruction set> to the compiler options for each.
function(mlp_read_instruction_sets)
  set(file ${PROJECT_SOURCE_DIR}/model/cpu/instruction_set_list.h)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(architecture X86_64)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(architecture ARM64)
  endif()
  file(READ ${file} text)
  string(REPLACE "\\\n" "" text "${text}")
  set(entry "(X86_64|ARM64)\\(([a-z0-9_]+), k[A-Za-z0-9]+,(( |HAS\\([a-z0-9_.]+\\))*)\\)")
  string(REGEX MATCHALL "(X86_64|ARM64)\\(" begun "${text}")
  string(REGEX MATCHALL "${entry}" entries "${text}")
  list(LENGTH begun begun_count)
  list(LENGTH entries count)
  if(NOT count EQUAL begun_count)
    message(FATAL_ERROR "${file}: ${count} of ${begun_count} entries are "
      "X86_64(name, kName, HAS(feature) ...) or ARM64(likewise)")
  endif()
  set(names "")
  foreach(text IN LISTS entries)
    string(REGEX MATCH "${entry}" text "${text}")
    if(CMAKE_MATCH_1 STREQUAL architecture)
      set(name ${CMAKE_MATCH_2})
      list(APPEND names ${name})
      string(REGEX REPLACE "HAS\\(([^)]+)\\)" "-m\\1" flags "${CMAKE_MATCH_3}")
      separate_arguments(flags UNIX_COMMAND "${flags}")
      set(MLP_KERNEL_FLAGS_${name} ${flags} PARENT_SCOPE)
    endif()
  endforeach()
  set(MLP_KERNEL_INSTRUCTION_SETS ${names} PARENT_SCOPE)
endfunction()
mlp_read_instruction_sets()

# Compiles `source` for each instruction set, each with a separate copy of Eigen, into the static
# library `target`. Further arguments are compiler options. The objects are the libraries
# <target>_<instruction set>. The global property MLP_KERNEL_OBJECTS_<instruction set> lists them,
# and a test checks the symbols of all of them.
function(mlp_add_kernel_objects target source)
  foreach(instruction_set IN LISTS MLP_KERNEL_INSTRUCTION_SETS)
    set(object ${target}_${instruction_set})
    add_library(${object} OBJECT ${source})
    target_link_libraries(${object} PRIVATE mlp_cpu Eigen3::Eigen)
    target_compile_definitions(${object} PRIVATE
      MLP_KERNEL_NAMESPACE=${instruction_set} Eigen=Eigen_${instruction_set} EIGEN_FAST_MATH=0
      EIGEN_NO_IO)
    # Always optimised: otherwise inline functions of the standard library become symbols of the
    # object, compiled for its instruction set, and the linker may choose them for every caller. No
    # contraction: the compiler fuses a product and a sum only where the source says so.
    target_compile_options(${object} PRIVATE
      -O2 -ffp-contract=off -Wno-ignored-attributes ${MLP_KERNEL_FLAGS_${instruction_set}} ${ARGN})
    # Joining sources would change the object's name, and gain nothing for a single source.
    set_target_properties(${object} PROPERTIES UNITY_BUILD OFF)
    # GCC 12 warns about its own AVX-512 intrinsics (GCC bug 105593).
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
      target_compile_options(${object} PRIVATE -Wno-uninitialized -Wno-maybe-uninitialized)
    endif()
    # All objects come from one source, so checking one of them is enough. These checks take three
    # quarters of its compile time. The other objects keep AddressSanitizer's checks.
    list(FIND MLP_KERNEL_INSTRUCTION_SETS ${instruction_set} place)
    if(MLP_SANITIZE MATCHES "undefined" AND place GREATER 0)
      target_compile_options(${object} PRIVATE -fno-sanitize=undefined)
    elseif(MLP_SANITIZE MATCHES "undefined")
      # AddressSanitizer catches the errors that matter for a kernel's many pointers.
      target_compile_options(${object} PRIVATE
        -fno-sanitize=null,alignment,vptr,object-size,pointer-overflow)
    endif()
    target_link_libraries(${target} PRIVATE ${object})
    set_property(GLOBAL APPEND PROPERTY MLP_KERNEL_OBJECTS_${instruction_set} ${object})
  endforeach()
endfunction()
