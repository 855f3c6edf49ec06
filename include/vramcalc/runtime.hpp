#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "vramcalc/allocation.hpp"
#include "vramcalc/companion.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/estimate.hpp"
#include "vramcalc/explanation.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/placement.hpp"
#include "vramcalc/quantization.hpp"
#include "vramcalc/seen_buffers.hpp"
#include "vramcalc/weights.hpp"
#include "vramcalc/workload.hpp"

namespace vramcalc {

// What a runtime does with a workload once its defaults are put in and its paddings applied.
struct ResolvedWorkload {
  std::uint64_t context = 0;           // n_ctx, all cells of all streams
  std::uint64_t context_per_slot = 0;  // what one sequence can use at most
  std::uint64_t cells = 0;             // KV cells of one stream
  std::uint32_t streams = 1;
  std::uint32_t sequences = 1;  // slots
  bool kv_unified = true;
  std::uint32_t batch = 0;
  std::uint32_t ubatch = 0;
  std::uint32_t outputs = 0;  // logits rows reserved
  bool flash_attention = true;
  friend bool operator==(const ResolvedWorkload&, const ResolvedWorkload&) = default;
};

// The device that the estimate is for, as far as it changes the figures.
struct TargetDevice {
  std::uint32_t count = 1;                      // GPUs that each carry the overhead
  std::uint32_t streaming_multiprocessors = 0;  // of one of them, 0: unknown
  Backend backend = Backend::cuda;
  friend bool operator==(const TargetDevice&, const TargetDevice&) = default;
};

// What the weights of one file type take, wherever they lie.
struct Weighing {
  Bytes tensor_bytes;          // sum over the file's tensors
  Bytes file_bytes;            // the file on disk
  Bytes gpu;                   // on the GPU with everything offloaded, padded as the device pads
  Bytes host;                  // kept in host memory
  double bits_per_weight = 0;  // tensor_bytes over elements
  bool imatrix = false;        // as if made with an importance matrix
};

// The model's tensors, listed when they are first asked for.
using TensorsOfModel = std::function<const ClassifiedTensors&()>;

// A model's tensors with the types that one file type gives them.
struct TypedTensors {
  std::span<const Tensor> tensors;
  std::span<const ElementType> types;
};

// Compute buffers cost by far the most to know. On a GPU they are largest for a prompt; the host's may be
// larger for single tokens, which is one graph more.
enum class Buffers { none, of_gpus, all };

struct Runtime {
  std::string_view id;  // "llama.cpp"
  std::string_view title;
  std::string_view version;  // release whose rules these are
  std::uint64_t rounds_to;   // bytes; its figures are rounded to this before they are shown, 1: they are not
  std::uint32_t most_sequences;  // that it takes at once, 0: it knows no such thing

