#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "render/document/settings.hpp"
#include "render/document/words.hpp"
#include "render/html/model.hpp"

// What people ask about a model, answered in sentences from the report.
namespace vramcalc::render::html {
namespace {

using Device = PageFigures::Device;

class Answers {
 public:
  Answers(const OverviewReport& report, const Figures& figures)
      : report_(report),
        page_(*report.page),
        chosen_(chosen_of(report)),
        figures_(figures),
        name_(report.summary.model.name) {}

  std::vector<Answered> all() const {
    std::vector<Answered> list = {
        {fmt::format("How much memory does {} need?", name_), how_much()},
        {fmt::format("Can {} run locally?",           name_), locally() },
    };
    for (const std::string_view id : {"rtx-4090", "rtx-5090"}) add_device(list, id);
    list.push_back({fmt::format("Can a Mac run {}?", name_), on_a_mac()});
    list.push_back({"Which quantization should I use?", which()});
    list.push_back({"What does a longer context cost?", longer_context()});
    list.push_back({"How large is the download?", download()});
    std::erase_if(list, [](const Answered& each) { return each.answer.empty(); });
    return list;
  }

 private:
  std::uint64_t tokens() const { return asked_context(report_.settings); }
  std::string needs() const { return figures_.with_unit(chosen_.estimate.gpu_total().best); }
  bool holds(std::size_t i) const { return chosen_.on[i].verdict <= Verdict::fits; }

  std::string how_much() const {
    std::string text = fmt::format("In {}, it needs {} of GPU memory with a context of {} tokens",
                                   chosen_.quantization, needs(), grouped(tokens()));
    if (chosen_.full_context)
      text += fmt::format(", and {} with its full context of {} tokens",
                          figures_.with_unit(chosen_.full_context->gpu_total().best),
                          grouped(report_.summary.model.architecture.context_length));
    return text + fmt::format(". {} {} are recommended, for headroom.",
                              figures_.rounded(chosen_.estimate.recommended()), unit_name(figures_.units));
  }

  // The first that holds it and the number of all.
  struct Found {
    std::size_t count = 0, of = 0;
    const Device* smallest = nullptr;
  };
  template <class Is>
  Found find(const Is& is) const {
    Found found;
    for (std::size_t i = 0; i < page_.devices.size(); ++i) {
      const Device& device = page_.devices[i];
      if (!is(device)) continue;
      ++found.of;
      if (!holds(i)) continue;
      ++found.count;
      if (found.smallest == nullptr || device.usable < found.smallest->usable) found.smallest = &device;
    }
    return found;
  }

  static bool is_at_home(const Device& device) {
    constexpr std::array<std::string_view, 5> segments = {"consumer", "workstation", "laptop", "integrated",
                                                          "unified"};
    return std::ranges::find(segments, std::string_view(device.segment)) != segments.end();
  }

  std::string locally() const {
    const Found found = find(is_at_home);
    if (found.count == 0)
      return fmt::format("Not in {} on a single consumer GPU, workstation GPU or Mac of this list. {}",
                         chosen_.quantization, smallest_choice(is_at_home));
    if (found.count == 1)
      return fmt::format(
          "Yes, on one of the {} consumer and workstation GPUs, Macs and other computers of this list: the "
          "{} "
          "({} usable) holds it in {}.",
          grouped(found.of), short_name(found.smallest->name), figures_.with_unit(found.smallest->usable),
          chosen_.quantization);
    return fmt::format(
        "Yes. {} of the {} consumer and workstation GPUs, Macs and other computers of this list hold it "
        "in {}; the one with the least memory is the {} ({} usable).",
        grouped(found.count), grouped(found.of), chosen_.quantization, short_name(found.smallest->name),
        figures_.with_unit(found.smallest->usable));
  }

