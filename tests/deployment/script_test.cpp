#include <span>

#include "catch.hpp"
#include "deployment/readings.hpp"

using namespace vramcalc::deployment;

namespace {

struct Row {
  std::string_view script;
  std::string_view line;  // the one launch; holes as ⟨name⟩
};

void check(std::span<const Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.script);
    const auto lines = started(std::string(row.script));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] == row.line);
  }
}

std::vector<std::vector<std::size_t>> sets(const std::string& script) {
  const Reading reading = read_script(script);
  return reading.together.empty() ? std::vector<std::vector<std::size_t>>() : reading.together[0].sets;
}

}  // namespace

TEST_CASE("variables of a script have the values that it gives them") {
  static constexpr std::array rows = {
      Row{"M=a/b\nvllm serve $M",                                         "vllm: a/b"                        },
      Row{"M=a; M=$M/b; vllm serve \"${M}\"",                             "vllm: a/b"                        },
      Row{"export M=a/b\nvllm serve $M",                                  "vllm: a/b"                        },
      Row{"readonly M='a/b'\nvllm serve $M",                              "vllm: a/b"                        },
      Row{"M=${M:-a/b}\nvllm serve $M",                                   "vllm: a/b"                        },
      Row{": \"${M:=a/b}\"\nvllm serve $M",                               "vllm: a/b"                        },
      Row{"vllm serve a/b ${X:+--foo}",                                   "vllm: a/b"                        },
      Row{"X=1; vllm serve a/b ${X:+--foo $X}",                           "vllm: a/b --foo 1"                },
      Row{"A='-tp 2'\nvllm serve a/b $A",                                 "vllm: a/b -tp 2"                  },
      Row{"A='-tp 2'\nvllm serve a/b \"$A\"",                             "vllm: a/b -tp 2"                  },
      Row{"A=\nvllm serve a/b $A",                                        "vllm: a/b"                        },
      Row{"A=(-tp 2); A+=(--port \"80 80\")\nvllm serve a/b \"${A[@]}\"", "vllm: a/b -tp 2 --port 80 80"     },
      Row{"A=()\nvllm serve a/b \"${A[@]}\"",                             "vllm: a/b"                        },
      Row{"A=(vllm serve a/b); exec \"${A[@]}\"",                         "vllm: a/b"                        },
      Row{"C='vllm serve a/b'\n$C --port 1",                              "vllm: a/b --port 1"               },
      Row{"C='vllm serve a/b'\neval \"$C --port 1\"",                     "vllm: a/b --port 1"               },
      Row{"N=2; vllm serve a/b -tp $((N * 2))",                           "vllm: a/b -tp 4"                  },
      Row{"M=/models/x.gguf; llama-server -m x --alias ${M##*/}",         "llama-server: -m x --alias x.gguf"},
      Row{"M=x.gguf; llama-server -m ${M%.gguf}-q4.gguf",                 "llama-server: -m x-q4.gguf"       },
      Row{"M=a\\\n/b; vllm serve $M",                                     "vllm: a/b"                        },
      Row{"vllm serve a/b `# why` --port 1",                              "vllm: a/b --port 1"               },
      Row{"vllm serve a/b --opt '$M'",                                    "vllm: a/b --opt $M"               },
      Row{"B=$(which llama-server); $B -m x.gguf",                        "llama-server: -m x.gguf"          },
  };
  check(rows);
}

TEST_CASE("what a script leaves open is named and keeps its spelling") {
  static constexpr std::array rows = {
      Row{"vllm serve $M",                                                   "vllm: $M⟨M⟩"                               },
      Row{"vllm serve \"${M}\" --port 1",                                    "vllm: ${M}⟨M⟩ --port 1"                    },
      Row{"vllm serve a/$M-x",                                               "vllm: a/$M-x⟨M⟩"                           },
      Row{"M=$N\nvllm serve $M",                                             "vllm: $N⟨N⟩"                               },
      Row{"vllm serve $1",                                                   "vllm: $1⟨$1⟩"                              },
      Row{"vllm serve $(pick one)",                                          "vllm: $(pick one)⟨$(pick one)⟩"            },
      Row{"vllm serve `pick one`",                                           "vllm: $(pick one)⟨$(pick one)⟩"            },
      Row{"read M\nvllm serve $M",                                           "vllm: ${M}⟨M⟩"                             },
      Row{"M=a\nsource .env\nvllm serve $M",                                 "vllm: ${M}⟨M⟩"                             },
      Row{"source .env\nvllm serve ${M:-a/b}",                               "vllm: ${M}⟨M⟩"                             },
      Row{"export $(grep -v '^#' .env)\nvllm serve ${M:-a}",                 "vllm: ${M}⟨M⟩"                             },
      Row{"source venv/bin/activate\nvllm serve ${M:-a}",                    "vllm: a"                                       },
      Row{"if up; then M=a; else M=b; fi\nvllm serve $M",                    "vllm: ${M}⟨M⟩"                             },
      Row{"M=a; up && M=b\nvllm serve $M",                                   "vllm: ${M}⟨M⟩"                             },
      Row{"if up; then M=a; else M=a; fi\nvllm serve $M",                    "vllm: a"                                       },
      Row{"A=(-tp 2)\nif up; then A+=(-pp 2); fi\nvllm serve a \"${A[@]}\"", "vllm: a -tp 2 ${A[@]}⟨A⟩"                  },
      Row{"A='-tp 2'\nif up; then A=\"$A -pp 2\"; fi\nvllm serve a $A",      "vllm: a -tp 2 ${A}⟨A⟩"                     },
      Row{"for ((i=0; i<2; i++)); do vllm serve a --port $i; done",          "vllm: a --port ${i}⟨i⟩"                    },
      Row{"vllm serve a --max-model-len <tokens> # so",                      "vllm: a --max-model-len <tokens>⟨<tokens>⟩"},
      Row{"vllm serve {{ model }} -tp 2",                                    "vllm: {{ model }}⟨{{ model }}⟩ -tp 2"      },
      Row{"\"$BIN\" -m x.gguf",                                              ": -m x.gguf ⟨BIN⟩"                         },
      Row{"$DIR/llama-server -m x.gguf",                                     "llama-server: -m x.gguf"                       },
  };
  check(rows);
}

