#!/bin/bash
set -e
MODEL=${MODEL:-a/b}; A=(--port $((80 + 1)) "x y"); A+=(-tp 2)
if [[ -n "$L" && $L -gt 1 ]]; then A+=(-c "${L%k}"); elif [ -f x ]; then exit 1; else L=2; fi
f() { local m=$1; shift; nohup vllm serve "$m" "$@" > l 2>&1 & }
for i in {0..1} $(seq 2); do CUDA_VISIBLE_DEVICES=$i f "$MODEL" "${A[@]}"; done
case $1 in a|b) llama-server -m ${M##*/} ;; *) : "${K:=v}" ;; esac
while [ $# -gt 0 ]; do shift; done
cat <<EOF
EOF
wait