  std::string on_a_mac() const {
    const auto is_mac = [](const Device& device) { return device.is_system && device.vendor == "Apple"; };
    const Found found = find(is_mac);
    if (found.of == 0) return {};
    if (found.count == 0 && is_refused_on(is_mac))
      return fmt::format("Not with {}, which does not run it on Macs.", report_.settings.runtime);
    if (found.count == 0)
      return fmt::format("Not in {}: it needs {}, more than the GPU of any Mac of this list may use. {}",
                         chosen_.quantization, needs(), smallest_choice(is_mac));
    if (found.count == 1)
      return fmt::format("Yes, one: the GPU of the {} may use {}, and {} needs {}.",
                         short_name(found.smallest->name), figures_.with_unit(found.smallest->usable),
                         chosen_.quantization, needs());
    return fmt::format("Yes. In {} it fits on {} Macs of this list, from the {} up, whose GPU may use {}.",
                       chosen_.quantization,
                       found.count == found.of
                           ? fmt::format("all {}", grouped(found.of))
                           : fmt::format("{} of the {}", grouped(found.count), grouped(found.of)),
                       short_name(found.smallest->name), figures_.with_unit(found.smallest->usable));
  }

  template <class Is>
  bool is_refused_on(const Is& is) const {
    for (std::size_t i = 0; i < page_.devices.size(); ++i)
      if (is(page_.devices[i]) && is_refused(chosen_, i, page_)) return true;
    return false;
  }

  // The largest quantization that one of those devices holds.
  template <class Is>
  std::string smallest_choice(const Is& is) const {
    for (auto choice = page_.choices.rbegin(); choice != page_.choices.rend(); ++choice)
      for (std::size_t i = 0; i < page_.devices.size(); ++i)
        if (is(page_.devices[i]) && choice->on[i].verdict <= Verdict::fits)
          return fmt::format("The largest quantization that fits somewhere is {}, on the {}.",
                             choice->quantization, short_name(page_.devices[i].name));
    const PageFigures::Choice& smallest = page_.choices.front();
    return fmt::format("Even {} takes {}.", smallest.quantization,
                       figures_.with_unit(smallest.estimate.gpu_total().best));
  }

  void add_device(std::vector<Answered>& list, std::string_view id) const {
    const auto found = std::ranges::find(page_.devices, id, &Device::id);
    if (found == page_.devices.end()) return;
    const auto i = static_cast<std::size_t>(found - page_.devices.begin());
    list.push_back({fmt::format("Can an {} run {}?", short_name(found->name), name_), on_device(i)});
  }

  const PageFigures::Choice* best_on(std::size_t i) const {
    const PageFigures::Choice* best = nullptr;
    for (const PageFigures::Choice& choice : page_.choices)
      if (choice.on[i].verdict <= Verdict::fits) best = &choice;
    return best;
  }

  std::string on_device(std::size_t i) const {
    const Device& device = page_.devices[i];
    const PageFigures::Judgement& judgement = chosen_.on[i];
    const PageFigures::Choice* best = best_on(i);
    const std::string memory =
        fmt::format("a program can use {} of its memory", figures_.with_unit(device.usable));
    if (holds(i)) {
      std::string text = fmt::format("Yes{}: {}, and {} needs {}.",
                                     judgement.verdict == Verdict::great ? ", with room to spare" : "",
                                     memory, chosen_.quantization, needs());
      if (judgement.max_context)
        text += *judgement.max_context >= report_.summary.model.architecture.context_length
                    ? std::string(" Even the full context fits.")
                    : fmt::format(" The longest context that fits is {} tokens.",
                                  grouped(*judgement.max_context));
      if (judgement.decode) text += speed_on(judgement);
      if (best != nullptr && best != &chosen_)
        text += fmt::format(" The largest quantization that fits is {}.", best->quantization);
      return text;
    }
    if (is_refused(chosen_, i, page_))
      return fmt::format("Not with {}, which does not run it there.", report_.settings.runtime);
    if (judgement.verdict == Verdict::tight)
      return fmt::format("Perhaps: {}, and {} needs {} {}.", memory, chosen_.quantization,
                         figures_.range(chosen_.estimate.gpu_total()), unit_name(figures_.units));
    std::string text =
        fmt::format("Not entirely in {}: {}, and {} are needed.", chosen_.quantization, memory, needs());
    if (best != nullptr)
      return text + fmt::format(" {} fits, with {}.", best->quantization,
                                best->on[i].max_context
                                    ? fmt::format("up to {} tokens", grouped(*best->on[i].max_context))
                                    : std::string("a short context"));
    const PageFigures::Choice& smallest = page_.choices.front();
    return text + fmt::format(" Even the smallest quantization, {}, takes {}.", smallest.quantization,
                              figures_.with_unit(smallest.estimate.gpu_total().best));
  }

