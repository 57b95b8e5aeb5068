# SPDX-FileCopyrightText: the Bailiwick authors
# SPDX-License-Identifier: Apache-2.0
"""An agent that serves itself: a server, clients in threads and in a child. Stays until told."""

import concurrent.futures
import http.server
import os
import subprocess
import sys
import threading
import time
import urllib.request


class Counting(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        length = len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(length).encode())

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"


def ask(body):
    with urllib.request.urlopen(url, body) as answer:
        return answer.read().decode()


with concurrent.futures.ThreadPoolExecutor(8) as pool:
    answers = list(pool.map(ask, [b"x" * 10] * 50))
print("small", len(set(answers)), answers[0])
print("large", ask(b"x" * (1 << 22)))
program = f"import urllib.request as u; print(u.urlopen('{url}', b'').read().decode())"
print("child", subprocess.check_output([sys.executable, "-c", program], text=True).strip(), flush=True)
with open("port.new", "w") as file:
    print(server.server_port, file=file)
os.rename("port.new", "port")
while not os.path.exists("done"):
    time.sleep(0.01)
