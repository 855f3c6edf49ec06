#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/machine.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc {

// On the memory that the device really gives to a program:
//   great    the best estimate takes at most two thirds of it
//   fits     the high bound fits
//   tight    the low bound fits, the high one does not
//   offload  only with part of it in host memory
//   no
enum class Verdict { great, fits, tight, offload, no };
inline constexpr std::size_t verdict_count = 5;
std::string_view to_string(Verdict verdict);

Verdict verdict_for(const Amount& needed, Bytes usable, Bytes host = Bytes(0));

// One GPU as a runtime sees it.
struct Device {
  std::string name;
  Bytes memory;  // as sold
  Bytes usable;
  TargetDevice target;        // of this one alone
  double bandwidth_gbps = 0;  // 0: unknown
  double fp16_tflops = 0;     // dense, 0: unknown
};

// What a person named as hardware, ready to be filled.
struct Machine {
  std::string id;  // as asked for: "rtx-4090", "24GiB", "dgx-h100"
  std::string name;
  Bytes memory;                 // as sold
  Bytes usable;                 // all GPUs together
  Bytes host;                   // host memory beside it, 0: none or unknown
  bool shares_memory = false;   // the GPU has its share of the host's memory
  TargetDevice device;          // all GPUs as one pool
  std::vector<Device> devices;  // one by one; empty where nobody asked for them
  std::vector<std::string> warnings;
};

// All GPUs of it as one: what an overview of hundreds of them needs.
struct Pool {
  Bytes memory, usable, host;
  TargetDevice device;
};
Pool pool_of(const Gpu& gpu);
Pool pool_of(const System& system);
Machine machine_of(const System& system);

// The GPUs one by one; a board of two is two. `gpu` is what the system's GPU is, null: the catalog does not
// have it.
std::vector<Device> devices_of(const Gpu& gpu);
std::vector<Device> devices_of(const System& system, const Gpu* gpu);

// A machine of these GPUs.
Machine machine_of(std::vector<Device> devices);

// Most GPUs that llama.cpp drives (0.5.0, ggml-cuda.h: GGML_CUDA_MAX_DEVICES).
inline constexpr std::size_t most_devices = 16;

// ---- a model spread over the GPUs of a machine

// What is asked of the placement, with the memory of the machine's GPUs put in.
Placement placement_on(const Machine& machine, Placement asked = {});

// What lies on each GPU and on the host. A single GPU with everything on it costs no more than the pool.
Estimate estimate_on(Estimator& estimator, const FileType& file_type, std::uint64_t context,
                     const Machine& machine, const Placement& placement, Reasons reasons);

// Of each GPU, in order, and of the host where its memory is known.
std::vector<Verdict> verdicts_on(const Estimate& estimate, const Machine& machine);
Verdict worst_of(std::span<const Verdict> verdicts);
bool fits_on(const Estimate& estimate, const Machine& machine);  // every high bound

// The default split goes by free memory, and the output and the buffers of the last GPU are not in it. Where
// it does not fit, layers are moved from GPUs that overflow to those that have room: a split (-ts, layers of
// each GPU) that fits, else the one that came closest. A split that was asked for is left alone.
struct Spread {
  Placement placement;
  Estimate estimate;
  bool moved = false;  // the default split did not fit
  bool fits = false;
};
Spread spread_over(Estimator& estimator, const FileType& file_type, std::uint64_t context,
                   const Machine& machine, const Placement& asked = {});
// Whether there is such a split: the same search, which need not say what came closest. Buffers depend on the
// split in ways that nobody foresees: a quick search tries what is likely to fit, a thorough one more.
enum class Effort { quick, thorough };
bool fits_over(Estimator& estimator, const FileType& file_type, std::uint64_t context, const Machine& machine,
               const Placement& asked = {}, Effort effort = Effort::thorough);
// A guess of the bytes that the best such split leaves on the tightest GPU, negative where they lack: exact
// but for the compute buffers, which are taken to be what they were at contexts that were estimated before.
// It costs a small part of an estimate.
std::int64_t room_about(Estimator& estimator, const FileType& file_type, std::uint64_t context,
                        const Machine& machine, const Placement& asked = {});

// The largest context, at most the model's own, whose high bound fits; empty where not even the smallest
// does.
std::optional<std::uint64_t> largest_context(Estimator& estimator, const FileType& file_type, Bytes usable,
                                             const TargetDevice& device = {});

// The same with the model spread over the machine's GPUs. `known` is a context that is known to fit: what is
// reserved for a shorter one may be more, where large batches copy what lies on the host.
std::optional<std::uint64_t> largest_context(Estimator& estimator, const FileType& file_type,
                                             const Machine& machine, const Placement& asked = {},
                                             std::uint64_t known = 0);

// The largest of some file types whose high bound fits at a context, on one machine after another; null where
// none does. Those that the model cannot have are passed over.
class BestQuantization {
 public:
  BestQuantization(Estimator& estimator, std::span<const FileType* const> file_types, std::uint64_t context);
  const FileType* on(Bytes usable, const TargetDevice& device = {}) const;

 private:
  struct Candidate {
    const FileType* file_type;
    const Weighing* weighing;
  };
  Estimator& estimator_;
  std::uint64_t context_;
  std::vector<Candidate> largest_first_;
};

const FileType* best_quantization(Estimator& estimator, std::span<const FileType* const> file_types,
                                  std::uint64_t context, const Machine& machine, const Placement& asked = {});

// The most sequences, each of `tokens` tokens, that fit at once; 0: not even one. `under` gives the estimator
// for so many.
std::uint32_t most_sequences(const std::function<Estimator(std::uint32_t)>& under, const FileType& file_type,
                             std::uint64_t tokens, const Machine& machine, const Placement& asked = {});

}  // namespace vramcalc
