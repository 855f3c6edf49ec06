#include "render/html/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "render/document/overview.hpp"
#include "render/document/settings.hpp"
#include "render/document/words.hpp"

// The page of a model, in the reader's order: the answer, what the model is, its quantizations, what runs it,
// how the need grows, how the figure comes about, and questions.
namespace vramcalc::render::html {
namespace {

class Page {
 public:
  Page(const OverviewReport& report, const Style& style, const Links& links)
      : report_(report),
        links_(links),
        figures_(figures_of(report, style.units)),
        chosen_(chosen_of(report)),
        terms_(terms_of(report)),
        all_(style.all) {}

  std::string markup() const {
    std::string body = hero() + facts() + quantizations() + devices_section(report_, links_, figures_) +
                       chart_section(report_, figures_) + formula() + ggufs() + answers() + related();
    body += embedded_figures(report_, figures_);
    return page({title(), description(), navigation(links_), body, model_script()});
  }

 private:
  const Model& model() const { return report_.summary.model; }
  std::string asked() const { return grouped(asked_context(report_.settings)); }
  std::string whole() const { return grouped(model().architecture.context_length); }
  std::string need() const { return figures_(chosen_.estimate.gpu_total().best); }
  std::string full_need() const {
    return chosen_.full_context ? figures_(chosen_.full_context->gpu_total().best) : need();
  }
  std::string_view unit() const { return unit_name(figures_.units); }

  std::string title() const { return fmt::format("{}: how much GPU memory it needs", model().name); }
  std::string description() const {
    return fmt::format(
        "{} needs {} {} of GPU memory in {} at {} tokens. Which GPUs and Macs run it, and why.", model().name,
        need(), unit(), chosen_.quantization, asked());
  }

  // ---- the answer

  std::string by() const {
    std::string text = escaped(model().publisher);
    if (!model().family.empty())
      text += (text.empty() ? "" : " · ") + links_.family(model().family, model().family);
    return text.empty() ? "" : "<p class=\"by\">" + text + "</p>\n";
  }

  std::string big(std::string_view style, std::string_view show, const std::string& figure,
                  const std::string& of) const {
    return fmt::format(
        "<div><span class=\"big{}\"><span data-show=\"{}\">{}</span><small>{}</small></span><span "
        "class=\"of\">{}</span></div>\n",
        style, show, figure, unit(), of);
  }

  // Which terms get the four colours: the largest share one each, the rest the last.
  static std::size_t part_of(std::size_t term) { return std::min<std::size_t>(term, 3) + 1; }

  std::string stack() const {
    std::string parts, keys;
    const double total =
        static_cast<double>(std::max<std::uint64_t>(chosen_.estimate.gpu_total().best.count(), 1));
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const Amount amount = chosen_.estimate.gpu_term(terms_[i]);
      parts += fmt::format("<i class=\"part{}\" data-term=\"{}\" style=\"width:{:.2f}%\"></i>", part_of(i), i,
                           100 * static_cast<double>(amount.best.count()) / total);
      keys += fmt::format("<li><i class=\"part{}\"></i>{} <b data-show=\"term{}\">{}</b></li>\n", part_of(i),
                          term_title(terms_[i]), i, figures_.range(amount));
    }
    return fmt::format(
        "<div class=\"stack\" aria-hidden=\"true\">{}</div>\n<ul class=\"keys\" aria-label=\"Parts in "
        "{}\">\n{}</ul>\n",
        parts, unit(), keys);
  }

  std::string asked_hardware() const {
    if (!report_.asked_hardware) return {};
    const HardwareRow& row = *report_.asked_hardware;
    const VerdictWords& words = words_for(row.verdict);
    std::string text = fmt::format("<p class=\"headline\">{} ({}): <span class=\"{}\">{}</span>",
                                   escaped(row.name), figures_.with_unit(row.usable), words.id, words.title);
    if (row.max_context) text += fmt::format(", up to {} tokens", grouped(*row.max_context));
    return text + "</p>\n";
  }

