"""A real authorization server (idpyoidc) on loopback: idp_server.py [--opaque]

It prints "listening PORT" and ends when its standard input does. Users are logged in already: diana, and whoever /test/login names. Two
clients are known: `frontend`, which logs users in, and `gateway`, which exchanges their tokens. Beside the endpoints of
OAuth there are controls for the tests: POST /test/login?audience=A&scope=S&user=U runs the authorization code flow with PKCE as a
client would and answers with the token response; GET /test/counts tells which endpoints were asked how often, GET /test/resources
for which resources tokens were exchanged. With --opaque its tokens are no JSON Web Tokens: whoever gets one has to ask.
"""

import base64
import collections
import hashlib
import json
import os
import secrets
import sys
import tempfile
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler

import listening
from idpyoidc.server import Server
from idpyoidc.server.configure import OPConfiguration
from idpyoidc.server.oauth2.token_helper import validate_token_exchange_policy

CLIENT_AUTHENTICATION = ["client_secret_basic", "client_secret_post", "none"]
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
REDIRECT = "http://127.0.0.1/callback"
# Client secrets of less than 16 characters are refused.
SECRETS = {"frontend": "frontend-secret-0123", "gateway": "gateway-secret-456789"}
counts: collections.Counter = collections.Counter()
lock = threading.Lock()
logins = threading.Lock()
resources: list[str] = []


def endpoint(path: str, name: str, **kwargs) -> dict:
    return {"path": path, "class": name, "kwargs": kwargs}


def configuration(issuer: str, folder: str, opaque: bool) -> dict:
    oidc, oauth2 = "idpyoidc.server.oidc", "idpyoidc.server.oauth2"
    exchange = {
        "subject_token_types_supported": [ACCESS],
        "requested_token_types_supported": [ACCESS],
        "policy": {
            "": {
                "function": exchange_policy,
                "kwargs": {"scope": ["openid", "read", "write"], "audience": [], "resource": []},
            }
        },
    }
    encrypted = {"crypt_conf": {"kwargs": {"keys": {"key_defs": [
        {"type": "OCT", "use": ["enc"], "kid": "password"}, {"type": "OCT", "use": ["enc"], "kid": "salt"}
    ]}, "iterations": 1}}}
    token = {"class": "idpyoidc.server.token.jwt_token.JWTToken", "kwargs": {"lifetime": 3600, "add_claims_by_scope": True}}
    if opaque:
        token = {"class": "idpyoidc.server.token.DefaultToken", "kwargs": dict(encrypted, lifetime=3600)}
    return {
        "issuer": issuer,
        "httpc_params": {"verify": False},
        "preference": {
            "grant_types_supported": ["authorization_code", "client_credentials", EXCHANGE, "refresh_token"],
            "scopes_supported": ["openid", "read", "write"],
        },
        "scopes_to_claims": {"openid": ["sub"], "read": [], "write": []},
        "key_conf": {
            "private_path": f"{folder}/private.json",
            "key_defs": [{"type": "EC", "crv": "P-256", "use": ["sig"]}, {"type": "RSA", "use": ["sig"]}],
            "public_path": f"{folder}/jwks.json",
            "read_only": False,
            "uri_path": "jwks.json",
        },
        "token_handler_args": {
            "code": {"lifetime": 600, "kwargs": encrypted},
            "token": token,
            "refresh": {"class": "idpyoidc.server.token.jwt_token.JWTToken", "kwargs": {"lifetime": 86400}},
            "id_token": {"class": "idpyoidc.server.token.id_token.IDToken", "kwargs": {}},
        },
        "session_params": {"password": secrets.token_hex(16), "salt": secrets.token_hex(16)},
        "endpoint": {
            "provider_config": endpoint(
                ".well-known/openid-configuration", f"{oidc}.provider_config.ProviderConfiguration"),
            "registration": endpoint("registration", f"{oidc}.registration.Registration", client_authn_method=["none"]),
            "authorization": endpoint("authorization", f"{oidc}.authorization.Authorization"),
            "token": endpoint(
                "token", f"{oidc}.token.Token", client_authn_method=CLIENT_AUTHENTICATION,
                grant_types_helpers={
                    "authorization_code": {"class": f"{oidc}.token_helper.access_token.AccessTokenHelper", "kwargs": {}},
                    "client_credentials": {
                        "class": f"{oauth2}.token_helper.client_credentials.ClientCredentials", "kwargs": {}},
                    EXCHANGE: {"class": f"{oidc}.token_helper.token_exchange.TokenExchangeHelper", "kwargs": exchange},
                }),
            "introspection": endpoint(
                "introspection", f"{oauth2}.introspection.Introspection", client_authn_method=CLIENT_AUTHENTICATION,
                enforce_audience_restriction=False),
        },
        "add_ons": {"pkce": {"function": "idpyoidc.server.oauth2.add_on.pkce.add_support",
                             "kwargs": {"essential": True, "code_challenge_method": {"S256": {}}}}},
        "authentication": {"anon": {"acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
                                    "class": "idpyoidc.server.user_authn.user.NoAuthn", "kwargs": {"user": "diana"}}},
        "authz": {"class": "idpyoidc.server.authz.AuthzHandling", "kwargs": {"grant_config": {
            "usage_rules": {
                "authorization_code": {"supports_minting": ["access_token", "id_token"], "max_usage": 1},
                "access_token": {"supports_minting": ["access_token"], "expires_in": 3600},
            },
            "expires_in": 43200,
        }}},
        "userinfo": {"class": "idpyoidc.server.user_info.UserInfo", "kwargs": {"db": {name: {"sub": name} for name in ("diana", "bob")}}},
        "template_dir": folder,
    }


