# Installs this build into a folder of its own, looks for what should be there, and builds and runs the consumer
# against it.   cmake -DBUILD=… -DWORK=… -DCONFIG=… -DCOMPILER=… -DGENERATOR=… -DEXPECTED=FILE;… -P run.cmake
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}: ${status}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/usr --config "${CONFIG}")
foreach(file IN LISTS EXPECTED)
  if(NOT EXISTS ${WORK}/usr/${file})
    message(SEND_ERROR "not installed: ${file}")
  endif()
endforeach()

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${WORK}/build -G ${GENERATOR}
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_PREFIX_PATH=${WORK}/usr)
run(${CMAKE_COMMAND} --build ${WORK}/build --config "${CONFIG}")
find_program(consumer consumer PATHS ${WORK}/build ${WORK}/build/${CONFIG} NO_DEFAULT_PATH REQUIRED)
run(${consumer})
if(NOT output MATCHES "^great [0-9]+\n$")
  message(FATAL_ERROR "the consumer printed: ${output}")
endif()
file(REMOVE_RECURSE ${WORK})