  ResolvedWorkload (*resolve)(const Architecture&, const Workload&);
  // Bytes that the weights take, without regard to the workload.
  Weighing (*weigh)(const Model&, const TensorsOfModel&, const FileType&, const QuantizeOptions&);
  // The same of a file as it is; `as` is what it calls its type.
  Weighing (*weigh_stored)(const Model&, const StoredWeights&, const FileType& as);
  // All terms but the weights, from the workload's context to `last` at most, or not so far.
  AllocationStretch (*stretch)(const Model&, const Workload&, std::uint64_t last);
  // Whether all that it says of a workload on a backend is known to the byte; null: always.
  bool (*is_exact)(const Workload&, Backend);
  // Where it is not: why, in a sentence for a person; empty where it is; null as above.
  std::string (*why_interval)(const Workload&, Backend);
  // What the backend may pad less of weights; null: nothing.
  Bytes (*weight_padding)(Bytes weights, Backend);
  // Bounds of the compute buffers, in place of those of `stretch`; null as above.
  ComputeStretch (*compute_stretch)(const Model&, const Workload&, std::uint64_t last, Backend);
  // Says of each of these terms, in one line, why it is what it is.
  void (*give_reasons)(const Model&, const Workload&, const ResolvedWorkload&, Backend,
                       std::vector<PlaceEstimate>&);
  // All that goes into a term of this kind, for --explain; null: it has no more to say.
  Explanation (*explanation)(TermKind, const Model&, const Workload& asked, std::uint64_t context,
                             const TypedTensors&);
  // Bytes of cache that one more token takes once every window is full.
  Bytes (*kv_bytes_per_token)(const Model&, const Workload&);
  // What is loaded beside the model; null: it knows no such thing.
  Companion (*projector)(const Projector&, const Workload&);
  Companion (*adapter)(const Adapter&, const Model&, const Workload&);
  // What stays on top of every buffer.
  Term (*overhead)(const Model&, const Weighing&, const TargetDevice&, Reasons);
  // All terms of each GPU and the host, overhead aside, with the model spread over them; null: it knows one
  // pool of memory only. What it finds out is added to what is known.
  std::vector<PlaceEstimate> (*place)(const Model&, const TypedTensors&, const Workload&, const Placement&,
                                       Reasons, Buffers, KnownPlacements&);
  // Of these what moves with each layer of the file and, last, with the output, from one GPU to another:
  // weights that `placement` leaves on GPUs, cache and state.
  std::vector<Bytes> (*bytes_of_layers)(const Model&, const TypedTensors&, const Workload&, const Placement&,
                                        KnownPlacements&);
};

std::span<const Runtime> runtimes();
const Runtime& find_runtime(std::string_view id);  // Error, unknown_name

// What --runtime says: a runtime or a tool of it, and behind an @ its release.
struct RuntimeName {
  std::string id;             // of the runtime
  std::string tool, release;  // empty: as the runtime's row says
  bool reserves_all_logits = false;
};
RuntimeName runtime_named(const std::string& words);  // Error, unknown_name or bad_value

// Tensor bytes of a file of the same type that was made otherwise; empty where it would hold the same.
struct OtherFiles {
  std::optional<Bytes> by_other_release;  // of the quantizer (see QuantizerRelease)
  std::optional<Bytes> without_mtp;       // converted with --no-mtp
  friend bool operator==(const OtherFiles&, const OtherFiles&) = default;
};

// What was computed for a model before, under a runtime's default workload and options.
struct KnownFigures {
  std::vector<std::pair<std::string_view, Weighing>> weighings;  // by name of the file type
  std::vector<std::pair<std::string_view, OtherFiles>> others;   // of these, where there are any
  std::vector<AllocationStretch> stretches;                      // as far as they are known
  std::vector<ComputeStretch> compute_stretches;                 // likewise, of other backends
  std::optional<bool> flash_attention;                           // what "auto" comes to
};

// One model under one runtime and workload, asked many times: for every file type, for many contexts.
// What does not depend on the question is computed once.
class Estimator {
 public:
  Estimator(const Model& model, const Runtime& runtime, Workload workload, QuantizeOptions options = {},
            KnownFigures known = {});

  // The model is a file: `as` is one more file type, weighed as it lies there, and every other one is
  // what the file's own tensors would take.
  Estimator(const Model& model, const Runtime& runtime, Workload workload, QuantizeOptions options,
            const StoredWeights& stored, const FileType& as);

  // Error (unsupported) where the model cannot have this file type; find_weighing gives null instead.
  const Weighing& weigh(const FileType& file_type);
  const Weighing* find_weighing(const FileType& file_type);
  OtherFiles other_files(const FileType& file_type);
  // Whether every term of the runtime's own but the overhead is exact there.
  bool is_exact(Backend backend) const;
  // What lies on the GPU beside the weights and the overhead, and what companions take there.
  Amount allocation(std::uint64_t context, Backend backend);
  Amount weights_on_gpu(const Weighing& weighing, Backend backend) const;
  Amount beside(std::uint64_t context) const;
  Amount overhead(const Weighing& weighing, const TargetDevice& device) const;
  Amount gpu_total(const FileType& file_type, std::uint64_t context, const TargetDevice& device = {});
  Amount gpu_total(const Weighing& weighing, std::uint64_t context, const TargetDevice& device);
  Estimate estimate(const FileType& file_type, std::uint64_t context, const TargetDevice& device,
                    Reasons reasons);

