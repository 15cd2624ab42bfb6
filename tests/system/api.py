# SPDX-License-Identifier: Apache-2.0
"""api.py ADDRESS TOKEN ROOT - asks a manager for all that api/openapi.json names, and holds every answer to it.

Each route of the table in src/manager/api.c is in the file and the other way round, with its role; each path and method
is asked, and every answer has a status, a type and a shape that the file tells.
"""
import http.client
import json
import re
import sys

address, token, root = sys.argv[1:]
described = json.load(open(f"{root}/api/openapi.json", encoding="utf-8"))
asked = set()


def fail(where, what):
    sys.exit(f"{where}: {what}")


# ---- shapes

TYPES = {
    "string": lambda x: isinstance(x, str),
    "integer": lambda x: isinstance(x, int) and not isinstance(x, bool),
    "number": lambda x: isinstance(x, (int, float)) and not isinstance(x, bool),
    "boolean": lambda x: isinstance(x, bool),
    "array": lambda x: isinstance(x, list),
    "object": lambda x: isinstance(x, dict),
    "null": lambda x: x is None,
}
KEYWORDS = {"$ref", "anyOf", "type", "enum", "pattern", "minimum", "maximum", "items", "properties", "required",
            "additionalProperties", "description"}  # fmt: skip


def wrong(shape, x, where):
    """What is wrong with x, or None."""
    if set(shape) - KEYWORDS:
        fail(where, f"the file has words that this test does not know: {set(shape) - KEYWORDS}")
    if "$ref" in shape:
        return wrong(described["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]], x, where)
    if "anyOf" in shape:
        found = [wrong(one, x, where) for one in shape["anyOf"]]
        return None if None in found else found[0]
    kinds = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    if not any(TYPES[kind](x) for kind in kinds):
        return f"{where}: {x!r} is none of {kinds}"
    if "enum" in shape and x not in shape["enum"]:
        return f"{where}: {x!r} is none of {shape['enum']}"
    if "pattern" in shape and x is not None and not re.search(shape["pattern"], x):
        return f"{where}: {x!r} does not match {shape['pattern']}"
    if "minimum" in shape and x < shape["minimum"]:
        return f"{where}: {x} is below {shape['minimum']}"
    if isinstance(x, list):
        return next((e for i, one in enumerate(x) if (e := wrong(shape["items"], one, f"{where}[{i}]"))), None)
    return wrong_object(shape, x, where) if isinstance(x, dict) else None


def wrong_object(shape, x, where):
    properties, more = shape.get("properties", {}), shape["additionalProperties"]
    missing = [key for key in shape.get("required", ()) if key not in x]
    unknown = [key for key in x if key not in properties and more is False]
    if missing or unknown:
        return f"{where}: missing {missing}, unknown {unknown}"
    for key, value in x.items():
        one = properties.get(key, more)
        if one is not True and (error := wrong(one, value, f"{where}.{key}")):
            return error
    return None


# ---- asking


def ask(method, path, query="", body=None, status=None, by=token):
    """The answer, which must be one that the file tells of this path and method."""
    where = f"{method} {path}{query}"
    template = re.sub(r"/[0-9]+(?=/|$)", "/{id}", path)
    operation = described["paths"].get(template, {}).get(method.lower()) or fail(where, "is not in the file")
    connection = http.client.HTTPConnection(address, timeout=30)
    headers = {"Authorization": "Bearer " + by} if by else {}
    connection.request(method, path + query, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    told = operation["responses"].get(str(answer.status)) or fail(where, f"{answer.status} is not in the file")
    if status is not None and answer.status != status:
        fail(where, f"{answer.status}, not {status}: {answer.read()[:300]}")
    if path == "/api/v1/events" and answer.status == 200:
        connection.close()
        body = None
    else:
        body = answer.read().decode("utf-8")
    for kind, content in told.get("content", {}).items():
        if answer.getheader("Content-Type") != kind:
            fail(where, f"{answer.getheader('Content-Type')} is not {kind}")
        if kind == "application/json":
            body = json.loads(body)
            if error := wrong(content["schema"], body, "answer"):
                fail(where, error)
    asked.add((method, template, answer.status))
    return body


def compare_routes():
    """The table of the program and the file, with roles."""
    with open(f"{root}/src/manager/api.c", encoding="utf-8") as f:
        table = re.findall(r'\{"([A-Z]+)", "([^"]+)", ROLE_([A-Z]+), \w+\}', f.read())
    ours = {(method, path.replace("#", "{id}"), role.lower()) for method, path, role in table}
    ours.add(("GET", "/api/v1/openapi.json", "none"))  # a file that lies beside the page's
    theirs = {
        (method.upper(), path, operation["x-role"])
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    if ours != theirs:
        fail("routes", f"only in src/manager/api.c: {ours - theirs}; only in api/openapi.json: {theirs - ours}")


def ask_all():
    devices = ask("GET", "/api/v1/devices", "?limit=1000&facets=vendor,type,seen,name", status=200)["devices"]
    if len(devices) < 30:
        fail("devices", f"only {len(devices)}")
    for device in devices:
        for more in ("", "/timeline", "/activity"):
            ask("GET", f"/api/v1/devices/{device['id']}{more}", status=200)
    one = f"/api/v1/devices/{devices[0]['id']}"
    for query, status in (("?q=foo:1", 400), ("?sort=colour", 400), ("?limit=0", 400), ("?after=x", 400)):
        ask("GET", "/api/v1/devices", query, status=status)
    said = ask("PATCH", one, body={"note": "by the door", "tags": ["a", "b"], "owner": "Ann"}, status=200)
    if said["tags"] != ["a", "b"]:
        fail("tags", said["tags"])
    ask("PATCH", one, body={"note": 1}, status=400)
    for path in ("/api/v1/devices/99999999", "/api/v1/devices/99999999/timeline"):
        ask("GET", path, status=404)
    ask("GET", "/api/v1/facets", status=200)
    ask("GET", "/api/v1/facets", "?q=os:linux", status=200)
    ask("GET", "/api/v1/values", "?field=os&prefix=d", status=200)
    ask("GET", "/api/v1/values", "?field=name", status=200)
    ask("GET", "/api/v1/values", status=400)
    links = ask("GET", "/api/v1/links", status=200)
    ids = {node["id"] for node in links["nodes"]}
    if not links["edges"] or any(edge["from"] not in ids or edge["to"] not in ids for edge in links["edges"]):
        fail("links", "an edge without its node, or none at all")
    ask("GET", "/api/v1/links", "?q=role:router&kinds=talks&nodes=3&edges=2", status=200)
    for path in ("fields", "services", "sensors", "coverage", "openapi.json", "events",
                 "export.csv", "export.ndjson", "export.ocsf", "export.ecs", "export.netbox"):  # fmt: skip
        ask("GET", "/api/v1/" + path, status=200)
    for kind in ("interfaces", "ip-addresses"):
        ask("GET", "/api/v1/export.netbox", f"?kind={kind}&site=Lab", status=200)
    ask("GET", "/api/v1/export.netbox", "?kind=racks", status=400)
    for path in ("/metrics", "/healthz", "/readyz"):
        ask("GET", path, status=200)
    ask("GET", "/login", "?token=none", status=401)


def ask_changes():
    page = ask("GET", "/api/v1/changes", "?limit=3", status=200)
    if len(page["changes"]) != 3 or page["next"] is None or page["unseen"] < 3:
        fail("changes", page)
    after = ask("GET", "/api/v1/changes", f"?limit=1000&before={page['next']}", status=200)["changes"]
    ask("GET", "/api/v1/changes", "?what=new&unseen=1&text=02:&since=2020-01-01T00:00:00.000000Z", status=200)
    ask("GET", "/api/v1/changes", "?since=yesterday", status=400)
    newest = page["changes"][0]["id"]
    seen = ask("POST", f"/api/v1/changes/{newest}/ack", body={}, status=200)
    if seen != {"seen": 1, "unseen": page["unseen"] - 1}:
        fail("ack", seen)
    ask("POST", "/api/v1/changes/99999999/ack", body={}, status=404)
    ask("POST", "/api/v1/changes/ack", body={}, status=400)
    mute = ask("POST", "/api/v1/mutes", body={"what": after[0]["what"], "note": "enough"}, status=200)["mutes"][-1]
    muted = ask("GET", "/api/v1/changes", "?muted=1&limit=1000", status=200)["changes"]
    shown = ask("GET", "/api/v1/changes", "?limit=1000", status=200)["changes"]
    if not any(c["muted"] for c in muted) or any(c["what"] == after[0]["what"] for c in shown):
        fail("mutes", "what is muted is shown, or not told as muted")
    ask("POST", "/api/v1/mutes", body={}, status=400)
    ask("GET", "/api/v1/mutes", status=200)
    ask("DELETE", f"/api/v1/mutes/{mute['id']}", status=200)
    ask("DELETE", f"/api/v1/mutes/{mute['id']}", status=404)
    if ask("POST", "/api/v1/changes/ack", body={"upto": newest}, status=200)["unseen"] != 0:
        fail("ack", "something is unseen still")


def ask_as_nobody():
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if operation["x-role"] != "none":
                ask(method.upper(), path.replace("{id}", "1"), status=401, by=None)


compare_routes()
ask_all()
ask_changes()
ask_as_nobody()
ask("POST", "/api/v1/logout", status=204)
left = [
    f"{method.upper()} {path}"
    for path, methods in described["paths"].items()
    for method in methods
    if path != "/login" and not any((method.upper(), path, status) in asked for status in (200, 204))
]
if left:
    fail("not asked", left)
