#pragma once

#include <cstdint>
#include <string_view>

#include "vramcalc/bytes.hpp"
#include "vramcalc/text_list.hpp"

namespace vramcalc {

// How a figure is known.
enum class Evidence { measured, inferred, cited, unknown };

// A GPU or accelerator of the catalog. The texts live as long as the catalog, and forever if they are
// embedded. `memory` is the marketing size (GiB unless the vendor counts decimal), `driver_total` what
// nvidia-smi, rocm-smi … report, and `usable` what a program can allocate (the driver total less the driver's
// reserve).
struct Gpu {
  std::string_view id;
  std::string_view name;
  std::string_view vendor;
  std::string_view architecture;
  std::string_view segment;            // consumer, workstation, datacenter, laptop, integrated, accelerator
  double memory_gb = 0;                // as sold, for the whole board; 0 if it shares the host's memory
  std::string_view memory_type;        // "GDDR6X", "HBM3", "shared"
  std::uint32_t bus_bits = 0;          // 0: unknown
  std::uint64_t driver_total_mib = 0;  // 0: unknown
  Evidence driver_total_evidence = Evidence::unknown;
  std::string_view driver_total_source;
  std::uint64_t usable_mib = 0;  // of the whole board; 0 if unknown
  Evidence usable_evidence = Evidence::unknown;
  std::string_view usable_source;               // how it was derived, in one line
  double bandwidth_gbps = 0;                    // GB/s, 0: unknown
  double fp16_tflops = 0;                       // dense, 0: unknown
  double fp32_tflops = 0;                       // of NVIDIA's without tensor cores; 0: unknown
  bool fp32_accumulate_half_rate = false;       // GeForce RTX: most kernels get half of fp16_tflops
  std::uint32_t streaming_multiprocessors = 0;  // 0: unknown
  std::string_view compute_capability;          // NVIDIA
  std::string_view gfx;                         // AMD
  std::string_view interconnect;
  std::uint32_t tdp_watts = 0;             // 0: unknown
  std::string_view release_date;           // YYYY-MM-DD or a prefix
  double msrp_usd = 0;                     // 0: unknown
  bool splits_into_two = false;            // one board that appears as several devices
  std::uint32_t last_level_cache_mib = 0;  // the most of any GPU of its architecture; 0: unknown
  std::string_view notes;
  TextList aliases;
  std::string_view source;
  std::uint32_t prominence = 0;  // higher is more common today and listed first

  Bytes usable() const { return Bytes(checked_multiply(usable_mib, MiB)); }
};

// A whole machine: a Mac, a unified-memory box, a node with several GPUs, a cloud instance.
struct System {
  enum class Kind { unified, multi_gpu, cloud };
  std::string_view id;
  std::string_view name;
  std::string_view vendor;
  Kind kind = Kind::unified;
  std::string_view gpu;     // the vendor's name
  std::string_view gpu_id;  // the GPU's id in the catalog; empty if it is not there
  std::uint32_t gpu_count = 1;
  double gpu_fraction = 1;       // of one GPU, if a cloud sells slices
  double memory_gb = 0;          // GPU or unified memory as sold, of all GPUs together
  std::uint64_t usable_mib = 0;  // of all GPUs together; 0 if unknown
  Evidence usable_evidence = Evidence::unknown;
  std::string_view usable_source;
  double system_memory_gb = 0;             // host RAM, 0: unknown
  double bandwidth_gbps = 0;               // all GPUs together
  double fp16_tflops = 0;                  // of GPUs outside the catalog, all together; dense, 0: unknown
  std::uint32_t last_level_cache_mib = 0;  // the most of any GPU of this kind; 0: unknown
  std::string_view interconnect;
  std::string_view compute_capability;  // of an NVIDIA GPU outside the catalog
  std::string_view release_date;
  std::string_view notes;  // what an owner can tune
  TextList aliases;
  std::string_view source;
  std::uint32_t prominence = 0;

  Bytes usable() const { return Bytes(checked_multiply(usable_mib, MiB)); }
};

}  // namespace vramcalc
