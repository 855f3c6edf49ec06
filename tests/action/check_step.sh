#!/usr/bin/env bash
# check_step.sh ACTION.yml: runs the step `check` of the action as GitHub's runner does, with a program that prints its
# arguments in place of vramcalc.
set -euo pipefail

action=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# The script of the step with `id: check`.
awk '/- id: check/ { step = 1 }
     step && /^      run: \|/ { script = 1; next }
     script { if ($0 != "" && $0 !~ /^        /) exit; print substr($0, 9) }' "$action" > step.sh
[ -s step.sh ] || { echo "action.yml has no step \"check\" with a script"; exit 1; }
# shellcheck disable=SC2016
if grep -q '\${{' step.sh; then echo "an input stands in the script itself, where its text would run"; exit 1; fi

cat > program <<'END'
#!/bin/sh
printf '[%s]' "$@"
exit "${STATUS:-0}"
END
chmod +x program
mkdir -p k8s/deep && touch compose.yaml 'with blank.yaml' k8s/a.yaml k8s/deep/b.yaml

# run NAME=VALUE…: the inputs of the step; sets `printed` and `status`.
run() {
  : > output
  status=0
  printed=$(env ACTION="$folder" FILES= GPU= ARGS= BINARY=./program FORMAT=github SARIF= GITHUB_OUTPUT="$folder/output" \
    "$@" bash --noprofile --norc -eo pipefail step.sh) || status=$?
}

failed=0
expect() {
  if [ "$printed" = "$1" ] && [ "$status" = "$2" ] && [ "$(cat output)" = "$3" ]; then return; fi
  failed=1
  printf 'expected %s, status %s, output %s\n     got %s, status %s, output %s\n' \
    "$1" "$2" "$3" "$printed" "$status" "$(cat output)"
}

run FILES=compose.yaml
expect '[check][--format][github][compose.yaml]' 0 status=0
run FILES='compose.yaml k8s/**/*.yaml' GPU='2x h100-sxm-80gb' SARIF=out.sarif
expect '[check][--gpu][2x h100-sxm-80gb][--format][github][--format][sarif=out.sarif][compose.yaml][k8s/a.yaml][k8s/deep/b.yaml]' \
  0 status=0
run FILES=$'compose.yaml\nk8s/a.yaml\n' ARGS=$'--set\nMODEL=a b\n\n--headroom\n10%' FORMAT=table
expect '[check][--format][table][--set][MODEL=a b][--headroom][10%][compose.yaml][k8s/a.yaml]' 0 status=0
run FILES=compose.yaml STATUS=1
expect '[check][--format][github][compose.yaml]' 1 status=1
run FILES='none/*.yaml'
expect '::error title=vramcalc::no file matches the input "files"' 2 ''
# shellcheck disable=SC2016  # not to be expanded is the point
run FILES=compose.yaml GPU='$(touch ran)' ARGS='`touch ran`'
# shellcheck disable=SC2016
expect '[check][--gpu][$(touch ran)][--format][github][`touch ran`][compose.yaml]' 0 status=0
[ ! -e ran ] || { echo "an input ran as a command"; failed=1; }
exit "$failed"