TEST_CASE("a hole says why and what supplies it") {
  const Reading reading = read_script("X=$(ask)\nvllm serve $M --port $X $2");
  REQUIRE(reading.launches.size() == 1);
  const auto& words = reading.launches[0].arguments;
  REQUIRE(words.size() == 4);
  CHECK(words[0].holes[0] == Hole{"M", "has no value here", "--set M=VALUE"});
  CHECK(words[2].holes[0] == Hole{"$(ask)", "is the output of a command", "--set X=VALUE"});
  CHECK(words[3].holes[0] == Hole{"$2", "is an argument that the script's caller gives", "--set 2=VALUE"});
}

TEST_CASE("what is supplied fills what a script leaves open and nothing else") {
  CHECK(started("vllm serve $M", with("M", "a/b")) == std::vector<std::string>{"vllm: a/b"});
  CHECK(started("M=${M:-x}; vllm serve $M", with("M", "a/b")) == std::vector<std::string>{"vllm: a/b"});
  CHECK(started("M=x; vllm serve $M", with("M", "a/b")) == std::vector<std::string>{"vllm: x"});
  CHECK(started("M=$(ask); vllm serve $M", with("M", "a/b")) == std::vector<std::string>{"vllm: a/b"});
  CHECK(started("vllm serve $1", with("1", "a/b")) == std::vector<std::string>{"vllm: a/b"});
  CHECK(started("if up; then M=x; fi; vllm serve $M", with("M", "a/b")) ==
        std::vector<std::string>{"vllm: a/b"});
}

TEST_CASE("a condition that the script decides is followed one way") {
  static constexpr std::array rows = {
      Row{"L=8; if [ -n \"$L\" ]; then A=\"-c $L\"; fi; llama-server -m x $A",                  "llama-server: -m x -c 8"},
      Row{"L=${L:-}; A=; if [[ -n $L ]]; then A=\"-c $L\"; fi; llama-server -m x $A",           "llama-server: -m x"     },
      Row{"T=q4; case $T in q4) M=a;; *) M=b;; esac; vllm serve $M",                            "vllm: a"                },
      Row{"N=2; if [ $N -gt 1 ]; then A='-tp 2'; else A=; fi; vllm serve a $A",                 "vllm: a -tp 2"          },
      Row{"[ -z \"$M\" ] && M=a; vllm serve $M",                                                "vllm: a"                },
      Row{"M=b; [[ $M == a* ]] || M=c; vllm serve $M",                                          "vllm: c"                },
      Row{"if [ -z \"$KEY\" ]; then echo missing; exit 1; fi; vllm serve a",                    "vllm: a"                },
      Row{"[ $# -lt 1 ] && exit 1; vllm serve a",                                               "vllm: a"                },
      Row{"M=a; while [ $# -gt 0 ]; do case $1 in -m) M=$2;; esac; shift; done; vllm serve $M", "vllm: a"                },
      Row{"command -v vllm > /dev/null || { echo none; exit 1; }; vllm serve a",                "vllm: a"                },
  };
  check(rows);
}

