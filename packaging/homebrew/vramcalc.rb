# The address, version and checksum are those of a release: .github/workflows/release.yml fills them in and attaches the
# formula to it.
class Vramcalc < Formula
  desc "VRAM estimator and GPU fit checker for language models"
  homepage "https://github.com/OWNER/vramcalc"
  url "https://github.com/OWNER/vramcalc/releases/download/v0.1.0/vramcalc-0.1.0-source.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"
  head "https://github.com/OWNER/vramcalc.git", branch: "main"

  depends_on "cli11" => :build
  depends_on "cmake" => :build
  depends_on "ninja" => :build
  depends_on "nlohmann-json" => :build
  depends_on "fmt"
  depends_on "yaml-cpp"

  uses_from_macos "curl"

  def install
    system "cmake", "-S", ".", "-B", "build", "-G", "Ninja", *std_cmake_args,
           "-DVRAMCALC_TESTS=OFF", "-DVRAMCALC_FIGURES=ON",
           "-DFETCHCONTENT_FULLY_DISCONNECTED=ON"
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/vramcalc --version")
    assert_match "great", shell_output("#{bin}/vramcalc check qwen3-8b -c 8K --gpu rtx-4090")
    assert_match "qwen3-8b", shell_output("#{bin}/vramcalc complete check qw")
    (testpath/"CMakeLists.txt").write <<~CMAKE
      cmake_minimum_required(VERSION 3.25)
      project(consumer LANGUAGES CXX)
      find_package(vramcalc REQUIRED)
      add_executable(consumer main.cpp)
      target_link_libraries(consumer PRIVATE vramcalc::vramcalc)
    CMAKE
    (testpath/"main.cpp").write <<~CPP
      #include "vramcalc/runtime.hpp"
      int main() { return vramcalc::runtimes().empty(); }
    CPP
    system "cmake", "-S", ".", "-B", "build"
    system "cmake", "--build", "build"
    system "build/consumer"
  end
end