  static std::string speed_on(const PageFigures::Judgement& judgement) {
    return fmt::format(" It writes an estimated {} tokens per second ({}).",
                       speed_text(judgement.decode->tokens_per_second), to_string(judgement.decode->basis));
  }

  const QuantizationRow* row(std::string_view name) const {
    const auto found = std::ranges::find(report_.quantizations, name, &QuantizationRow::name);
    return found == report_.quantizations.end() ? nullptr : &*found;
  }

  std::string sized(std::string_view name) const {
    const QuantizationRow* found = row(name);
    return found == nullptr ? std::string(name)
                            : fmt::format("{} ({})", name, figures_.with_unit(found->at_context.best));
  }

  std::string which() const {
    if (report_.best.empty()) return {};
    std::string text = fmt::format("{} is the usual choice", sized(report_.best));
    const QuantizationRow* best = row(report_.best);
    if (best != nullptr && best->kld) text += fmt::format(", with a {} loss of quality", best->quality_class);
    text += '.';
    if (!report_.better.empty() && report_.better != report_.best)
      text += fmt::format(" With memory to spare, {} is closer to the original.", sized(report_.better));
    if (!report_.smallest.empty() && report_.smallest != report_.best)
      text += fmt::format(" The smallest is {}.", sized(report_.smallest));
    return text;
  }

  std::string longer_context() const {
    if (!chosen_.full_context || report_.kv_bytes_per_token == Bytes(0)) return {};
    const Bytes now = chosen_.estimate.gpu_total().best, full = chosen_.full_context->gpu_total().best;
    return fmt::format(
        "The KV cache grows by {} bytes per token. From {} tokens to the full {}, the need rises by {}, "
        "whatever the quantization.",
        grouped(report_.kv_bytes_per_token.count()), grouped(tokens()),
        grouped(report_.summary.model.architecture.context_length),
        figures_.with_unit(full > now ? full - now : Bytes(0)));
  }

  std::string download() const {
    const QuantizationRow* chosen = row(chosen_.quantization);
    if (chosen == nullptr) return {};
    const QuantizationRow* smallest = chosen;
    const QuantizationRow* largest = chosen;
    for (const QuantizationRow& each : report_.quantizations) {
      if (!each.refused.empty()) continue;
      if (each.file_bytes < smallest->file_bytes) smallest = &each;
      if (each.file_bytes > largest->file_bytes) largest = &each;
    }
    std::string text = fmt::format("{} {} in {}", figures_.file_size(chosen->file_bytes),
                                   unit_name(figures_.units), chosen->name);
    if (smallest != largest)
      text += fmt::format("; from {} ({}) to {} ({})", figures_.file_size(smallest->file_bytes),
                          smallest->name, figures_.file_size(largest->file_bytes), largest->name);
    return text + ".";
  }

  const OverviewReport& report_;
  const PageFigures& page_;
  const PageFigures::Choice& chosen_;
  const Figures& figures_;
  const std::string& name_;
};

}  // namespace

std::vector<Answered> questions(const OverviewReport& report, const Figures& figures) {
  return Answers(report, figures).all();
}

}  // namespace vramcalc::render::html