TEST_CASE("functions, loops and subshells are entered") {
  using Lines = std::vector<std::string>;
  CHECK(started("run() { vllm serve \"$1\" --port ${2:-1}; }\nrun a 7\nrun b") ==
        Lines{"vllm: a --port 7", "vllm: b --port 1"});
  CHECK(started("run() { local m=$1; shift; vllm serve $m \"$@\"; }\nrun a -tp 2") == Lines{"vllm: a -tp 2"});
  CHECK(started("main() { vllm serve a; }\nmain \"$@\"") == Lines{"vllm: a"});
  CHECK(started("serve() { vllm serve a; }\n\"$1\"") == Lines{"vllm: a"});
  CHECK(started("for m in a b; do vllm serve $m; done") == Lines{"vllm: a", "vllm: b"});
  CHECK(started("for i in {0..1}; do vllm serve a --port $((80 + i)) & done") ==
        Lines{"vllm: a --port 80", "vllm: a --port 81"});
  CHECK(started("for i in $(seq 2); do vllm serve a --port $i & done") ==
        Lines{"vllm: a --port 1", "vllm: a --port 2"});
  CHECK(started("(M=b; vllm serve $M); M=c; vllm serve $M") == Lines{"vllm: b", "vllm: c"});
  CHECK(started("while true; do vllm serve a; sleep 1; done") == Lines{"vllm: a"});
  CHECK(started("case $1 in a) vllm serve a;; b) vllm serve b;; esac") == Lines{"vllm: a", "vllm: b"});
  CHECK(started("ID=$(docker run -d vllm/vllm-openai --model a)") == Lines{"vllm: --model a"});
  CHECK(started("f() { f; }\nf").empty());
}

TEST_CASE("arguments that only the caller knows are left out and said so") {
  const Reading reading = read_script("exec vllm serve a \"$@\"");
  REQUIRE(reading.launches.size() == 1);
  CHECK(line_of(reading.launches[0]) == "vllm: a");
  REQUIRE(reading.launches[0].findings.size() == 1);
  CHECK(reading.launches[0].findings[0].severity == Severity::note);
}

TEST_CASE("an environment is what is exported and what stands before the command") {
  const Reading reading = read_script("export A=1\nB=2\nset -a\nC=3\nset +a\nD=4\nE=5 vllm serve a");
  REQUIRE(reading.launches.size() == 1);
  std::string names;
  for (const Variable& variable : reading.launches[0].environment)
    names += variable.name + variable.value.text + " ";
  CHECK(names == "A1 C3 E5 ");
}

TEST_CASE("which engines run at once follows from & and from what goes on by itself") {
  using Sets = std::vector<std::vector<std::size_t>>;
  CHECK(sets("vllm serve a & vllm serve b & wait").empty());  // all at once
  CHECK(sets("vllm serve a\nvllm serve b") == Sets{{0}, {1}});
  CHECK(sets("vllm serve a & vllm serve b; vllm serve c") == Sets{
                                                                 {0, 1},
                                                                 {0, 2}
  });
  CHECK(sets("vllm serve a & wait; vllm serve b & wait") == Sets{{0}, {1}});
  CHECK(sets("if up; then vllm serve a & else vllm serve b & fi\nvllm serve c") == Sets{
                                                                                       {0, 2},
                                                                                       {1, 2}
  });
  CHECK(sets("docker run -d --name x vllm/vllm-openai --model a\ndocker rm -f x\ndocker run -d --name y "
             "vllm/vllm-openai --model b") == Sets{{0}, {1}});
  const Reading reading = read_script("vllm serve a & vllm serve b");
  CHECK(reading.launches[0].machine == "start.sh");
  CHECK(reading.launches[1].machine == "start.sh");
  CHECK(read_script("vllm serve a").launches[0].machine.empty());
}

TEST_CASE("a script's secrets are in no hole") {
  const Reading reading = read_script("vllm serve $(curl -H 'Authorization: Bearer hf_abcdefgh' https://x)");
  REQUIRE(reading.launches.size() == 1);
  CHECK(line_of(reading.launches[0]) == "vllm: $(…)⟨$(…)⟩");
}

TEST_CASE("scripts that are no scripts end in reasonable time") {
  std::string deep;
  for (int i = 0; i < 20000; ++i) deep += "$(";
  CHECK(started("vllm serve " + deep).size() == 1);
  std::string braces = "vllm serve ";
  for (int i = 0; i < 20000; ++i) braces += "${A:-";
  CHECK(started(braces).size() == 1);
  std::string doubling = "f0() { vllm serve a; }\n";
  for (int i = 1; i < 40; ++i)
    doubling +=
        "f" + std::to_string(i) + "() { f" + std::to_string(i - 1) + "; f" + std::to_string(i - 1) + "; }\n";
  CHECK(started(doubling + "f39").size() < 200000);
  std::string growing = "A=xxxxxxxx\n";
  for (int i = 0; i < 60; ++i) growing += "A=$A$A\n";
  started(growing + "vllm serve $A");
  CHECK_THROWS(started([] {
    std::string open;
    for (int i = 0; i < 5000; ++i) open += "{ ";
    return open;
  }()));
}
