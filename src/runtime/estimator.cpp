#include <fmt/format.h>

#include "vramcalc/runtime.hpp"

namespace vramcalc {

Estimator::Estimator(const Model& model, const Runtime& runtime, Workload workload, QuantizeOptions options)
    : model_(model),
      runtime_(runtime),
      workload_(workload),
      options_(options),
      tensors_(model.architecture) {}

Estimator::Estimator(const Model& model, const Runtime& runtime, Workload workload, QuantizeOptions options,
                     const StoredWeights& stored, const FileType& as_stored)
    : model_(model),
      runtime_(runtime),
      workload_(workload),
      options_(options),
      tensors_(stored.tensors, shape_facts(model.architecture)) {
  keep(as_stored.name, [&] { return runtime_.weigh_stored(model_, stored, as_stored); });
}

Workload Estimator::at(std::uint64_t context) const {
  Workload workload = workload_;
  workload.context = context;
  return workload;
}

template <class Weigh>
const std::variant<Weighing, Error>& Estimator::keep(std::string_view name, const Weigh& weigh) {
  try {
    return weighed_.emplace(name, weigh()).first->second;
  } catch (const Error& refusal) {
    if (refusal.code() != ErrorCode::unsupported) throw;
    return weighed_.emplace(name, refusal).first->second;
  }
}

const std::variant<Weighing, Error>& Estimator::weighed(const FileType& file_type) {
  const auto known = weighed_.find(file_type.name);
  if (known != weighed_.end()) return known->second;
  return keep(file_type.name, [&] { return runtime_.weigh(model_, tensors_, file_type, options_); });
}

const Weighing& Estimator::weigh(const FileType& file_type) {
  const auto& outcome = weighed(file_type);
  if (const Error* refusal = std::get_if<Error>(&outcome)) throw *refusal;
  return std::get<Weighing>(outcome);
}

const Weighing* Estimator::find_weighing(const FileType& file_type) {
  return std::get_if<Weighing>(&weighed(file_type));
}

Amount Estimator::allocation(std::uint64_t context) {
  const auto known = allocated_.find(context);
  if (known != allocated_.end()) return known->second;
  Amount sum;
  for (const DeviceEstimate& device : runtime_.allocate(model_, at(context), Reasons::none))
    if (device.device != "host") sum += device.total();
  return allocated_.emplace(context, sum).first->second;
}

Amount Estimator::gpu_total(const FileType& file_type, std::uint64_t context, const TargetDevice& device) {
  const Weighing& weighing = weigh(file_type);
  return Amount::exactly(weighing.gpu) + runtime_.overhead(model_, weighing, device, Reasons::none).amount +
         allocation(context);
}

namespace {

std::string why_weights(const FileType& file_type, const Weighing& weighing, Bytes here,
                        const Runtime& runtime) {
  return fmt::format("{} bytes of the {} that {} takes at {:.4f} bits a weight ({} {})",
                     grouped(here.count()), grouped(weighing.tensor_bytes.count()), file_type.name,
                     weighing.bits_per_weight, runtime.id, runtime.version);
}

}  // namespace

Estimate Estimator::estimate(const FileType& file_type, std::uint64_t context, const TargetDevice& target,
                             Reasons reasons) {
  const Weighing& weighing = weigh(file_type);
  Estimate estimate{weighing.tensor_bytes, weighing.file_bytes,
                    runtime_.allocate(model_, at(context), reasons)};
  for (DeviceEstimate& device : estimate.devices) {
    const bool host = device.device == "host";
    const Bytes here = host ? weighing.host : weighing.gpu;
    Term weights{TermKind::weights, Amount::exactly(here), Basis::exact, {}};
    if (reasons == Reasons::full) weights.why = why_weights(file_type, weighing, here, runtime_);
    device.terms.insert(device.terms.begin(), std::move(weights));
    if (!host) device.terms.push_back(runtime_.overhead(model_, weighing, target, reasons));
  }
  return estimate;
}

}  // namespace vramcalc
