"""python_websockets.py ADDRESS [CERTIFICATE]

Talks to an echo server as Python's `websockets` does: messages of every kind, a ping, a clean close. Offers
permessage-deflate, as this client always does. Over TLS, it trusts the certificate alone.
"""

import asyncio
import ssl
import sys

import websockets

PATIENCE = 20.0  # seconds, for each step
MEBIBYTE = bytes(index * 7 % 251 for index in range(1 << 20))

# What is sent, and what must come back. A list leaves as one message in as many fragments.
MESSAGES = [
    ("text", "grüß 你好 🙂", "grüß 你好 🙂"),
    ("binary", bytes(range(256)), bytes(range(256))),
    ("empty text", "", ""),
    ("empty binary", b"", b""),
    ("1 MiB of binary", MEBIBYTE, MEBIBYTE),
    ("1 MiB of text", "ü" * (1 << 19), "ü" * (1 << 19)),
    ("fragmented text", ["one ", "", "two ", "grüß"], "one two grüß"),
    ("fragmented binary", [b"\x00", b"\x01" * 70_000, b"\x02"], b"\x00" + b"\x01" * 70_000 + b"\x02"),
]


async def patient(step):
    """A step that must not take forever."""
    return await asyncio.wait_for(step, PATIENCE)


async def echo(socket, name, sent, expected):
    """Sends one message and reads it back."""
    await patient(socket.send(sent))
    received = await patient(socket.recv())
    assert type(received) is type(expected), f"{name}: sent {type(expected)}, received {type(received)}"
    assert received == expected, f"{name}: received {len(received)} of {len(expected)}, or others than were sent"
    print(f"ok: {name}")


async def main(address, certificate=None):
    """All of it on one connection."""
    options = {"max_size": None, "open_timeout": PATIENCE, "close_timeout": PATIENCE}
    if certificate:
        options["ssl"] = ssl.create_default_context(cafile=certificate)
    async with websockets.connect(address, **options) as socket:
        for message in MESSAGES:
            await echo(socket, *message)
        pong = await patient(socket.ping(b"are you there"))
        await patient(pong)
        print("ok: ping answered")
        await patient(socket.close(1000, "done"))
        received = socket.protocol.close_rcvd
        assert received is not None, "the server closed without a close frame"
        assert received.code == 1000, f"the server closed with {received.code}"
        print("ok: clean close, 1000")


asyncio.run(main(*sys.argv[1:]))
print(f"Python websockets {websockets.__version__}: all as it should be")
