#!/usr/bin/env bash
# Makes sure that what the build needs is here: a C++20 compiler, CMake 3.25, Ninja, Make, and five libraries.
# Debian and Ubuntu: installs what is missing. Elsewhere: says what to install; libraries that are missing there are
# fetched by CMake. Says nothing where nothing is missing.
# shellcheck disable=SC2086  # lists of packages are meant to be split into words
set -euo pipefail

say() { printf 'setup.sh: %s\n' "$*" >&2; }

missing_tools() {
  command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null || echo g++
  command -v cmake >/dev/null || echo cmake
  command -v ninja >/dev/null || echo ninja-build
  command -v make >/dev/null || echo make  # GCC's link-time optimizer runs its jobs with it
}

missing_libraries() {
  local package
  for package in libcli11-dev nlohmann-json3-dev libfmt-dev catch2 libcurl4-openssl-dev; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done
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
  packages=$(missing_tools; missing_libraries)
  [ -n "$packages" ] || return 0
  say "installing" $packages
  apt update
  apt install --no-install-recommends $packages
}

ask_to_install() {
  local tools
  tools=$(missing_tools)
  [ -n "$tools" ] || return 0
  say "missing:" $tools
  say "macOS   brew install cmake ninja fmt nlohmann-json cli11 catch2   (compiler: xcode-select --install)"
  say "Fedora  dnf install gcc-c++ make cmake ninja-build fmt-devel json-devel cli11-devel catch-devel libcurl-devel"
  say "Arch    pacman -S gcc make cmake ninja fmt nlohmann-json cli11 catch2 curl"
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

if command -v apt-get >/dev/null; then install_debian; else ask_to_install; fi
check_cmake
