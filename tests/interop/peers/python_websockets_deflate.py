"""python_websockets_deflate.py ADDRESS

Talks to an echo server that compresses, as Python's `websockets` does, and counts the bytes on the wire: through a
proxy of its own.
"""

import asyncio
import json
import sys
from urllib.parse import urlsplit

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

PATIENCE = 20.0  # seconds, for each step
MESSAGES = [json.dumps([{"id": n * 37 % 101, "symbol": "WSL", "price": n / 4} for n in range(size)]) for size in (1, 20, 400)]
ROUNDS = 10

# What this client offers, and whether the server agrees to it.
OFFERS = [
    {},
    {"server_no_context_takeover": True, "client_no_context_takeover": True},
    {"server_max_window_bits": 9, "client_max_window_bits": 9},
    {"server_max_window_bits": 8, "client_max_window_bits": 10},
]


class Wire:
    """Counts what passes between a client and the server."""

    def __init__(self, host, port):
        self.host, self.port, self.bytes = host, port, 0

    async def pump(self, reader, writer):
        while data := await reader.read(1 << 16):
            self.bytes += len(data)
            writer.write(data)
            await writer.drain()
        writer.close()

    async def connect(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
        await asyncio.gather(self.pump(reader, far_writer), self.pump(far_reader, writer), return_exceptions=True)


async def patient(step):
    """A step that must not take forever."""
    return await asyncio.wait_for(step, PATIENCE)


async def main(address):
    url = urlsplit(address)
    wire = Wire(url.hostname, url.port)
    proxy = await asyncio.start_server(wire.connect, "127.0.0.1", 0)
    through = f"ws://127.0.0.1:{proxy.sockets[0].getsockname()[1]}{url.path}"
    for offer in OFFERS:
        factory = ClientPerMessageDeflateFactory(**{"client_max_window_bits": True, **offer})
        wire.bytes = 0
        async with websockets.connect(through, compression=None, extensions=[factory]) as socket:
            names = [extension.name for extension in socket.protocol.extensions]
            assert names == ["permessage-deflate"], f"{offer}: negotiated {names}"
            for _ in range(ROUNDS):
                for message in MESSAGES:
                    await patient(socket.send(message))
                    assert await patient(socket.recv()) == message
        sent = 2 * ROUNDS * sum(map(len, MESSAGES))
        assert wire.bytes < sent / 2, f"{offer}: {wire.bytes} bytes on the wire for {sent}"
        print(f"ok: {offer}: {wire.bytes} bytes on the wire for {sent}")


asyncio.run(main(sys.argv[1]))
print(f"Python websockets {websockets.__version__}: all compressed")
