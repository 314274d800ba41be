# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""The bucket with recordings and prompts, by the endpoint and the keys of the environment."""

import os
from typing import Any

import boto3
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

NAME = os.environ.get("S3_BUCKET_NAME", "omnileads")
HOUR = 3600

# With CALLREC_DEVICE=s3-no-check-cert the operator has said so.
urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


def client() -> Any:
    """Keys and region are read by boto3 itself; TLS is checked only with CALLREC_DEVICE=s3."""
    return boto3.client(
        "s3",
        endpoint_url=os.environ.get("S3_ENDPOINT") or None,
        region_name=os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        verify=os.environ.get("CALLREC_DEVICE", "s3") == "s3",
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=2,
            read_timeout=5,
            retries={"max_attempts": 0},
        ),
    )


def link(key: str) -> str:
    return str(client().generate_presigned_url("get_object", {"Bucket": NAME, "Key": key}, HOUR))


def put(key: str, content: bytes) -> None:
    client().put_object(Bucket=NAME, Key=key, Body=content)


def answers() -> bool:
    """Asks for an object nobody stored: a bucket that knows us says that it is not there."""
    try:
        client().get_object(Bucket=NAME, Key="standin/nothing.wav")
    except ClientError as error:
        return error.response["Error"]["Code"] == "NoSuchKey"
    except BotoCoreError:
        return False
    return True
