"""`python -m sandbox`: run the simulator until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

from sandbox.app import Application
from sandbox.config import Config, InvalidConfiguration
from sandbox.server import Server
from sandbox.timekeeper import Timekeeper
from sandbox.webhooks.courier import COURIERS, Courier
from sandbox.world import Sandbox


def main() -> int:
    """Serve until SIGTERM or SIGINT; 2 if the configuration cannot be used or the port is taken."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        config = Config.from_environment(os.environ)
        server = Server(config.port)
    except InvalidConfiguration as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"Port {config.port} cannot be used ({error.strerror}); set SANDBOX_PORT to a free one.")
    sandbox = Sandbox(config, server.server_port)
    server.answer = Application(sandbox)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    stopping = threading.Event()
    _start_threads(sandbox, stopping)
    print(f"ready: {sandbox.origin}", flush=True)
    server.serve_forever(poll_interval=0.1)
    stopping.set()
    server.server_close()
    sandbox.store.close()
    return 0


def _start_threads(sandbox: Sandbox, stopping: threading.Event) -> None:
    """What happens without a request: deliveries, and what Stripe does later by itself."""
    Timekeeper(sandbox, stopping).start()
    if sandbox.config.webhook_url:
        for _ in range(COURIERS):
            Courier(sandbox, stopping).start()


def _refuse(reason: str) -> int:
    print(f"sandbox: {reason}", file=sys.stderr, flush=True)
    return 2


if __name__ == "__main__":
    sys.exit(main())
