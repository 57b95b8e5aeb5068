# SPDX-FileCopyrightText: the Bailiwick authors
# SPDX-License-Identifier: Apache-2.0
# What an agent does whose tools are the shell's. $1 is where it may not go.
echo "gateway $(curl -s -o answer -w '%{http_code}' "$BAILIWICK_GATEWAY/")"
echo "answer $(sed -n 's/.*"number":"\([^"]*\)".*/\1/p' answer)"
echo "child $(awk 'BEGIN { print 1 + 1 }' | sort | tail -n 1)"
sleep 0 & wait $! && echo "thread ok"
tar cf archive.tar answer && tar tf archive.tar >listing && echo "file $(cat listing)"
curl -s --max-time 5 "http://$1/" || echo "elsewhere denied"
