# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""Redis: the stream by which Asterisk learns of new configuration."""

import os

import redis

STREAM = "asterisk_conf_updater"


def client() -> redis.Redis:
    host = os.environ.get("REDIS_HOSTNAME", "localhost")
    return redis.Redis(host=host, socket_connect_timeout=3, socket_timeout=3)


def announce(what: str) -> None:
    client().xadd(STREAM, {"type": what}, maxlen=1000)


def answers() -> bool:
    try:
        return bool(client().ping())
    except redis.RedisError:
        return False
