#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/llama_cpp/compute_buffer.hpp"
#include "vramcalc/llama_cpp/placement.hpp"

// Figures of tests/measured/compute/: what llama.cpp 0.5.0 allocated on devices that compute every operation
// by itself, as CUDA does with GGML_CUDA_DISABLE_FUSION=1, with one line per setting. For the same settings,
// tests/measured/compute_cuda/ has the compute buffers of CUDA as it is.
namespace vramcalc::measured {

struct Buffer {
  std::uint64_t model = 0;
  std::uint64_t context = 0;
  std::uint64_t compute = 0;
};

struct Case {
  std::string name;  // "server_default_4096"
  std::map<std::string, std::string>
      settings;  // as requested: ctx, seq, unified, nout, k, v, fa, ngl, gpus …
  std::map<std::string, std::uint64_t> resolved;  // n_ctx, n_ctx_seq, n_batch, n_ubatch
  std::map<std::string, Buffer> buffers;          // "SIM0", "SIM_Host", "CPU"; empty if the library refused
  std::string error;
  bool fused = false;  // with CUDA's fused operations

  std::string setting(const std::string& key, const std::string& otherwise) const;
  std::uint64_t number(const std::string& key, std::uint64_t otherwise) const;
  // Everything is on one device: no layers, experts or caches on the host, and no MTP layers.
  bool single_device() const;
  // Several devices, or parts of the model or its cache on the host.
  bool spread() const;
  bool cpu_only() const { return number("gpus", 1) == 0; }
  // The buffers were allocated, not only estimated as --fit does.
  bool allocated() const { return number("gpus", 1) > 1 || number("allocated", 0) == 1; }
  bool of_server() const;
};

std::vector<std::string> models();
std::vector<Case> cases(const std::string& model);
std::vector<Case> cuda_cases(const std::string& model);
std::vector<Case> all_cases(const std::string& model);  // both

// The requested placement on GPUs of the same size.
llama_cpp::Placement placement(const Case& measured);

// Where everything was, on devices with the rules of the case. With MiniCPM3, whose heads have no kernel, the
// buffers for pipeline parallelism were too large for the machine without fusions, and llama.cpp turned it
// off.
llama_cpp::DeviceMap device_map(const Architecture& architecture, std::span<const Tensor> tensors,
                                std::span<const ElementType> types, const Case& measured);

// The same with everything on one device.
llama_cpp::DeviceMap one_device(const Case& measured);

// The file type that the model was loaded with: "Q4_K_M".
std::string file_type(const std::string& model);

// The settings of the graph that llama.cpp reserved for this case.
llama_cpp::GraphSettings graph_settings(const Architecture& architecture, const Case& measured);

}  // namespace vramcalc::measured
