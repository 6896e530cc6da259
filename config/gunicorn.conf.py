"""How the web is served: `gunicorn --config config/gunicorn.conf.py config.wsgi`. Command-line options win."""

import os

from config.logging import logging_settings

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", max(2, CORES)))
worker_class = "gthread"
threads = 8
timeout = 30
graceful_timeout = 30
keepalive = 75  # longer than a load balancer keeps an idle connection, which would else meet one just closed

# A pool as large as the threads that draw on it, in each worker; the settings open it at its first use, after the fork.
raw_env = [f"DATABASE_POOL_SIZE={os.environ.get('DATABASE_POOL_SIZE', threads)}"]

# Whom to believe about the shopper's address and scheme is said once, in TRUSTED_PROXIES.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}

control_socket_disable = True  # nobody asked for a socket in the home folder
logconfig_dict = logging_settings(level="INFO", plain=False) | {
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True, "qualname": "gunicorn.error"}}
}
