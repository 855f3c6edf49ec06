#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/llama_cpp/compute_buffer.hpp"
#include "vramcalc/llama_cpp/placement.hpp"

// Figures of tests/measured/compute/: what llama.cpp 0.5.0 allocated, one line a setting.
namespace vramcalc::measured {

struct Buffer {
  std::uint64_t model = 0;
  std::uint64_t context = 0;
  std::uint64_t compute = 0;
};

struct Case {
  std::string name;                             // "server_default_4096"
  std::map<std::string, std::string> settings;  // as asked: ctx, seq, unified, nout, k, v, fa, ngl, gpus …
  std::map<std::string, std::uint64_t> resolved;  // n_ctx, n_ctx_seq, n_batch, n_ubatch
  std::map<std::string, Buffer> buffers;  // "SIM0", "SIM_Host", "CPU"; empty where the library refused
  std::string error;

  std::string setting(const std::string& key, const std::string& otherwise) const;
  std::uint64_t number(const std::string& key, std::uint64_t otherwise) const;
  // Everything on one device: neither layers nor experts nor the cache kept on the host, no MTP layers.
  bool single_device() const;
  // Several devices, or parts of the model or the cache on the host.
  bool spread() const;
  bool cpu_only() const { return number("gpus", 1) == 0; }
  bool of_server() const;
};

std::vector<std::string> models();
std::vector<Case> cases(const std::string& model);

// What was asked for: GPUs of the same size.
llama_cpp::Placement placement(const Case& measured);

// Where everything lay. Only figures of several devices are of a real allocation, the others of the estimate
// that --fit makes. With MiniCPM3, whose heads have no kernel, the buffers for pipeline parallelism were too
// large for the machine, and llama.cpp did without.
llama_cpp::DeviceMap device_map(const Architecture& architecture, std::span<const Tensor> tensors,
                                std::span<const ElementType> types, const Case& measured);

// The file type that the model was loaded with: "Q4_K_M".
std::string file_type(const std::string& model);

// The settings of the graph that the library reserved for this case.
llama_cpp::GraphSettings graph_settings(const Architecture& architecture, const Case& measured);

}  // namespace vramcalc::measured
