# SPDX-FileCopyrightText: the Bailiwick authors
# SPDX-License-Identifier: Apache-2.0
"""A terminal with a program on it: types, resizes and listens as it is told on standard input."""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

PATIENCE_SECONDS = 20

program, terminal = pty.fork()
if program == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
heard = b""


def expect(text):
    """What was said up to the text is forgotten."""
    global heard
    end = time.monotonic() + PATIENCE_SECONDS
    while text not in heard:
        ready = select.select([terminal], [], [], max(0, end - time.monotonic()))[0]
        if not ready:
            return "not said: %r, but %r" % (text, heard)
        try:
            heard += os.read(terminal, 65536)
        except OSError:
            return "gone after %r" % heard
    heard = heard[heard.index(text) + len(text):]
    return "ok"


for line in sys.stdin:
    word, _, rest = line.rstrip("\n").partition(" ")
    data = rest.encode("latin-1").decode("unicode_escape").encode("latin-1")
    answer = "ok"
    if word == "type":
        os.write(terminal, data)
    elif word == "size":
        rows, columns = map(int, rest.split())
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    elif word == "expect":
        answer = expect(data)
    print(answer, flush=True)
