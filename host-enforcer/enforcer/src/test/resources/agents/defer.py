# SPDX-FileCopyrightText: the Bailiwick authors
# SPDX-License-Identifier: Apache-2.0
"""Accepts whoever has sent something, itself included, and repeats it; others stay pending."""

import os
import socket
import time


def say(name, text):
    with open(name + ".new", "w") as file:
        print(text, file=file)
    os.rename(name + ".new", name)


def wait_for(name):
    while not os.path.exists(name):
        time.sleep(0.01)


server = socket.socket()
server.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 60)
server.bind(("127.0.0.1", 0))
server.listen()
say("port", server.getsockname()[1])
wait_for("call")
own = socket.create_connection(server.getsockname())
say("called", "")
wait_for("sent")
own.sendall(b"own")
server.settimeout(0.01)
served = []
while not os.path.exists("done"):
    try:
        caller = server.accept()[0]
    except TimeoutError:
        continue
    word = caller.recv(10)
    caller.sendall(word)
    served.append(caller)
    say("served-" + str(len(served)), word.decode())
