"""`wstest`, with settings it lacks:

WSTEST_TIME_SCALE=5 makes every case wait five times as long as usual, for slow peers;
WSTEST_PAUSE=0.1 leaves a tenth of a second between two cases, for peers that serve few connections at once.

Python 2.7.
"""

import os
import sys
import types

try:
    import OpenSSL  # noqa: F401
except ImportError:
    # On PyPy there is no wheel of cryptography. This is as much of TLS as `ws://` needs.
    import twisted.internet

    ssl = types.ModuleType("twisted.internet.ssl")
    ssl.ClientContextFactory = type("ClientContextFactory", (object,), {})
    sys.modules["twisted.internet.ssl"] = twisted.internet.ssl = ssl

from autobahntestsuite import fuzzing
from autobahntestsuite.wstest import run


def stretched(method, scale):
    """The method, whose first argument is a delay, with that delay times `scale`."""
    def call(self, delay, *rest, **named):
        return method(self, delay * scale, *rest, **named)
    return call


def delayed(method, pause):
    """The method, called so many seconds later."""
    from twisted.internet import reactor

    def call(*arguments):
        reactor.callLater(pause, method, *arguments)
    return call


scale = float(os.environ.get("WSTEST_TIME_SCALE", "1"))
for name in ("killAfter", "closeAfter", "continueLater"):
    method = getattr(fuzzing.FuzzingProtocol, name).__func__
    setattr(fuzzing.FuzzingProtocol, name, stretched(method, scale))

pause = float(os.environ.get("WSTEST_PAUSE", "0"))
if pause:
    factory = fuzzing.FuzzingClientFactory
    factory.clientConnectionLost = delayed(factory.clientConnectionLost.__func__, pause)

run()