  std::string hero() const {
    std::string out =
        "<header class=\"hero\">\n" + by() + fmt::format("<h1>{}</h1>\n", escaped(model().name));
    const std::string name = fmt::format("<b data-show=\"name\">{}</b>", escaped(chosen_.quantization));
    out += "<div class=\"answer\">\n" +
           big("", "need", need(), fmt::format("of GPU memory in {} at {} tokens", name, asked()));
    if (report_.full_context)
      out += big(" then", "full", full_need(), fmt::format("with the full context of {} tokens", whole()));
    out += big(" then", "recommended", figures_.rounded(chosen_.estimate.recommended()),
               "recommended, with headroom");
    out += "</div>\n" + stack() + asked_hardware() + quick_answers(report_);
    for (const std::string& warning : report_.warnings)
      out += "<p class=\"warning\">" + escaped(warning) + "</p>\n";
    return out + "</header>\n";
  }

  // ---- what the model is

  static void add_fact(std::string& to, std::string_view name, const std::string& markup) {
    if (!markup.empty()) to += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, markup);
  }

  std::string parameters() const {
    const Parameters& counts = report_.summary.parameters;
    const std::string all = parameters_text(counts.trunk + counts.towers),
                      active = parameters_text(counts.active);
    return counts.active != 0 && active != all ? fmt::format("{}, {} active", all, active) : all;
  }

  std::string repository() const {
    if (model().hf_repo.empty()) return {};
    return fmt::format("<a href=\"https://huggingface.co/{0}\" rel=\"noopener\">{0}</a>",
                       escaped(model().hf_repo));
  }

  std::string facts() const {
    const Architecture& shape = model().architecture;
    std::string rows;
    add_fact(rows, "Parameters", parameters());
    add_fact(rows, "Context", whole() + " tokens");
    add_fact(rows, "KV cache",
             report_.kv_bytes_per_token == Bytes(0)
                 ? "none that grows"
                 : grouped(report_.kv_bytes_per_token.count()) + " bytes per token");
    add_fact(
        rows, "Layers",
        grouped(static_cast<std::uint64_t>(std::ranges::count(shape.blocks, false, &vramcalc::Block::mtp))));
    add_fact(rows, "Vocabulary", shape.vocab_size == 0 ? "" : grouped(shape.vocab_size));
    add_fact(rows, "Architecture", escaped(model().architecture_class));
    add_fact(rows, "Released", escaped(model().release_date));
    add_fact(rows, "License", escaped(model().license));
    add_fact(rows, "Weights", repository());
    add_fact(rows, "Calculated for", escaped(settings_text(report_.settings)));
    return "<section aria-labelledby=\"facts\">\n<h2 id=\"facts\" class=\"vh\">Specifications</h2>\n<dl "
           "class=\"facts\">\n" +
           rows + "</dl>\n</section>\n";
  }

  // ---- quantizations

  const QuantizationRow& row_of(const PageFigures::Choice& choice) const {
    return *std::ranges::find(report_.quantizations, choice.quantization, &QuantizationRow::name);
  }

  bool has_losses() const {
    return std::ranges::any_of(report_.quantizations,
                               [](const QuantizationRow& row) { return row.kld.has_value(); });
  }

  std::string quantization(std::size_t i) const {
    const PageFigures::Choice& choice = report_.page->choices[i];
    const QuantizationRow& row = row_of(choice);
    const bool is_chosen = &choice == &chosen_;
    const auto figure = [](const std::string& text, double sort, std::string_view more = "") {
      return fmt::format("<td class=\"figure{}\" data-sort=\"{}\">{}</td>", more, sort, text);
    };
    const auto bytes = [](Bytes each) { return static_cast<double>(each.count()); };
    std::string out = fmt::format(
        "<tr data-choice=\"{0}\"{1}><th scope=\"row\"><label><input type=\"radio\" name=\"quantization\" "
        "value=\"{0}\"{2}>{3}{4}</label></th>",
        i, is_chosen ? " class=\"chosen\"" : "", is_chosen ? " checked" : "", escaped(choice.quantization),
        row.recommended ? " <span class=\"tag\">usual</span>" : "");
    out += figure(decimal(row.bits_per_weight, 2), row.bits_per_weight, " hide-narrow");
    out += figure(figures_(row.at_context.best), bytes(row.at_context.best));
    if (report_.full_context) {
      const Bytes full = row.at_full_context.value_or(row.at_context).best;
      out += figure(figures_(full), bytes(full));
    }
    out += figure(figures_.file_size(row.file_bytes), bytes(row.file_bytes));
    if (has_losses()) out += figure(kld_text(row.kld), row.kld.value_or(0));
    return out + fmt::format("<td class=\"hide-narrow\">{}</td></tr>\n", escaped(row.quality));
  }

