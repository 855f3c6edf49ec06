#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "report/report.hpp"

namespace vramcalc::report {

// Gives each row that holds all of the model the speed on its devices, which come in the order of the rows.
template <class Row>
void add_speeds(std::span<Row> rows, std::vector<std::span<const Device>> devices, Session& session,
                const Quantization& quantization, const Demand& demand) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!may_fit(rows[i].verdict)) devices[i] = {};
  const auto speeds = session.decode_on_each(quantization, demand, devices);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].decode = speeds[i];
}
void add_speeds(std::span<HardwareRow> rows, std::span<const Machine> machines, Session& session,
                const Quantization& quantization, const Demand& demand);

// The verdicts of check for one load on hundreds of machines, for an overview. A single GPU takes one
// addition. Systems with several GPUs are judged as check does, one GPU at a time; GPUs that many systems
// share are judged once.
class Judge {
 public:
  // `backend` is used on the hardware that it supports, and the usual backend on the rest.
  Judge(const Catalog& catalog, const Question& question, Session& session, const Quantization& quantization,
        const Demand& demand);

  Verdict verdict(const Gpu& gpu);
  Verdict verdict(const System& system);
  // The hardware as the runtime sees it.
  template <class Hardware>
  Machine machine(const Hardware& hardware) const;
  // Completes the row with the other facts of its hardware.
  void fill(HardwareRow& row, const Machine& machine);
  void add_speeds(std::span<HardwareRow> rows, std::span<const Machine> machines) {
    report::add_speeds(rows, machines, session_, quantization_, demand_);
  }

 private:
  struct Judged {
    Machine machine;
    Verdict verdict;
    bool filled = false;
    std::optional<std::uint64_t> max_context;
    const Quantization* best = nullptr;
    std::optional<std::uint32_t> needed;
  };
  // Systems with the same key are judged alike.
  struct Kind {
    std::string_view gpu_id, gpu, vendor;
    std::uint32_t count;
    std::uint64_t usable_mib;
    double fraction, system_memory_gb;
    System::Kind kind;
    friend bool operator==(const Kind&, const Kind&) = default;
  };
  struct JudgedKind {
    Kind kind;
    Verdict verdict;
  };

  bool tells_gpus_apart() const { return session_.runtime().can.tells_gpus_apart; }
  Backend driver_of(Backend usual) const;
  Verdict on_pool(TargetDevice device, Bytes usable, Bytes host);
  Judged& judged(Machine machine);
  Verdict judge(const Machine& machine);
  void finish(Judged& judged);

  const Catalog& catalog_;
  Session& session_;
  const Quantization& quantization_;
  Demand demand_;
  std::optional<Backend> backend_;
  std::vector<Quantization> quantizations_;
  BestQuantization best_;
  std::vector<Judged> judged_;
  std::vector<JudgedKind> kinds_;
};

// The machines that find_machine finds by name.
using vramcalc::machine_of;
Machine machine_of(const Catalog& catalog, const Gpu& gpu);
Machine machine_of(const Catalog& catalog, const System& system);

// The GPUs and the memory that the runtime uses of it.
Machine machine_under(const Session& session, Machine machine);

// What a judge says of such a machine.
Verdict verdict_of(Session& session, const Quantization& quantization, const Demand& demand,
                   const Machine& machine);
bool are_judged_alike(const Machine& a, const Machine& b);

// The facts of the catalog about it.
HardwareRow row_of(const Gpu& gpu);
HardwareRow row_of(const System& system);

}  // namespace vramcalc::report