def exchange_policy(request, context, subject_token, **kwargs):
    """Tokens may be for any resource on loopback."""
    resources.extend(r for r in request.get("resource", []) if r.startswith("http://127.0.0.1:"))
    return validate_token_exchange_policy(request, context, subject_token, **dict(kwargs, resource=resources))


def client(secret: str, grants: list[str]) -> dict:
    return {
        "client_secret": secret, "redirect_uris": [(REDIRECT, None)], "response_types": ["code"],
        "response_types_supported": ["code"], "token_endpoint_auth_method": "client_secret_basic",
        "allowed_scopes": ["openid", "read", "write"], "grant_types_supported": grants,
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_model: Server

    def log_message(self, *arguments):
        pass

    def send(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.serve(b"")

    def do_POST(self):
        self.serve(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def serve(self, body: bytes) -> None:
        url = urllib.parse.urlsplit(self.path)
        path = url.path.strip("/")
        query = dict(urllib.parse.parse_qsl(url.query))
        json_type = [("Content-Type", "application/json")]
        if path == "test/login":
            with logins:
                self.server_model.context.authn_broker["anon"]["method"].user = query.get("user", "diana")
                return self.send(200, login(self.server_model.context.issuer, query), json_type)
        if path == "test/counts":
            return self.send(200, json.dumps(counts).encode(), json_type)
        if path == "test/resources":
            return self.send(200, json.dumps(resources).encode(), json_type)
        counts[path] += 1
        if path == "jwks.json":
            keys = self.server_model.context.keyjar.export_jwks()
            return self.send(200, json.dumps(keys).encode(), json_type)
        found = next((e for e in self.server_model.endpoint.values() if e.endpoint_path.strip("/") == path), None)
        if found is None:
            return self.send(404, b"{}", json_type)
        with lock:
            self.answer(found, query, body)

    def answer(self, endpoint, query: dict, body: bytes) -> None:
        http = {"headers": {k.lower(): v for k, v in self.headers.items()}, "method": self.command, "url": self.path}
        content = body.decode() if self.command == "POST" else query
        if self.command == "POST" and "json" not in self.headers.get("Content-Type", ""):
            content = dict(urllib.parse.parse_qsl(body.decode()))
            for name in ("audience", "resource"):
                if name in content:
                    content[name] = [content[name]]
        request = endpoint.parse_request(content, http_info=http)
        arguments = request if "error" in request else endpoint.process_request(request, http_info=http)
        if "error" in request:
            return self.send(400, request.to_json().encode(), [("Content-Type", "application/json")])
        if "http_response" in arguments:
            return self.send(200, arguments["http_response"].encode(), [])
        response = endpoint.do_response(request=request, **arguments)
        headers = response["http_headers"]
        if endpoint.name == "authorization" and response["response"].startswith("http"):
            return self.send(302, b"", headers + [("Location", response["response"])])
        failed = "error" in response["response"][:40] if isinstance(response["response"], str) else False
        self.send(int(response.get("status_code", 400 if failed else 200)), response["response"].encode(), headers)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def login(issuer: str, query: dict) -> bytes:
    """The authorization code flow with PKCE, over HTTP."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    parameters = {
        "response_type": "code", "client_id": "frontend", "redirect_uri": REDIRECT, "state": "s", "nonce": "n",
        "scope": query.get("scope", "openid read write"), "code_challenge": challenge, "code_challenge_method": "S256",
    }
    if "audience" in query:
        parameters["resource"] = query["audience"]
    try:
        urllib.request.build_opener(NoRedirect).open(f"{issuer}/authorization?{urllib.parse.urlencode(parameters)}")
        raise RuntimeError("no redirect")
    except urllib.error.HTTPError as error:
        location = error.headers["Location"]
    code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))["code"]
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": verifier,
        "client_id": "frontend", "client_secret": SECRETS["frontend"],
    }
    return urllib.request.urlopen(f"{issuer}/token", urllib.parse.urlencode(form).encode()).read()


def main() -> None:
    http = listening.opened(Handler)
    issuer = f"http://127.0.0.1:{http.server_address[1]}"
    with tempfile.TemporaryDirectory() as folder:
        server = Server(OPConfiguration(configuration(issuer, folder, "--opaque" in sys.argv), base_path=folder), cwd=folder)
        for name, secret in SECRETS.items():
            server.context.cdb[name] = client(secret, ["authorization_code", "client_credentials", EXCHANGE])
            server.context.keyjar.add_symmetric(name, secret)
        Handler.server_model = server
        listening.run(http)
    os._exit(0)


if __name__ == "__main__":
    main()
