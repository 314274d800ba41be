"""
The client: the commands an installer and an operator give.

    mc alias set NAME URL [ACCESS SECRET]      keys are read from stdin, one per line, when not given
    mc mb [--ignore-existing] NAME/BUCKET
    mc ls NAME[/BUCKET[/PREFIX]]
    mc admin user add NAME [ACCESS SECRET]     keys as above
    mc admin user list NAME
    mc admin user info NAME ACCESS
    mc admin policy attach NAME readwrite --user ACCESS
    mc admin info NAME
"""

from __future__ import annotations

import base64
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

REFUSALS = {
    403: "Access Denied.",
    404: "The specified user does not exist.",
    409: "The specified policy change is already in effect.",
}
CONFIGURATION = Path(os.environ.get("MC_CONFIG_DIR", "/root/.mc")) / "config.json"


def fail(text: str) -> NoReturn:
    raise SystemExit(f"mc: <ERROR> {text}")


def keys(given: list[str]) -> tuple[str, str]:
    """The access key and the secret key, from the arguments or from stdin."""
    lines = given if given else [sys.stdin.readline().rstrip("\n"), sys.stdin.readline().rstrip("\n")]
    if len(lines) != 2 or not all(lines):
        fail("an access key and a secret key are needed")
    return lines[0], lines[1]


def aliases() -> dict[str, dict[str, str]]:
    if not CONFIGURATION.exists():
        return {}
    known: dict[str, dict[str, str]] = json.loads(CONFIGURATION.read_text())["aliases"]
    return known


def alias(name: str) -> dict[str, str]:
    return aliases().get(name) or fail(f"no alias {name}")


def client(where: dict[str, str]) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=where["url"],
        aws_access_key_id=where["accessKey"],
        aws_secret_access_key=where["secretKey"],
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}),
    )


def administer(where: dict[str, str], what: str, *lines: str) -> dict[str, str]:
    """Post to the store's administration as the alias' user and return the policies of each user there is."""
    credentials = base64.b64encode(f"{where['accessKey']}:{where['secretKey']}".encode()).decode()
    url, body = f"{where['url']}/minio/standin/{what}", "\n".join(lines).encode()
    request = urllib.request.Request(url, body, {"Authorization": f"Basic {credentials}"})  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - the alias is the operator's own
            listed = answer.read().decode().splitlines()
    except urllib.error.HTTPError as error:
        return fail(REFUSALS.get(error.code, str(error)))
    except urllib.error.URLError as error:
        return fail(f"{where['url']}: {error.reason}")
    return {user: policies for user, _, policies in (line.partition(" ") for line in listed)}


def alias_set(name: str, url: str, *given: str) -> None:
    access, secret = keys(list(given))
    where = {"url": url.rstrip("/"), "accessKey": access, "secretKey": secret, "api": "S3v4", "path": "auto"}
    client(where).list_buckets()
    CONFIGURATION.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    CONFIGURATION.write_text(json.dumps({"version": "10", "aliases": {**aliases(), name: where}}))
    CONFIGURATION.chmod(0o600)
    print(f"Added `{name}` successfully.")


def mb(*arguments: str) -> None:
    quiet = {"--ignore-existing", "-p"} & set(arguments)
    name, _, bucket = next(word for word in arguments if not word.startswith("-")).partition("/")
    store = client(alias(name))
    if any(each["Name"] == bucket for each in store.list_buckets()["Buckets"]):
        if not quiet:
            fail(f"bucket {bucket} exists")
    else:
        store.create_bucket(Bucket=bucket)
    print(f"Bucket created successfully `{name}/{bucket}`.")


def ls(where: str) -> None:
    name, _, path = where.partition("/")
    store = client(alias(name))
    bucket, _, prefix = path.partition("/")
    if not bucket:
        for each in store.list_buckets()["Buckets"]:
            print(f"{each['Name']}/")
        return
    for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"):
        for folder in page.get("CommonPrefixes", []):
            print(folder["Prefix"])
        for each in page.get("Contents", []):
            print(each["LastModified"].isoformat(), each["Size"], each["Key"])


def user_add(name: str, *given: str) -> None:
    access, secret = keys(list(given))
    administer(alias(name), "users", access, secret)
    print(f"Added user `{access}` successfully.")


def user_list(name: str) -> None:
    for user, policies in administer(alias(name), "users").items():
        print(f"enabled    {user}    {policies}")


def user_info(name: str, user: str) -> None:
    users = administer(alias(name), "users")
    if user not in users:
        fail(REFUSALS[404])
    print(f"AccessKey: {user}\nStatus: enabled\nPolicyName: {users[user]}")


def policy_attach(name: str, policy: str, flag: str = "", user: str = "") -> None:
    user = user or flag.removeprefix("--user=")
    if policy != "readwrite":
        fail(f"this stand-in knows the policy readwrite, not {policy}")
    administer(alias(name), "policies", user, policy)
    print(f"Attached Policies: [{policy}]\nTo User: {user}")


def info(name: str) -> None:
    administer(alias(name), "users")
    print(f"{alias(name)['url']}: up")


COMMANDS: dict[tuple[str, ...], Callable[..., None]] = {
    ("alias", "set"): alias_set,
    ("mb",): mb,
    ("ls",): ls,
    ("admin", "user", "add"): user_add,
    ("admin", "user", "list"): user_list,
    ("admin", "user", "info"): user_info,
    ("admin", "policy", "attach"): policy_attach,
    ("admin", "info"): info,
}


def main(arguments: list[str]) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    for words, command in COMMANDS.items():
        if tuple(arguments[: len(words)]) == words:
            try:
                command(*arguments[len(words) :])
            except (BotoCoreError, ClientError) as error:
                fail(str(error))
            return
    fail(f"this stand-in does not know: {' '.join(arguments)}")


if __name__ == "__main__":
    main(sys.argv[1:])
