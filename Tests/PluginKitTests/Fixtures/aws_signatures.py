"""Computes OutgoingAuth/SignatureVectors.swift with botocore, which shares no code with ours.

    .cache/aws/bin/python Tests/PluginKitTests/Fixtures/aws_signatures.py >Tests/PluginKitTests/OutgoingAuth/SignatureVectors.swift

The keys are AWS's own examples.
"""

import datetime
import hashlib
import json

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ACCESS, SECRET, TOKEN = "ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luX2VjEXAMPLE//token=="
BODY = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"h\xc3\xa9"}}}'
JSON = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")]
CASES = [
    # title, method, url, headers, body, region, service, Unix time
    ("plain", "POST", "https://example.amazonaws.com/mcp", JSON, BODY, "us-east-1", "aws-mcp", 1440938160),
    ("no path", "POST", "https://example.amazonaws.com", JSON, BODY, "eu-west-1", "aws-mcp", 1440938160),
    ("empty body", "GET", "https://example.amazonaws.com/", [], b"", "us-east-1", "service", 1440938160),
    ("port", "POST", "https://example.amazonaws.com:8443/mcp", JSON, BODY, "us-east-1", "aws-mcp", 1440938160),
    ("usual port", "POST", "https://example.amazonaws.com:443/mcp", JSON, BODY, "us-east-1", "aws-mcp", 1440938160),
    ("query in order", "GET", "https://example.amazonaws.com/?Param2=b&Param1=z&Param1=a", [], b"", "us-east-1", "service", 1440938160),
    ("query without value", "GET", "https://example.amazonaws.com/?b&a=", [], b"", "us-east-1", "service", 1440938160),
    ("escaped query", "GET", "https://example.amazonaws.com/?q=a%20b%2Fc%C3%A9&x=~-_.", [], b"", "us-east-1", "service", 1440938160),
    ("escaped path", "POST", "https://example.amazonaws.com/a%20b/%C3%A9", JSON, BODY, "us-east-1", "aws-mcp", 1440938160),
    ("dots and slashes", "GET", "https://example.amazonaws.com/a/./b/../c//d/", [], b"", "us-east-1", "service", 1440938160),
    ("colon in path", "GET", "https://example.amazonaws.com/arn:aws:x/y", [], b"", "us-east-1", "service", 1440938160),
    ("spaces in values", "POST", "https://example.amazonaws.com/mcp", JSON + [("X-Note", "  a   b  ")], BODY, "us-east-1", "aws-mcp", 1440938160),
    ("what is not signed", "POST", "https://example.amazonaws.com/mcp",
     JSON + [("User-Agent", "x"), ("X-Amzn-Trace-Id", "y"), ("Authorization", "Bearer z")], BODY, "us-east-1", "aws-mcp", 1440938160),
    ("session headers", "POST", "https://example.amazonaws.com/mcp",
     JSON + [("Mcp-Session-Id", "s-1"), ("MCP-Protocol-Version", "2025-11-25")], BODY, "cn-north-1", "bedrock-agentcore", 1798761599),
    ("leap day", "POST", "https://example.amazonaws.com/mcp", JSON, BODY, "us-east-1", "aws-mcp", 1709210096),
    ("new year", "POST", "https://example.amazonaws.com/mcp", JSON, BODY, "us-east-1", "aws-mcp", 1767225600),
]


def signed(method, url, headers, body, region, service, time) -> str:
    request = AWSRequest(method, url, data=body)
    for name, value in headers:
        if name != "Authorization":
            request.headers.add_header(name, value)
    stamp = datetime.datetime.fromtimestamp(time, datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = stamp
    request.headers["X-Amz-Security-Token"] = TOKEN
    request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(body).hexdigest()
    request.context["timestamp"] = stamp
    signer = SigV4Auth(Credentials(ACCESS, SECRET, TOKEN), service, region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    names = signer.signed_headers(signer.headers_to_sign(request))
    signature = signer.signature(text, request)
    return f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={names}, Signature={signature}"


def text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


print("""// swift-format-ignore-file
// Computed by Fixtures/aws_signatures.py with botocore.

/// Requests, and what makes them acceptable to AWS.
enum SignatureVectors {
    struct Vector: Sendable, CustomStringConvertible {
        let description, method, url: String
        let headers: [[String]]
        let body, region, service: String
        let time: UInt64
        let authorization: String
    }
""")
print(f"    static let accessKey = {text(ACCESS)}, secret = {text(SECRET)}\n    static let sessionToken = {text(TOKEN)}\n")
print("    static let all: [Vector] = [")
for title, method, url, headers, body, region, service, time in CASES:
    fields = {
        "description": text(title), "method": text(method), "url": text(url),
        "headers": "[" + ", ".join(f"[{text(n)}, {text(v)}]" for n, v in headers) + "]", "body": text(body.decode()),
        "region": text(region), "service": text(service), "time": str(time * 1000),
        "authorization": text(signed(method, url, headers, body, region, service, time)),
    }
    print("        Vector(" + ", ".join(f"{name}: {value}" for name, value in fields.items()) + "),")
print("    ]\n}")
