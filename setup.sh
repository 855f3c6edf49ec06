#!/usr/bin/env bash
# setup.sh           what the build needs: a C++20 compiler, CMake 3.25, Ninja, and five libraries
# setup.sh --tests   what all of the tests need besides: Catch2, clang, clang-format, nginx and Python's jsonschema
# Debian and Ubuntu: installs what is missing. Elsewhere: says what to install; libraries that are missing there are
# fetched by CMake. Says nothing where nothing is missing.
# shellcheck disable=SC2086  # lists of packages are meant to be split into words
set -euo pipefail

say() { printf 'setup.sh: %s\n' "$*" >&2; }

missing_tools() {
  command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null || echo g++
  command -v cmake >/dev/null || echo cmake
  command -v ninja >/dev/null || echo ninja-build
}

missing_test_tools() {
  command -v clang++ >/dev/null || echo clang
  command -v clang-format >/dev/null || echo clang-format
  command -v llvm-symbolizer >/dev/null || echo llvm  # names in the sanitizers' stack traces
  [ -x /usr/sbin/nginx ] || echo nginx-light
}

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done
}

missing_on_debian() {
  missing_tools
  missing_packages libcli11-dev nlohmann-json3-dev libfmt-dev libyaml-cpp-dev libcurl4-openssl-dev
  [ "$tests" = no ] || { missing_test_tools; missing_packages catch2 libclang-rt-dev python3-jsonschema; }
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "needs root and finds no sudo; run as root: $*"
    exit 1
  fi
}

# apt-get's own words are of interest only where it fails.
apt() {
  local log
  log=$(mktemp)
  if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    say "apt-get $* failed (above)"
    exit 1
  fi
  rm -f "$log"
}

install_debian() {
  local packages
  packages=$(missing_on_debian)
  [ -n "$packages" ] || return 0
  say "installing" $packages
  apt update
  apt install --no-install-recommends $packages
  # The tests start an nginx of their own; the package's is not to run.
  if [[ $packages == *nginx* ]] && command -v systemctl >/dev/null; then
    as_root systemctl disable --now nginx >/dev/null 2>&1 || true
  fi
}

ask_to_install() {
  local tools
  tools=$(missing_tools; [ "$tests" = no ] || missing_test_tools)
  [ -n "$tools" ] || return 0
  say "missing:" $tools
  say "macOS   brew install cmake ninja fmt nlohmann-json cli11 yaml-cpp catch2   (compiler: xcode-select --install)"
  say "Fedora  dnf install gcc-c++ cmake ninja-build fmt-devel json-devel cli11-devel yaml-cpp-devel libcurl-devel"
  say "        for the tests: catch-devel clang clang-tools-extra compiler-rt llvm nginx python3-jsonschema"
  say "Arch    pacman -S gcc cmake ninja fmt nlohmann-json cli11 yaml-cpp curl"
  say "        for the tests: catch2 clang compiler-rt llvm nginx python-jsonschema"
  exit 1
}

# The presets are workflows, which CMake knows since 3.25.
check_cmake() {
  local version
  version=$(cmake --version | sed -n 's/^cmake version \([0-9]*\.[0-9]*\).*/\1/p')
  if [ "$(printf '%s\n' 3.25 "$version" | sort -V | head -n 1)" != 3.25 ]; then
    say "CMake 3.25 or newer is needed, this is $version; for example: python3 -m pip install cmake"
    exit 1
  fi
}

tests=no
case "$*" in
  "") ;;
  --tests) tests=yes ;;
  *) say "usage: setup.sh [--tests]"; exit 2 ;;
esac
if command -v apt-get >/dev/null; then install_debian; else ask_to_install; fi
check_cmake
