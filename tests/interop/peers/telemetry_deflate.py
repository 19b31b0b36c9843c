"""telemetry_deflate.py ADDRESS

Reads a board's telemetry with Python's `websockets`, which offers permessage-deflate, and holds the bytes on the
wire against those of the text.
"""

import asyncio
import sys

import websockets

PATIENCE = 20.0  # seconds, for each step
REPORTS = 100
LEAST_GAIN = 2.5


async def main(address):
    async with websockets.connect(f"ws://{address}/telemetry", open_timeout=PATIENCE) as socket:
        agreed = socket.response.headers.get("Sec-WebSocket-Extensions", "nothing")
        print("agreed on:", agreed)
        if not agreed.startswith("permessage-deflate"):
            sys.exit("the board has not agreed on compression")
        wire = 0
        receive = socket.protocol.receive_data

        def count(data):
            nonlocal wire
            wire += len(data)
            receive(data)

        socket.protocol.receive_data = count
        text = 0
        for _ in range(REPORTS):
            text += len(await asyncio.wait_for(socket.recv(), PATIENCE))
        print(f"{REPORTS} reports: {text} bytes of text, {wire} on the wire, {text / wire:.1f} times smaller")
        if text < LEAST_GAIN * wire:
            sys.exit("that is not small enough")


asyncio.run(main(sys.argv[1]))
