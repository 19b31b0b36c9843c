"""python_h2.py PORT

Talks to the http2 example with Python's `h2`: a page and WebSockets (RFC 8441) over one connection with prior
knowledge, with flow control both ways, and every way to end a stream.
"""

import os
import socket
import struct
import sys

import h2.config
import h2.connection
import h2.events
import h2.settings

PATIENCE = 20.0  # seconds, for each read


class Client:
    """A connection, and what has come on its streams."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.headers, self.data, self.ended, self.reset = {}, {}, set(), {}
        self.settings = {}
        self.goaway = False
        self.flush()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def receive(self):
        """Takes in what comes next."""
        bytes_read = self.socket.recv(65536)
        if not bytes_read:
            raise EOFError("the server closed the connection")
        for event in self.h2.receive_data(bytes_read):
            if isinstance(event, h2.events.ResponseReceived):
                self.headers[event.stream_id] = dict(event.headers)
            elif isinstance(event, h2.events.DataReceived):
                self.data[event.stream_id] = self.data.get(event.stream_id, b"") + event.data
                if event.flow_controlled_length:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self.ended.add(event.stream_id)
            elif isinstance(event, h2.events.StreamReset):
                self.reset[event.stream_id] = event.error_code
            elif isinstance(event, h2.events.RemoteSettingsChanged):
                self.settings.update({code: change.new_value for code, change in event.changed_settings.items()})
            elif isinstance(event, h2.events.ConnectionTerminated):
                self.goaway = True
        self.flush()

    def until(self, condition):
        while not condition():
            self.receive()

    def ask(self, headers, end_stream):
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, headers, end_stream=end_stream)
        self.flush()
        self.until(lambda: stream in self.headers or stream in self.reset)
        return stream

    def get(self, path):
        stream = self.ask([(":method", "GET"), (":scheme", "http"), (":authority", "localhost"), (":path", path)], True)
        self.until(lambda: stream in self.ended)
        return self.headers[stream][":status"], self.data.get(stream, b"")

    def open(self, path="/", *more):
        request = [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "http"),
            (":authority", "localhost"),
            (":path", path),
            ("sec-websocket-version", "13"),
            *more,
        ]
        return self.ask(request, False)

    def send(self, stream, opcode, payload):
        """A whole frame, masked, as fast as the windows allow."""
        mask = os.urandom(4)
        length = len(payload)
        if length < 126:
            header = struct.pack("!BB", 0x80 | opcode, 0x80 | length)
        elif length < 65536:
            header = struct.pack("!BBH", 0x80 | opcode, 0xFE, length)
        else:
            header = struct.pack("!BBQ", 0x80 | opcode, 0xFF, length)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        rest = header + mask + masked
        while rest:
            size = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(rest))
            if size == 0:
                self.receive()
                continue
            self.h2.send_data(stream, rest[:size])
            self.flush()
            rest = rest[size:]

    def frame(self, stream):
        """The next frame of the server: opcode and payload."""

        def whole():
            received = self.data.get(stream, b"")
            if len(received) < 2:
                return None
            length, start = received[1] & 0x7F, 2
            if length == 126 and len(received) >= 4:
                length, start = struct.unpack("!H", received[2:4])[0], 4
            elif length == 127 and len(received) >= 10:
                length, start = struct.unpack("!Q", received[2:10])[0], 10
            elif length > 125:
                return None
            return (received[0] & 15, start, start + length) if len(received) >= start + length else None

        self.until(whole)
        opcode, start, end = whole()
        received = self.data[stream]
        self.data[stream] = received[end:]
        return opcode, received[start:end]


def main(port):
    client = Client(port)
    status, page = client.get("/")
    assert status == "200" and b"WebSockets over HTTP/2" in page, (status, page)
    assert client.get("/nowhere")[0] == "404"
    assert client.settings[h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL] == 1
    print("ok: pages, and the setting that announces WebSockets")

    stream = client.open("/", ("sec-websocket-protocol", "other, greeting"))
    headers = client.headers[stream]
    assert headers[":status"] == "200" and headers["sec-websocket-protocol"] == "greeting", headers
    assert "sec-websocket-accept" not in headers and "upgrade" not in headers, headers
    assert client.frame(stream) == (1, b"over HTTP/2")
    client.send(stream, 1, "grüß 你好 🙂".encode())
    assert client.frame(stream) == (1, "grüß 你好 🙂".encode())
    client.send(stream, 9, b"are you there")
    assert client.frame(stream) == (10, b"are you there")
    print("ok: opened, text echoed, ping answered")

    large = bytes(index * 7 % 251 for index in range(1 << 19))
    client.send(stream, 2, large)
    assert client.frame(stream) == (2, large)
    print("ok: half a megabyte both ways through windows of 64 KiB")

    others = [client.open() for _ in range(30)]
    for other in others:
        assert client.frame(other) == (1, b"over HTTP/2")
    for number, other in enumerate(others):
        client.send(other, 1, str(number).encode())
    for number, other in reversed(list(enumerate(others))):
        assert client.frame(other) == (1, str(number).encode())
    print("ok: 30 more on the same connection")

    client.send(stream, 8, struct.pack("!H", 1000))
    assert client.frame(stream) == (8, struct.pack("!H", 1000))
    client.h2.end_stream(stream)
    client.flush()
    client.until(lambda: stream in client.ended)
    print("ok: a clean close ends the stream")

    client.h2.reset_stream(others[0])
    client.h2.end_stream(others[1])
    client.flush()
    client.until(lambda: others[1] in client.ended or others[1] in client.reset)
    bad = others[2]
    client.h2.send_data(bad, b"\x81\x01x")  # not masked
    client.flush()
    opcode, payload = client.frame(bad)
    assert (opcode, payload[:2]) == (8, struct.pack("!H", 1002)), (opcode, payload)
    client.send(others[3], 1, b"still here")
    assert client.frame(others[3]) == (1, b"still here")
    print("ok: resets, ends and violations concern one stream")

    refused = client.open("/nowhere")
    assert client.headers[refused][":status"] == "404"
    faulty = client.ask(
        [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":authority", "localhost"),
         (":path", "/"), ("sec-websocket-version", "8")],
        False,
    )
    assert client.headers[faulty][":status"] == "426", client.headers[faulty]
    assert client.headers[faulty]["sec-websocket-version"] == "13"
    print("ok: refusals")


main(int(sys.argv[1]))
print("Python h2: all as it should be")
