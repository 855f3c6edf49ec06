#include "runtime/llama_cpp/compute_buffer.hpp"

#include "catch.hpp"
#include "runtime/measured.hpp"
#include "runtime/shapes.hpp"

using namespace vramcalc;

// Not close to: equal to the byte, for every shape and every setting on one device.
TEST_CASE("compute buffers are those that llama.cpp reserves") {
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    for (const measured::Case& c : measured::cases(model)) {
      if (!c.single_device()) continue;
      const auto buffers =
          llama_cpp::compute_buffers(architecture, measured::graph_settings(architecture, c));
      INFO(model << " " << c.name);
      CHECK(buffers.device.count() == c.buffers.at("SIM0").compute);
      CHECK(buffers.host.count() == c.buffers.at("SIM_Host").compute);
    }
  }
}

TEST_CASE("without a device there is one buffer, in host memory") {
  for (const std::string& model : measured::known_shapes()) {
    const Architecture architecture = measured::shape_of(model);
    for (const measured::Case& c : measured::cases(model)) {
      if (!c.cpu_only() || c.buffers.count("CPU") == 0) continue;
      const Bytes buffer =
          llama_cpp::cpu_compute_buffer(architecture, measured::graph_settings(architecture, c));
      INFO(model << " " << c.name);
      CHECK(buffer.count() == c.buffers.at("CPU").compute);
    }
  }
}
