#include "deployment/systemd.hpp"

#include "catch.hpp"
#include "deployment/readings.hpp"

using namespace vramcalc::deployment;

namespace {

Reading read_unit(const std::string& text, const Supplied& supplied = {},
                  const std::string& name = "vllm.service", const std::vector<Input>& others = {}) {
  Reading reading;
  Session session{.supplied = supplied, .reading = reading, .inputs = others};
  const Input input{name, text};
  REQUIRE(is_systemd_unit(text));
  read_systemd_unit(input, session);
  return reading;
}

std::string line(const std::string& settings, const Supplied& supplied = {}) {
  const Reading reading = read_unit("[Unit]\nDescription=x\n[Service]\n" + settings, supplied);
  REQUIRE(reading.launches.size() == 1);
  return line_of(reading.launches[0]);
}

}  // namespace

TEST_CASE("a unit's ExecStart is read as systemd reads it, without a shell") {
  CHECK(line("ExecStart=/usr/bin/vllm serve a/b -tp 2\n") == "vllm: a/b -tp 2");
  CHECK(line("ExecStart=-/usr/bin/vllm serve a/b\n") == "vllm: a/b");
  CHECK(line("ExecStart=@/usr/bin/vllm server serve a/b\n") == "vllm: a/b");
  CHECK(line("ExecStart=/usr/bin/vllm serve a/b \\\n  # why\n  --port 1 \\\n  -tp 2\nRestart=always\n") ==
        "vllm: a/b --port 1 -tp 2");
  CHECK(line("ExecStart=/usr/bin/vllm serve \"a b\" 'c d' e\\x\n") == "vllm: a b c d ex");
  CHECK(line("ExecStart=/usr/bin/vllm serve a | b && c\n") == "vllm: a | b && c");
  CHECK(line("ExecStart=/bin/sh -c 'exec vllm serve a'\n") == "vllm: a");
  CHECK(line("ExecStart=\nExecStart=/usr/bin/vllm serve a\n") == "vllm: a");
}

TEST_CASE("a unit's variables are those of Environment=, of files that are given, and of --set") {
  CHECK(line("Environment=\"M=a b\" X=1\nExecStart=/usr/bin/vllm serve ${M} --port $X\n") ==
        "vllm: a b --port 1");
  CHECK(line("Environment=\"A=-tp 2\"\nExecStart=/usr/bin/vllm serve a $A\n") == "vllm: a -tp 2");
  CHECK(line("ExecStart=/usr/bin/vllm serve ${M}\n") == "vllm: ${M}⟨M⟩");
  CHECK(line("ExecStart=/usr/bin/vllm serve ${M}\n", with("M", "a/b")) == "vllm: a/b");
  CHECK(line("ExecStart=/usr/bin/vllm serve a --port 80%i %%\n") == "vllm: a --port 80%i⟨%i⟩ %");
  CHECK(line("ExecStart=/usr/bin/vllm serve $$M\n") == "vllm: $M");
  CHECK(line("Environment=M=a\nExecStart=:/usr/bin/vllm serve ${M}\n") == "vllm: ${M}");
  CHECK(line("Environment=M=a\nExecStart=/bin/sh -c 'vllm serve $M'\n") == "vllm: a");
  const std::string unit = "[Service]\nEnvironmentFile=-/etc/vllm.env\nExecStart=/usr/bin/vllm serve ${M}\n";
  const Reading open = read_unit(unit);
  CHECK(open.launches.at(0).arguments.at(0).holes.at(0).why == "may be set by /etc/vllm.env");
  CHECK(open.launches.at(0).findings.size() == 1);
  const Reading read = read_unit(unit,
                                 {
  },
                                 "vllm.service", {{"conf/vllm.env", "M=a/b\n"}});
  CHECK(line_of(read.launches.at(0)) == "vllm: a/b");
}

TEST_CASE("a launch of a unit has its name, its line and its GPUs") {
  const Reading reading =
      read_unit("[Service]\nEnvironment=CUDA_VISIBLE_DEVICES=1\nExecStart=/bin/vllm serve a\n", {},
                "/etc/systemd/system/chat@.service");
  REQUIRE(reading.launches.size() == 1);
  CHECK(reading.launches[0].name == "chat");
  CHECK(reading.launches[0].at.line == 3);
  CHECK(reading.launches[0].gpus.indices == std::vector<std::uint32_t>{1});
}

TEST_CASE("a quadlet is a container") {
  const Reading reading = read_unit(
      "[Container]\nImage=ghcr.io/ggml-org/llama.cpp:server-cuda-b6401\nAddDevice=nvidia.com/gpu=0\n"
      "Volume=/srv:/models\nEnvironment=LLAMA_ARG_N_PARALLEL=2\nExec=-m /models/x.gguf -c 8192\n",
      {}, "chat.container");
  REQUIRE(reading.launches.size() == 1);
  CHECK(line_of(reading.launches[0]) == "llama-server: -m /models/x.gguf -c 8192");
  CHECK(reading.launches[0].release == "b6401");
  CHECK(reading.launches[0].gpus.count == 1);
  CHECK(reading.launches[0].environment.size() == 1);
  CHECK(reading.launches[0].mounts.size() == 1);
}
