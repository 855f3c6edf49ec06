cmake_minimum_required(VERSION 3.25)
# cmake -DSOURCE=project -P home_of_llama_cpp.cmake
# What one runtime is, has and calls things lies in its own folders. Fails where code elsewhere names llama.cpp's
# types or headers, or spells its placement flags; comments and messages may name it as the source of a rule.
set(homes
  "src/runtime/llama_cpp/" "include/vramcalc/llama_cpp/"
  "src/cli/"                      # its flags are read there
  "src/figures/"                  # what is computed while building is for its defaults
  "include/vramcalc/options.hpp"  # the alternatives of all runtimes
  "include/vramcalc/ask.hpp"      # the runtime of a question that names none
  "src/runtime/runtimes.cpp"      # the row
  "src/render/json")              # its placement in JSON
file(GLOB_RECURSE files RELATIVE ${SOURCE} ${SOURCE}/src/*.cpp ${SOURCE}/src/*.hpp ${SOURCE}/include/*.hpp)
foreach(file IN LISTS files)
  set(at_home FALSE)
  foreach(home IN LISTS homes)
    if(file MATCHES "^${home}")
      set(at_home TRUE)
    endif()
  endforeach()
  if(at_home)
    continue()
  endif()
  file(STRINGS ${SOURCE}/${file} lines REGEX "llama_cpp|-ncmoe|-ts |-np |-kvu")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "//.*" "" code "${line}")
    if(code MATCHES "llama_cpp|-ncmoe|-ts |-np |-kvu")
      message(SEND_ERROR "${file}: ${line}\n  this belongs into src/runtime/llama_cpp/")
    endif()
  endforeach()
endforeach()
