#!/usr/bin/env bash
# SPDX-FileCopyrightText: the Bailiwick authors
# SPDX-License-Identifier: Apache-2.0
#
# Everything of this example but APISIX: a ServiceNow instance (18081), an issuer's keys (18082), a
# vault, and the runner. When APISIX listens on 9080, an agent does its job, and what it may not.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bailiwick=${BAILIWICK:-$here/../../bailiwick}
run=${BAILIWICK_RUN:-/run/bailiwick} # the socket's directory, which APISIX reaches
work=$(mktemp -d)
pids=()

finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap finish EXIT

until_answers() { # name command…: waits at most a minute
  local name=$1
  shift
  for _ in $(seq 120); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.5
  done
  echo "run.sh: $name does not answer" >&2
  exit 1
}

mkdir -p "$run"
cd "$work"
"$bailiwick" --version >/dev/null # builds what is stale

"$bailiwick" token keygen --out issuer.jwk >/dev/null
mkdir public
"$bailiwick" token jwks issuer.jwk >public/jwks
python3 -m http.server --bind 127.0.0.1 --directory public 18082 >/dev/null 2>&1 &
pids+=($!)
"$bailiwick" simulate servicenow --port 18081 >servicenow.log &
pids+=($!)
"$bailiwick" vault init --vault vault --key-file vault.key >/dev/null
echo '{"type": "oauth-client-credentials", "token_endpoint": "http://127.0.0.1:18081/oauth_token.do",
  "client_id": "bailiwick-gateway", "client_secret": "simulated-client-secret"}' |
  "$bailiwick" vault put servicenow/company --vault vault --key-file vault.key >/dev/null
"$bailiwick" apisix-runner --bundle "$here/bundle.yaml" --vault vault --key-file vault.key \
  --audit audit --socket "$run/runner.sock" ${SOCKET_GROUP:+--socket-group "$SOCKET_GROUP"} \
  --report-token-file "$run/report-token" &
pids+=($!)
until_answers "the runner" curl -sf http://127.0.0.1:9101/ready
until_answers ServiceNow grep -q 'simulator at' servicenow.log

echo "Now start APISIX: BAILIWICK_REPORT_TOKEN=\$(cat $run/report-token) …"
until curl -s -o /dev/null http://127.0.0.1:9080/; do sleep 1; done

mkdir agent
cd agent
for key in key stolen-key; do
  "$bailiwick" token keygen --algorithm EDDSA --out "$key.private" --pem "$key" >"$key.thumbprint"
  "$bailiwick" token jwks "$key.private" | sed 's/^ *{ *"keys" *: *\[\(.*\)\] *} *$/\1/' >"$key.jwk"
done
"$bailiwick" token mint --issuer http://127.0.0.1:18082 --issuer-key ../issuer.jwk \
  --audience http://127.0.0.1:9080 --principal alice --actor triage-agent \
  --grant servicenow:table/incident:read --bound-to "$(cat key.thumbprint)" --task task-apisix >token

# The demo's agent: its first eight steps need no sandbox, and two of them are for connectors that
# this example has not.
incident=c1000000000000000000000000000001
{ "$here/../sandboxed-agent/agent.sh" http://127.0.0.1:9080 http://127.0.0.1:18081 \
  /dev/null /dev/null "$incident" || true; } 2>/dev/null | head -n 8 |
  grep -v -e '^workers' -e '^composite'
cd ..
sleep 1 # the last report is on its way
"$bailiwick" audit trace task-apisix --dir audit
