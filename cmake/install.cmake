# What `cmake --install` puts where, and the packages that CPack makes of it; docs/packaging.md has the list.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(VRAMCALC_REPOSITORY "OWNER/vramcalc" CACHE STRING "Where the project lives on GitHub, for packages")

# ---- the programs

install(TARGETS vramcalc COMPONENT program)
if(TARGET vramcalc-fetch)
  install(TARGETS vramcalc-fetch COMPONENT program)
endif()

# What the program prints about itself. The file's name for each shell is what that shell looks for.
set(generated_dir ${PROJECT_BINARY_DIR}/generated)
set(generated)
function(vramcalc_generated what file folder)
  add_custom_command(OUTPUT ${generated_dir}/${file}
    COMMAND vramcalc --generate ${what} > ${generated_dir}/${file}
    DEPENDS vramcalc VERBATIM)
  install(FILES ${generated_dir}/${file} DESTINATION ${folder} COMPONENT program)
  set(generated ${generated} ${generated_dir}/${file} PARENT_SCOPE)
endfunction()
file(MAKE_DIRECTORY ${generated_dir}/bash)
vramcalc_generated(man           vramcalc.1    ${CMAKE_INSTALL_MANDIR}/man1)
vramcalc_generated(complete-bash bash/vramcalc ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
vramcalc_generated(complete-zsh  _vramcalc     ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
vramcalc_generated(complete-fish vramcalc.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
add_custom_target(vramcalc_generated ALL DEPENDS ${generated})
if(TARGET vramcalc-fetch)
  file(WRITE ${generated_dir}/vramcalc-fetch.1 ".so man1/vramcalc.1\n")
  install(FILES ${generated_dir}/vramcalc-fetch.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
endif()

install(DIRECTORY data/schema DESTINATION ${CMAKE_INSTALL_DATADIR}/vramcalc COMPONENT program)
install(FILES LICENSE README.md SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

# ---- the library: one archive of what vramcalc::vramcalc links here

# Of our own and of fetched libraries the objects go in; libraries of the system stay dependencies.
function(vramcalc_parts target merged system)
  get_target_property(alias ${target} ALIASED_TARGET)
  if(alias)
    set(target ${alias})
  endif()
  get_target_property(type ${target} TYPE)
  get_target_property(imported ${target} IMPORTED)
  if(target IN_LIST ${merged} OR target IN_LIST ${system})
    return()
  endif()
  if(imported)
    if(NOT type STREQUAL "INTERFACE_LIBRARY")  # without a library, all of it is in our objects
      list(APPEND ${system} ${target})
    endif()
  else()
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND ${merged} ${target})
    endif()
    foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
      get_target_property(used ${target} ${property})
      foreach(each IN LISTS used)
        string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" each "${each}")
        if(TARGET ${each})
          vramcalc_parts(${each} ${merged} ${system})
        elseif(each MATCHES "yaml-cpp" AND NOT yaml-cpp IN_LIST ${system})  # found as a file
          list(APPEND ${system} yaml-cpp)
        endif()
      endforeach()
    endforeach()
  endif()
  set(${merged} ${${merged}} PARENT_SCOPE)
  set(${system} ${${system}} PARENT_SCOPE)
endfunction()

set(merged_libraries)
set(system_libraries)
vramcalc_parts(vramcalc_all merged_libraries system_libraries)
vramcalc_parts(vramcalc_embedded_figures merged_libraries system_libraries)
list(TRANSFORM merged_libraries REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
add_library(vramcalc_archive STATIC ${objects})
set_target_properties(vramcalc_archive PROPERTIES
  LINKER_LANGUAGE CXX OUTPUT_NAME vramcalc EXPORT_NAME vramcalc
  ARCHIVE_OUTPUT_DIRECTORY $<1:${PROJECT_BINARY_DIR}>)
target_include_directories(vramcalc_archive INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(vramcalc_archive INTERFACE cxx_std_20)
target_link_libraries(vramcalc_archive PRIVATE ${system_libraries})
if(VRAMCALC_CAN_LINK_STATIC)  # compiled for a fixed address, and so is a program that holds them
  target_link_options(vramcalc_archive INTERFACE -no-pie)
endif()
# As in a build that adds this folder: there, the figures are a library of their own.
add_library(vramcalc_figures_of_package INTERFACE)
set_target_properties(vramcalc_figures_of_package PROPERTIES EXPORT_NAME embedded_figures)
target_link_libraries(vramcalc_figures_of_package INTERFACE vramcalc_archive)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/vramcalc)
install(TARGETS vramcalc_archive vramcalc_figures_of_package EXPORT vramcalc COMPONENT development)
install(EXPORT vramcalc NAMESPACE vramcalc:: FILE vramcalc-targets.cmake DESTINATION ${package_dir}
  COMPONENT development)
install(DIRECTORY include/vramcalc DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

set(dependencies "")
foreach(target IN LISTS system_libraries)
  string(REGEX REPLACE "::.*" "" package "${target}")
  string(APPEND dependencies "find_dependency(${package})\n")
endforeach()
configure_package_config_file(cmake/vramcalc-config.cmake.in ${PROJECT_BINARY_DIR}/vramcalc-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vramcalc-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vramcalc-config.cmake ${PROJECT_BINARY_DIR}/vramcalc-config-version.cmake
  DESTINATION ${package_dir} COMPONENT development)

# ---- packages

# Debian's own places, for the .deb alone.
install(FILES ${generated_dir}/_vramcalc DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
  COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/vramcalc RENAME copyright
  COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libvramcalc-dev RENAME copyright
  COMPONENT debian-development EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR TGZ)
if(WIN32)
  set(CPACK_GENERATOR ZIP)
endif()
find_program(VRAMCALC_DPKG_SHLIBDEPS dpkg-shlibdeps)
if(VRAMCALC_DPKG_SHLIBDEPS)
  list(APPEND CPACK_GENERATOR DEB)
endif()
set(CPACK_PACKAGE_CONTACT "vramcalc contributors <noreply@github.com>")
set(CPACK_PACKAGE_HOMEPAGE_URL "https://github.com/${VRAMCALC_REPOSITORY}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
string(TOLOWER "vramcalc-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" CPACK_PACKAGE_FILE_NAME)
set(CPACK_THREADS 0)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL program development debian debian-development)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME vramcalc)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libvramcalc-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "")
set(debian_packages_of_yaml-cpp libyaml-cpp-dev)
set(debian_packages_of_fmt::fmt libfmt-dev)
foreach(target IN LISTS system_libraries)
  list(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ${debian_packages_of_${target}})
endforeach()
list(JOIN CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)

include(CPack)
cpack_add_component_group(program)
cpack_add_component_group(development)
cpack_add_component(program GROUP program DESCRIPTION
  "Says how much GPU memory a language model needs and what can run it:
 llama.cpp, vLLM and SGLang, from the model's shape and the runtime's rules.")
cpack_add_component(debian GROUP program)
cpack_add_component(development GROUP development DESCRIPTION
  "The library of vramcalc, its headers and a CMake package.")
cpack_add_component(debian-development GROUP development)
