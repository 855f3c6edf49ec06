#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "render/render.hpp"
#include "render/sample.hpp"
#include "render/text.hpp"

using namespace vramcalc;

namespace {

render::Style style_of(int columns) {
  render::Style style;
  style.columns = columns;
  return style;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::vector<Report> all_reports() {
  return {sample::deepseek(), sample::small(),  sample::check(),         sample::gpus(),
          sample::systems(),  sample::models(), sample::quantizations(), sample::error()};
}

std::vector<std::size_t> places(const std::string& text, const std::vector<std::string_view>& parts) {
  std::vector<std::size_t> at;
  for (const std::string_view part : parts) {
    CAPTURE(std::string(part));
    REQUIRE(contains(text, part));
    at.push_back(text.find(part));
  }
  return at;
}

}  // namespace

TEST_CASE("every report stays within the terminal, without spaces at line ends") {
  for (const int columns : {60, 80, 120, 200}) {
    for (const Report& report : all_reports()) {
      for (const std::string& line : lines_of(render::table(report, style_of(columns)))) {
        CAPTURE(columns, line);
        CHECK((render::width(line) <= static_cast<std::size_t>(columns) ||
               std::holds_alternative<ErrorReport>(report)));
        CHECK((line.empty() || line.back() != ' '));
      }
    }
  }
}

TEST_CASE("the overview answers first, then gives the details in the order of a model page") {
  const std::string text = render::table(sample::deepseek(), style_of(80));
  const auto at =
      places(text, {"DeepSeek-R1 · DeepSeek · 671.0B parameters, 37.6B active", "Q4_K_M needs 404.9 GB",
                    "Where it runs", "Quantization   bits", "rule of thumb of model cards says 414.6 GB",
                    "term by term", "GPUs at Q4_K_M", "Systems and Macs at Q4_K_M", "best Q4_K_M",
                    "download 404.44 GB as Q4_K_M", "related: deepseek-v3"});
  CHECK(std::is_sorted(at.begin(), at.end()));
}

TEST_CASE("the memory needed and where it runs are on the first screen") {
  for (const int columns : {60, 80}) {
    const std::vector<std::string> lines = lines_of(render::table(sample::deepseek(), style_of(columns)));
    std::string screen;
    for (std::size_t i = 0; i < 23; ++i) screen += lines[i] + '\n';
    for (const char* part :
         {"404.9 GB", "163,840", "weights 403.9", "KV cache 0.1", "runtime 0.3..0.6", "adds 11.5 GB",
          "70,272", "527 GB", "DGX H200", "Mac Studio M3 Ultra", "every single GPU", "llama.cpp 0.5.0"}) {
      CAPTURE(columns, part);
      CHECK(contains(screen, part));
    }
  }
}

TEST_CASE("no figure of the overview is lost on a narrow terminal") {
  const std::string narrow = render::table(sample::deepseek(), style_of(60));
  for (const char* figure :
       {"404.9", "416.4", "1,342.1", "1,353.6", "1,341.60", "0.031", "1,170.3", "309.2", "163,840"}) {
    CAPTURE(figure);
    CHECK(contains(narrow, figure));
  }
}

TEST_CASE("bars appear with the width, and their solid part is the requested context") {
  CHECK_FALSE(contains(render::table(sample::deepseek(), style_of(70)), "█"));
  CHECK(contains(render::table(sample::deepseek(), style_of(100)), "███"));
  OverviewReport report = sample::deepseek();
  for (QuantizationRow& row : report.quantizations) row.at_full_context = row.at_context + row.at_context;
  render::Style style = style_of(100);
  CHECK(contains(render::table(report, style), "████████████░░░░░░░░░░░░"));
  style.unicode = false;
  CHECK(contains(render::table(report, style), "############............"));
}

TEST_CASE("the table of quantizations shows the usual rows, all on request, and why one is missing") {
  render::Style style = style_of(80);
  const std::string usual = render::table(sample::deepseek(), style);
  CHECK_FALSE(contains(usual, "  IQ1_S   "));
  CHECK(contains(usual, "* Q4_K_M         4.82     404.9       416.4    404.40  0.031  small\n"));
  CHECK(contains(usual, "no Q2_K_S: Q2_K_S cannot be made without an importance matrix\n"));
  CHECK(contains(usual, "--all"));
  style.all = true;
  CHECK(contains(render::table(sample::deepseek(), style), "  IQ1_S "));
  CHECK(contains(render::table(sample::small(), style), "> IQ2_XXS"));
}

TEST_CASE("a dozen devices of each verdict, and the rest counted") {
  render::Style style = style_of(80);
  const std::string usual = render::table(sample::small(), style);
  CHECK(contains(usual, "Card 12 "));
  CHECK_FALSE(contains(usual, "Card 13 "));
  CHECK(contains(usual, "and 8 more (--all)"));
  CHECK(contains(usual, "GPUs at Q4_K_M and 1,024 tokens: 20 great and 1 tight\n"));
  style.all = true;
  CHECK(contains(render::table(sample::small(), style), "Card 20 "));
}

TEST_CASE("hardware without a row is counted") {
  OverviewReport report = sample::small();
  report.gpus.unlisted[static_cast<std::size_t>(Verdict::great)] = 100;
  report.gpus.unlisted[static_cast<std::size_t>(Verdict::no)] = 7;
  const std::string text = render::table(report, style_of(100));
  CHECK(contains(text, "GPUs at Q4_K_M and 1,024 tokens: 120 great, 1 tight and 7 no\n"));
  CHECK(contains(text, "and 108 more (--all)"));
}

TEST_CASE("the requested hardware has its own line, and warnings are shown") {
  const std::string text = render::table(sample::small(), style_of(100));
  CHECK(contains(text,
                 "NVIDIA GeForce GT 1030 (2.00 GB): tight, up to 128 tokens; the best that fits is Q2_K\n"));
  CHECK(contains(text, "warning: 1024 tokens are beyond the 512"));

  OverviewReport report = sample::deepseek();
  report.asked_hardware = report.gpus.rows[0];
  CHECK(contains(
      render::table(report, style_of(100)),
      "NVIDIA GeForce RTX 4090 (25.2 GB): no; even IQ1_S takes 133.7 GB; 17 such GPUs would hold it\n"));
}

TEST_CASE("a model from a file or repository shows what is stored there") {
  OverviewReport report = sample::deepseek();
  Tensor tensor;
  tensor.shape = {7168, 129'280};
  report.summary.stored = StoredWeights{
      {tensor,            tensor           },
      {ElementType::q4_K, ElementType::q6_K},
      Bytes(1'281'318'912),
      Bytes(404'900'000'000),
      "Q4_K_M",
      {"a",               "b"              }
  };
  CHECK(contains(render::table(report, style_of(80)),
                 "GGUF Q4_K_M · 404.90 GB in 2 files · 2 tensors · q6_K 0.76, q4_K 0.52\n"));
  report.summary.stored->file_type.clear();
  CHECK(contains(render::table(report, style_of(80)), "\nGGUF · 404.90 GB"));
  report.summary.stored.reset();
  report.summary.checkpoint = StoredCheckpoint{
      {                                   },
      {{"F8_E4M3", 8, Bytes(8'000'000'000)}, {"BF16", 1, Bytes(2'000'000'000)}},
      9'000'000'000,
      Bytes(10'000'000'000),
      Bytes(10'000'000'000),
      {"model.safetensors"                                   }
  };
  CHECK(contains(render::table(report, style_of(80)),
                 "safetensors · 10.00 GB · 9.0B elements · F8_E4M3 8.00, BF16 2.00\n"));
}

TEST_CASE("colour adds escape sequences but no width, and without it there are none") {
  for (const Report& report : all_reports()) {
    render::Style style = style_of(80);
    const std::vector<std::string> plain = lines_of(render::table(report, style));
    style.colour = true;
    const std::vector<std::string> coloured = lines_of(render::table(report, style));
    REQUIRE(plain.size() == coloured.size());
    for (std::size_t i = 0; i < plain.size(); ++i) {
      CAPTURE(plain[i]);
      CHECK_FALSE(contains(plain[i], "\033"));
      CHECK(render::width(plain[i]) == render::width(coloured[i]));
    }
  }
}

TEST_CASE("a short terminal gets the answer repeated at the end") {
  render::Style style = style_of(80);
  style.rows = 24;
  const std::string text = render::table(sample::deepseek(), style);
  const std::vector<std::string> lines = lines_of(text);
  CHECK(lines[lines.size() - 2] ==
        "DeepSeek-R1: Q4_K_M needs 404.9 GB at 2,048 tokens, 416.4 GB at the full 163,840");
  CHECK(lines.back() == "  runs on DGX H200 1128GB, DGX H100 640GB and Mac Studio M3 Ultra 512GB");
  style.rows = 200;
  CHECK_FALSE(contains(render::table(sample::deepseek(), style), "runs on"));
}

TEST_CASE("the check begins with the verdict") {
  const std::string text = render::table(sample::check(), style_of(80));
  CHECK(lines_of(text)[0] == "no: DeepSeek-R1 Q4_K_M at 163,840 tokens on 2x NVIDIA GeForce RTX 4090");
  for (const char* part :
       {"416.4", "50.4", "-366.0", "no context fits", "9 of these would hold it", "one pool"}) {
    CAPTURE(part);
    CHECK(contains(text, part));
  }
  CheckReport fits = sample::check();
  fits.max_context = 32'768;
  CHECK(contains(render::table(fits, style_of(80)), "largest context that fits: 32,768\n"));
  fits.max_context = 163'840;
  CHECK(contains(render::table(fits, style_of(80)),
                 "largest context that fits: 163,840, the model's full context\n"));
}

TEST_CASE("the check says how fast a load is that may fit") {
  const auto lines = [](const CheckReport& report) { return lines_of(render::table(report, style_of(100))); };
  CHECK(contains(lines(sample::check())[1], "weights"));
  CheckReport report = sample::check();
  report.verdict = Verdict::fits;
  CHECK(lines(report)[1] ==
        "  speed: 5.1..17 tokens/s for one sequence, prompts 1,400..3,100 · measured on this card");
  report.verdict = Verdict::tight;
  report.speed.prefill->basis = SpeedBasis::rule;
  CHECK(lines(report)[1] ==
        "  speed: 5.1..17 tokens/s for one sequence, measured on this card · prompts 1,400..3,100 · by rule");
  report.speed.prefill.reset();
  CHECK(lines(report)[1] == "  speed: 5.1..17 tokens/s for one sequence · measured on this card");
  report.speed.decode.reset();
  CHECK(contains(lines(report)[1], "weights"));
}

TEST_CASE("the check says how fast the runtime's own choice is, with parts in host memory") {
  CheckReport report = sample::check();
  OwnChoice& own = report.own_choice.emplace();
  own.context = 4096;
  own.layers.on_gpus = 30;
  own.layers.all = 62;
  own.layers.whole = false;
  own.speed.emplace();
  own.speed->decode = SpeedEstimate{
      {2.3, 7.1},
      SpeedBasis::rule
  };
  CHECK(contains(render::table(report, style_of(120)),
                 "its own fit would keep 30 of 62 layers on the GPU, about 2.3..7.1 tokens/s (-fit off"));
  own.speed->decode.reset();
  CHECK(contains(render::table(report, style_of(120)),
                 "its own fit would keep 30 of 62 layers on the GPU (-fit off"));
}

TEST_CASE("hardware that holds a model has its speed, the first figure that a narrow terminal loses") {
  const auto text = [](int columns) { return render::table(sample::deepseek(), style_of(columns)); };
  for (const int columns : {80, 100, 200}) {
    CAPTURE(columns);
    CHECK(contains(text(columns), "tokens/s"));
    CHECK(contains(text(columns), "  21..36"));
    CHECK(contains(text(columns), " 9.7..25"));
  }
  CHECK_FALSE(contains(text(50), "21..36"));
  CHECK(contains(text(50), "1,170.3"));
  CHECK_FALSE(contains(render::table(sample::small(), style_of(100)), "tokens/s"));  // none is known
}

TEST_CASE("models are compared by speed where one is known") {
  const std::string text = render::table(sample::compare(), style_of(100));
  CHECK(contains(text, "Estimated tokens per second of one sequence\n"));
  CHECK(contains(text, "deepseek-r1    Q4_K_M            -                    9.6..21\n"));
  CHECK(contains(text, "  mac-studio-m3-ultra-512gb: measured on its generation\n"));
  CompareReport unknown = sample::compare();
  for (CompareReport::Row& row : unknown.rows)
    for (CompareReport::Fit& fit : row.fits) fit.decode.reset();
  CHECK_FALSE(contains(render::table(unknown, style_of(100)), "tokens per second"));
}

TEST_CASE("options of the runtime that are not defaults are shown") {
  CheckReport report = sample::check();
  CHECK(contains(render::table(report, style_of(100)), "\n  llama.cpp 0.5.0\n"));
  report.settings.unusual = {"2 slots, a cache each", "cache q8_0/f16", "flash attention",
                             "KV cache in host memory"};
  CHECK(contains(render::table(report, style_of(140)),
                 "  llama.cpp 0.5.0 · 2 slots, a cache each · cache q8_0/f16 · flash attention · KV cache in "
                 "host memory\n"));
}

TEST_CASE("lists in a pipe are not cut, so that grep finds whole names") {
  GpuListing listing = sample::gpus();
  const std::string name(150, 'x');
  listing.rows[0].name = name;
  CHECK(contains(render::table(listing, style_of(0)), name));
  CHECK_FALSE(contains(render::table(listing, style_of(80)), name));
  CHECK(render::table(GpuListing{}, style_of(80)) == "nothing found\n");
  CHECK(contains(render::table(sample::models(), style_of(80)), "no figures: its config is not published"));
}
