"""How gunicorn serves Relay. Every line can be overruled by GUNICORN_CMD_ARGS."""

import gc
import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("RELAY_WEB_THREADS", "4"))
# Load the application once and share its memory between the workers.
preload_app = True
# A worker that has served this many requests is replaced, which caps slow leaks of memory.
max_requests = 10_000
max_requests_jitter = 1_000
timeout = 30
graceful_timeout = 20
keepalive = 5
# Heartbeats on disk can stall the workers.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# Requests are logged by the application, with their ids.
accesslog = None


def when_ready(server):
    """
    Leave what is loaded now to itself: it stays until the end, so the garbage collector need
    not look through it again and again, nor thereby copy the memory that the workers share.
    """
    gc.collect()
    gc.freeze()
