"""python_websockets_server.py PORT [CERTIFICATE KEY]

A server with Python's `websockets` for our client: echoes, agrees to subprotocols, refuses, redirects, closes. With a
certificate, over TLS.
"""

import asyncio
import http
import ssl
import sys

import websockets
from websockets.asyncio.server import serve


def answer(connection, request):
    """What paths other than the echo's are answered with; None opens the WebSocket."""
    path = request.path.split("?")[0]
    if path == "/forbidden":
        response = connection.respond(http.HTTPStatus.FORBIDDEN, "members only\n")
        response.headers["X-Why"] = "members"
        return response
    if path == "/moved":
        response = connection.respond(http.HTTPStatus.FOUND, "")
        response.headers["Location"] = "/chat?moved"
        response.headers["Set-Cookie"] = "session=7; HttpOnly"
        return response
    if path == "/chat" and "session=7" not in request.headers.get("Cookie", ""):
        return connection.respond(http.HTTPStatus.UNAUTHORIZED, "no session\n")
    return None


async def talk(socket):
    """Echoes. At `/close`, answers the first message with a ping and a close."""
    async for message in socket:
        if socket.request.path == "/close":
            await (await socket.ping(b"still there?"))
            await socket.close(4001, "that was it")
            return
        await socket.send(message)


async def main(port, certificate=None, key=None):
    """Until the end of the program."""
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
    async with serve(
        talk, "127.0.0.1", port, ssl=tls, process_request=answer, subprotocols=["chat.v2", "chat.v1"], max_size=None,
        select_subprotocol=lambda _, offered: next((name for name in ["chat.v2", "chat.v1"] if name in offered), None),
    ):
        print(f"websockets {websockets.__version__} on {port}")
        await asyncio.get_running_loop().create_future()


asyncio.run(main(int(sys.argv[1]), *sys.argv[2:]))
