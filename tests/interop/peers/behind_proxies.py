"""behind_proxies.py URL CERTIFICATE PORT_IS_TOLD

Talks to the example `proxy_protocol` through a proxy that ends TLS, from an address that is not the proxy's. The
listener has to tell both apart.
"""

import asyncio
import ssl
import sys
import time

import websockets

PATIENCE = 20.0  # seconds, for each step
HERE = "127.0.0.2"
MEBIBYTE = bytes(index * 7 % 251 for index in range(1 << 20))


async def connect(url, context):
    """The proxy may still be starting."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await websockets.connect(
                url, ssl=context, local_addr=(HERE, 0), max_size=None, proxy=None, additional_headers=LIES
            )
        except OSError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


# What a client says of itself is not to be believed.
LIES = {"X-Forwarded-For": "203.0.113.99", "Forwarded": "for=203.0.113.99"}


async def main(url, certificate, port_is_told):
    context = ssl.create_default_context(cafile=certificate)
    socket = await connect(url, context)
    _, port = socket.local_address
    peer = await asyncio.wait_for(socket.recv(), PATIENCE)
    client = await asyncio.wait_for(socket.recv(), PATIENCE)
    print(f"{url}: {peer}, {client}")
    assert peer.startswith("peer 127.0.0.1:") or peer == "peer unknown", peer
    assert client == f"client {HERE}:{port if port_is_told else 0}", client
    for message in ["", "grüß", MEBIBYTE]:
        await asyncio.wait_for(socket.send(message), PATIENCE)
        assert await asyncio.wait_for(socket.recv(), PATIENCE) == message
    await asyncio.wait_for(await socket.ping(), PATIENCE)
    await asyncio.wait_for(socket.close(1000, "done"), PATIENCE)
    assert socket.protocol.close_rcvd.code == 1000


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3] == "yes"))
