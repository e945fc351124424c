"""Puts the files of a folder into the bucket with boto3, or gets them back; prints the seconds it took.

boto3_client.py put|get FOLDER PARALLEL, with S3_ENDPOINT and its companions in the environment.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config


def main() -> None:
    verb, folder, parallel = sys.argv[1], sys.argv[2], int(sys.argv[3])
    client = boto3.client(
        "s3",
        endpoint_url=os.environ["S3_ENDPOINT"],
        aws_access_key_id=os.environ["S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ["S3_SECRET_KEY"],
        region_name=os.environ["S3_REGION"],
        config=Config(max_pool_connections=64, s3={"addressing_style": "path"}),
    )
    bucket = os.environ["S3_BUCKET"]
    names = sorted(os.listdir(folder))
    client.list_objects_v2(Bucket=bucket, MaxKeys=1)

    def move(name: str) -> None:
        path = os.path.join(folder, name)
        if verb == "put":
            client.upload_file(path, bucket, "boto3/" + name)
        else:
            client.download_file(bucket, "boto3/" + name, path)

    start = time.monotonic()
    with ThreadPoolExecutor(parallel) as pool:
        list(pool.map(move, names))
    print(time.monotonic() - start)


main()
