# SPDX-FileCopyrightText: the Bailiwick authors
# SPDX-License-Identifier: Apache-2.0
"""What an agent in Python does: its usual clients, a child, a thread, files."""

import asyncio
import json
import os
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request

gateway = os.environ["BAILIWICK_GATEWAY"]
with urllib.request.urlopen(gateway + "/") as answer:
    print("gateway", answer.status)
    print("answer", json.load(answer)["number"])


async def by_event_loop():
    where = urllib.parse.urlsplit(gateway)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"200"
    writer.close()


asyncio.run(by_event_loop())
ssl.create_default_context()
print("child", subprocess.check_output([sys.executable, "-c", "print(1 + 1)"], text=True).strip())
thread = threading.Thread(target=lambda: print("thread ok"))
thread.start()
thread.join()
with tempfile.NamedTemporaryFile("w+", delete=False) as file:
    database = sqlite3.connect(file.name)
    database.execute("CREATE TABLE t (name TEXT)")
    database.execute("INSERT INTO t VALUES ('answer')")
    print("file", database.execute("SELECT name FROM t").fetchone()[0])
try:
    urllib.request.urlopen("http://" + sys.argv[1] + "/")
except urllib.error.URLError as denied:
    print("elsewhere denied" if isinstance(denied.reason, PermissionError) else denied.reason)