  std::string quantizations() const {
    std::string head =
        "<th scope=\"col\">Quantization</th><th scope=\"col\" class=\"figure hide-narrow\">bits</th>";
    const auto column = [&](const std::string& title) {
      head += fmt::format("<th scope=\"col\" class=\"figure\">{}</th>", title);
    };
    column("at " + context_label(asked_context(report_.settings)));
    if (report_.full_context) column("at " + context_label(model().architecture.context_length));
    column("file");
    if (has_losses()) column("KLD");
    head += "<th scope=\"col\" class=\"hide-narrow\">quality</th>";
    std::string rows;
    for (std::size_t i = 0; i < report_.page->choices.size(); ++i) rows += quantization(i);
    return fmt::format(
        "<section aria-labelledby=\"which\">\n<h2 id=\"which\">Quantizations</h2>\n<p class=\"lead "
        "needs-js\">Choose one: the "
        "figures above and all that follows are then for it.</p>\n<p class=\"legend\">In {}; bits per "
        "weight; memory at {} tokens{}; size of the file{}.</p>\n<div class=\"scroll\" tabindex=\"0\" "
        "role=\"group\" aria-labelledby=\"which\"><table id=\"quantizations\" class=\"choose\">"
        "<caption class=\"vh\">Quantizations by size</caption>\n"
        "<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n</section>\n",
        unit(), asked(), report_.full_context ? " and at the full " + whole() : "",
        has_losses() ? "; KLD is the divergence from the FP16 output, measured on Llama 3 8B" : "", head,
        rows);
  }

  // ---- the formula

  std::string sum() const {
    std::string text;
    for (std::size_t i = 0; i < terms_.size(); ++i)
      text +=
          fmt::format("{}<span>{} <b style=\"border-color:var(--part{})\" data-show=\"term{}\">{}</b></span>",
                      i == 0 ? "" : " + ", term_title(terms_[i]), part_of(i), i,
                      figures_.range(chosen_.estimate.gpu_term(terms_[i])));
    return fmt::format(
        "<p class=\"formula\">{} = <span class=\"sum\"><span data-show=\"need\">{}</span> {}</span></p>\n",
        text, need(), unit());
  }

  std::string reason(TermKind kind) const {
    for (const PlaceEstimate& place : report_.estimate.places)
      for (const Term& term : place.terms)
        if (!place.place.is_host() && term.kind == kind && !term.why.empty()) return term.why;
    return std::string(meaning(kind));
  }

  std::string term_row(std::size_t i) const {
    const TermKind kind = terms_[i];
    std::string out =
        fmt::format("<tr><th scope=\"row\">{}</th><td class=\"figure\" data-show=\"term{}\">{}</td>",
                    term_title(kind), i, figures_.range(chosen_.estimate.gpu_term(kind)));
    if (chosen_.full_context)
      out += fmt::format("<td class=\"figure\" data-show=\"fullterm{}\">{}</td>", i,
                         figures_.range(chosen_.full_context->gpu_term(kind)));
    return out + fmt::format("<td class=\"note\">{}</td></tr>\n", escaped(reason(kind)));
  }

