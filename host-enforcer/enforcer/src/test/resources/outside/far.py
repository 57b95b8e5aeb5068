# SPDX-FileCopyrightText: the Bailiwick authors
# SPDX-License-Identifier: Apache-2.0
"""Another machine, as far as the network goes: listens, and says which of its packets came.

far.py DEVICE PORT HARMED... counts the packets that come in over the device. Asked "kept" it says
how many came that were not for a harmed address, asked "harmed" how many were; each begins anew.
"""
import select
import socket
import sys

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6, PACKET_OUTGOING = 3, 0x0800, 0x86DD, 4
# What the kernel of a machine says by itself on any wire: neighbours, routers, group membership.
OWN_ICMP = {130, 131, 132, 133, 134, 135, 136, 143}

device, port, harmed = sys.argv[1], int(sys.argv[2]), set(sys.argv[3:])
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
wire.bind((device, 0))
tcp4, udp4 = socket.create_server(("", port)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp4.bind(("", port))
tcp6 = socket.create_server(("::", port), family=socket.AF_INET6)
seen = {"kept": 0, "harmed": 0}


def destination(frame):
    """Address of the packet in a frame; None when it is not about addresses."""
    kind = int.from_bytes(frame[12:14], "big")
    if kind == ETH_P_IP:
        return socket.inet_ntoa(frame[30:34])
    if kind != ETH_P_IPV6:
        return None
    header, at = frame[20], 54
    if header == 0:  # hop by hop, as group membership has it
        header, at = frame[54], 54 + 8 * (frame[55] + 1)
    if header == 58 and frame[at] in OWN_ICMP:
        return None
    return socket.inet_ntop(socket.AF_INET6, frame[38:54])


def drain():
    while select.select([wire], [], [], 0)[0]:
        frame, address = wire.recvfrom(65536)
        to = destination(frame) if address[2] != PACKET_OUTGOING else None
        if to is not None:
            seen["harmed" if to in harmed else "kept"] += 1


print("ready", flush=True)
while True:
    ready = select.select([sys.stdin, wire, tcp4, tcp6], [], [])[0]
    drain()
    for server in (tcp4, tcp6):
        if server in ready:
            server.accept()[0].close()
    if sys.stdin in ready:
        word = sys.stdin.readline().strip()
        if word not in seen:
            break
        print(seen[word], flush=True)
        seen[word] = 0
