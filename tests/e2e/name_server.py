"""Answers DNS queries on 127.0.0.1:53 for one name: name_server.py NAME. The name has only an A record,
127.0.0.1, and every other name is unknown. Prints "ready" once it listens."""

import socket
import struct
import sys

A_RECORD, NAME_ERROR = 1, 3


def answer(query, known):
    identity, flags, questions = struct.unpack("!HHH", query[:6])
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode("ascii").lower())
        at += 1 + length
    kind, _ = struct.unpack("!HH", query[at + 1 : at + 5])
    found = ".".join(labels) == known
    records = b""
    if found and kind == A_RECORD:
        # The name as a pointer to the question; class IN; valid for a second.
        records = struct.pack("!HHHIH", 0xC00C, A_RECORD, 1, 1, 4) + socket.inet_aton("127.0.0.1")
    header = struct.pack(
        "!HHHHHH", identity, 0x8480 | flags & 0x0100 | (0 if found else NAME_ERROR), questions,
        1 if records else 0, 0, 0)
    return header + query[12 : at + 5] + records


def main():
    known = sys.argv[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 53))
        print("ready", flush=True)
        while True:
            query, sender = listener.recvfrom(512)
            listener.sendto(answer(query, known), sender)


main()