  std::string formula() const {
    std::string rows;
    for (std::size_t i = 0; i < terms_.size(); ++i) rows += term_row(i);
    std::string head =
        fmt::format("<th scope=\"col\">Term</th><th scope=\"col\" class=\"figure\">at {}</th>", asked());
    std::string last = fmt::format(
        "<tr><th scope=\"row\"><strong>needed</strong></th><td class=\"figure\"><strong "
        "data-show=\"need\">{}</strong></td>",
        need());
    if (report_.full_context) {
      head += fmt::format("<th scope=\"col\" class=\"figure\">at {}</th>", whole());
      last += fmt::format("<td class=\"figure\"><strong data-show=\"full\">{}</strong></td>", full_need());
    }
    return fmt::format(
        "<section aria-labelledby=\"formula\">\n<h2 id=\"formula\">How the figure comes about</h2>\n{}"
        "<p class=\"legend\">In {}, for <span data-show=\"name\">{}</span>; two figures are the bounds of "
        "what "
        "cannot be known exactly. The explanations are of {}.</p>\n<div "
        "class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"formula\">"
        "<table class=\"terms\"><caption class=\"vh\">The terms of the sum</caption>\n<thead><tr>{}<th "
        "scope=\"col\">how</th></tr></thead>\n<tbody>\n{}{}<td class=\"note\">the "
        "sum</td></tr>\n</tbody></table></div>\n{}</section>\n",
        sum(), unit(), escaped(chosen_.quantization), escaped(chosen_.quantization), head, rows, last,
        rule_of_thumb());
  }

  std::string rule_of_thumb() const {
    if (!report_.rule_of_thumb || !report_.rule_of_thumb->differs) return {};
    const RuleOfThumb& rule = *report_.rule_of_thumb;
    std::string text =
        fmt::format("The rule of thumb of model cards says {}", figures_.with_unit(rule.at_context.best));
    if (rule.at_full_context)
      text += fmt::format(", and {} at full context", figures_.with_unit(rule.at_full_context->best));
    if (!rule.why.empty()) text += ": " + rule.why;
    return "<p class=\"muted\">" + escaped(text) + ".</p>\n";
  }

  std::string ggufs() const {
    return report_.gguf_quantizations.empty() ? "" : markup_of(gguf_table(report_, figures_, all_), 2);
  }

  // ---- questions

  std::string answers() const {
    std::string out =
        "<section class=\"qa\" aria-labelledby=\"questions\">\n<h2 id=\"questions\">Questions</h2>\n<div "
        "class=\"all\">\n";
    for (const Answered& each : questions(report_, figures_))
      out += fmt::format("<div><h3>{}</h3>\n<p>{}</p></div>\n", escaped(each.question), escaped(each.answer));
    return out + fmt::format("</div>\n<p class=\"legend\">Answers are for {}.</p>\n</section>\n",
                             escaped(chosen_.quantization));
  }

  std::string related() const {
    if (report_.related.empty()) return {};
    std::string items;
    for (const RelatedModel& each : report_.related)
      items += fmt::format("<li>{} <small>{}</small></li>\n", links_.model(each.id, each.name),
                           parameters_text(each.parameters));
    return "<section aria-labelledby=\"related\">\n<h2 id=\"related\">Related models</h2>\n<ul "
           "class=\"list\">\n" +
           items + "</ul>\n</section>\n";
  }

  const OverviewReport& report_;
  const Links& links_;
  Figures figures_;
  const PageFigures::Choice& chosen_;
  std::vector<TermKind> terms_;
  bool all_;
};

}  // namespace

const PageFigures::Choice& chosen_of(const OverviewReport& report) {
  const auto& choices = report.page->choices;
  const auto found =
      std::ranges::find(choices, report.settings.quantization, &PageFigures::Choice::quantization);
  return found == choices.end() ? choices.front() : *found;
}

Figures figures_of(const OverviewReport& report, Units units) {
  return {units, decimals_for(report.estimate.gpu_total().best, units), report.settings.rounds_to};
}

std::vector<TermKind> terms_of(const OverviewReport& report) {
  std::vector<TermKind> terms;
  const auto has = [&](TermKind kind) {
    return std::ranges::any_of(report.page->choices, [&](const PageFigures::Choice& choice) {
      return choice.estimate.gpu_term(kind).high > Bytes(0) ||
             (choice.full_context && choice.full_context->gpu_term(kind).high > Bytes(0));
    });
  };
  std::ranges::copy_if(all_term_kinds, std::back_inserter(terms), has);
  return terms;
}

std::string model_page(const OverviewReport& report, const Style& style, const Links& links) {
  return Page(report, style, links).markup();
}

}  // namespace vramcalc::render::html