  // The same spread over several GPUs, which `gpus` lists as `placement.free` does, or with parts on the
  // host. Error (unsupported) where the runtime knows one pool of memory only.
  Estimate estimate(const FileType& file_type, std::uint64_t context, std::span<const TargetDevice> gpus,
                    const Placement& placement, Reasons reasons);

  // The same as far as it is asked for.
  Estimate estimate(const FileType& file_type, std::uint64_t context, std::span<const TargetDevice> gpus,
                    const Placement& placement, Buffers buffers);

  // What moves with each layer and, last, with the output.
  std::vector<Bytes> bytes_of_layers(const FileType& file_type, std::uint64_t context,
                                     const Placement& placement);

  // Of each term of an estimate for this file type and context.
  std::vector<ExplainedTerm> explain(const Estimate& estimate, const FileType& file_type,
                                     std::uint64_t context);

  // The same model under another workload: what it weighs is known. Nothing else is loaded beside it.
  Estimator under(const Workload& workload) const;
  // What searches have seen of the model's buffers, for the next guess.
  SeenBuffers& seen_buffers() { return seen_buffers_; }
  // What is known of the same model under another workload, as far as it may help under this one.
  void learn_from(const Estimator& other);

  // What the runtime makes of the workload.
  ResolvedWorkload resolve(std::uint64_t context) const;

  // From now on this is loaded too.
  void add(Companion companion) { companions_.push_back(std::move(companion)); }
  bool has_companions() const { return !companions_.empty(); }

  const Model& model() const { return model_; }
  const Runtime& runtime() const { return runtime_; }
  const Workload& workload() const { return workload_; }

 private:
  const Weighing* known_weighing(std::string_view file_type) const;
  std::optional<Bytes> bytes_if_other(const Model& model, QuantizeOptions options, const FileType& file_type);
  const std::variant<Weighing, Error>& weighed(const FileType& file_type);
  template <class Weigh>
  const std::variant<Weighing, Error>& keep(std::string_view name, const Weigh& weigh);
  const ClassifiedTensors& tensors();
  const AllocationStretch& stretch(std::uint64_t context);
  const ComputeStretch& compute(std::uint64_t context, Backend backend);
  void widen(std::vector<PlaceEstimate>& devices, std::uint64_t context, Backend backend);
  const std::vector<ElementType>& types_of(const FileType& file_type);
  Workload at(std::uint64_t context) const;
  Estimate placed(const FileType& file_type, std::uint64_t context, std::span<const TargetDevice> gpus,
                  const Placement& placement, Reasons reasons, Buffers buffers);

  const Model& model_;
  const Runtime& runtime_;
  Workload workload_;
  QuantizeOptions options_;
  std::vector<std::pair<std::string_view, Weighing>> known_weighings_;
  std::vector<std::pair<std::string_view, OtherFiles>> known_others_;
  std::shared_ptr<const ClassifiedTensors> tensors_;
  std::unordered_map<std::string_view, std::variant<Weighing, Error>> weighed_;
  std::vector<AllocationStretch> stretches_;
  std::vector<ComputeStretch> compute_stretches_;
  std::uint32_t short_stretches_ = 0;
  std::optional<bool> flash_attention_;
  std::unordered_map<std::string_view, std::vector<ElementType>>
      types_;  // by file type, where a placement was asked for
  KnownPlacements placements_;
  SeenBuffers seen_buffers_;
  std::vector<Companion> companions_;
};

}  // namespace vramcalc
