#include "catch.hpp"
#include "deployment/readings.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc::deployment;

namespace {

Reading read_one(const std::string& name, const std::string& text) {
  return read(
      {
          {name, text}
  },
      {});
}

}  // namespace

TEST_CASE("an input is what its content shows it to be") {
  CHECK(lines_of(read_one("stdin", "vllm serve a\n")) == std::vector<std::string>{"vllm: a"});
  CHECK(lines_of(read_one("stdin", "#!/bin/sh\r\nvllm serve a \\\r\n -tp 2\r\n")) ==
        std::vector<std::string>{"vllm: a -tp 2"});
  CHECK(lines_of(read_one("stdin", "[Unit]\n[Service]\nExecStart=/bin/vllm serve a\n")) ==
        std::vector<std::string>{"vllm: a"});
  CHECK(lines_of(read_one("stdin", "\xEF\xBB\xBFvllm serve a")) == std::vector<std::string>{"vllm: a"});
}

TEST_CASE("what is not rendered is named and not judged") {
  for (const std::string text :
       {"{% if gpu %}\nvllm serve a\n{% endif %}\n", "kind: Pod\nspec: {{ .Values.x }}\n",
        "{{- if .Values.x }}\nkind: Pod\n{{- end }}\n", "kind: Pod\nspec:\n<% if a %>\n  x: y\n"}) {
    CAPTURE(text);
    const Reading reading = read_one("chart/pod.yaml", text);
    REQUIRE(reading.launches.size() == 1);
    CHECK(reading.launches[0].name == "pod.yaml");
    CHECK(reading.launches[0].program.empty());
    REQUIRE(reading.launches[0].holes.size() == 1);
    CHECK(reading.launches[0].holes[0].name == "chart/pod.yaml");
  }
}

TEST_CASE("an input that starts nothing says so") {
  for (const std::string text : {"echo hello\n", "", "a: b\n", "--tensor-parallel-size=8\n"}) {
    CAPTURE(text);
    const Reading reading = read_one("x", text);
    CHECK(reading.launches.empty());
    REQUIRE(reading.findings.size() == 1);
    CHECK(reading.findings[0].code == "unresolved");
    CHECK(reading.findings[0].at == Position{"x", 0});
  }
}

TEST_CASE("a script may read another input") {
  const Reading reading = read(
      {
          {"run.sh",        "source ./common.sh\nvllm serve $M"},
          {"lib/common.sh", "M=a/b\n"                          }
  },
      {});
  CHECK(lines_of(reading) == std::vector<std::string>{"vllm: a/b"});
  const Reading settings = read(
      {
          {"run.sh", ". .env\nvllm serve $M"},
          {".env",   "M=a/b\n"              }
  },
      {});
  CHECK(lines_of(settings) == std::vector<std::string>{"vllm: a/b"});
}

TEST_CASE("what is no text is refused with its line") {
  for (const std::string& text : {std::string("a\n\xFF"), std::string("a\n\0b", 4), std::string("a\n\xC3"),
                                  std::string("a\n\xED\xA0\x80")})
    CHECK_THROWS_WITH(read_one("x", text), "x: line 2 is not text in UTF-8");
}
