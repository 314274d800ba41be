"""
The client: the commands an installer and an operator give.

    mc alias set NAME URL [ACCESS SECRET]      keys are read from stdin, one per line, when not given
    mc mb [--ignore-existing] NAME/BUCKET
    mc ls NAME[/BUCKET[/PREFIX]]
    mc admin user add NAME [ACCESS SECRET]     keys as above
    mc admin user list NAME
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
from pathlib import Path
from typing import Any, NoReturn

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


def administer(where: dict[str, str], body: str) -> list[str]:
    """Post to the store's administration as the alias' user and return the names of the users there are."""
    credentials = base64.b64encode(f"{where['accessKey']}:{where['secretKey']}".encode()).decode()
    request = urllib.request.Request(f"{where['url']}/minio/standin/users", body.encode(), method="POST")
    request.add_header("Authorization", f"Basic {credentials}")
    try:
        with urllib.request.urlopen(request) as answer:
            return str(answer.read().decode()).splitlines()
    except urllib.error.HTTPError as error:
        return fail("access denied" if error.code == 403 else str(error))
    except urllib.error.URLError as error:
        return fail(f"{where['url']}: {error.reason}")


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
    administer(alias(name), f"{access}\n{secret}\n")
    print(f"Added user `{access}` successfully.")


def user_list(name: str) -> None:
    for user in administer(alias(name), ""):
        print(f"enabled    {user}    readwrite")


def policy_attach(name: str, policy: str, flag: str = "", user: str = "") -> None:
    user = user or flag.removeprefix("--user=")
    if user not in administer(alias(name), ""):
        fail(f"no user {user}")
    if policy != "readwrite":
        fail(f"this stand-in knows the policy readwrite, not {policy}")
    print(f"Attached policies [{policy}] to user `{user}`.")


def info(name: str) -> None:
    administer(alias(name), "")
    print(f"{alias(name)['url']}: up")


COMMANDS = {
    ("alias", "set"): alias_set,
    ("mb",): mb,
    ("ls",): ls,
    ("admin", "user", "add"): user_add,
    ("admin", "user", "list"): user_list,
    ("admin", "policy", "attach"): policy_attach,
    ("admin", "info"): info,
}


def main(arguments: list[str]) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    for words, command in COMMANDS.items():
        if tuple(arguments[: len(words)]) == words:
            try:
                return command(*arguments[len(words) :])
            except (BotoCoreError, ClientError) as error:
                fail(str(error))
    return fail(f"this stand-in does not know: {' '.join(arguments)}")


if __name__ == "__main__":
    main(sys.argv[1:])
