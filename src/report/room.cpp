#include "report/report.hpp"

namespace vramcalc::report {
namespace {

// As if -np had been given; a cache that was asked to be shared stays so.
Question with_sequences(Question question, std::uint32_t sequences) {
  question.workload.parallel = sequences;
  return question;
}

}  // namespace

std::uint32_t most_sequences_of(const Catalog& catalog, const ModelSummary& summary, const Question& question,
                                const Estimator& estimator, const FileType& file_type, std::uint64_t tokens,
                                const Machine& machine, const Placement& asked) {
  const auto under = [&](std::uint32_t sequences) {
    const Question with = with_sequences(question, sequences);
    Estimator other = estimator.under(with.workload);
    add_companions(catalog, summary, with, other);
    return other;
  };
  return most_sequences(under, file_type, tokens, machine, asked);
}

}  // namespace vramcalc::report
