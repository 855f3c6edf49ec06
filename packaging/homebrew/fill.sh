#!/usr/bin/env bash
# fill.sh OWNER/REPOSITORY VERSION SOURCE.tar.gz: the formula with the address, version and checksum of a release.
set -euo pipefail
repository=$1 version=$2 checksum=$(sha256sum "$3" | cut -d ' ' -f 1)
sed -e "s|OWNER/vramcalc|$repository|g" -e "s|0\.1\.0|$version|g" -e "s|sha256 \"0*\"|sha256 \"$checksum\"|" \
  "$(dirname "$0")/vramcalc.rb"
