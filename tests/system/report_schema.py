# SPDX-License-Identifier: Apache-2.0
"""report_schema.py SCHEMA REPORT - holds every line to the schema, the order of its keys included."""
import json
import re
import sys

schema = json.load(open(sys.argv[1], encoding="utf-8"))


def fail(where, what):
    sys.exit(f"line {number}: {where}: {what}")


def check(where, shape, value):
    if "$ref" in shape:
        return check(where, schema["$defs"][shape["$ref"].rsplit("/", 1)[1]], value)
    kind = shape.get("type", "string")
    types = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    if type(value) is not types[kind]:
        fail(where, f"{value!r} is no {kind}")
    if "enum" in shape and value not in shape["enum"]:
        fail(where, f"{value!r} is none of {shape['enum']}")
    if "pattern" in shape and not re.search(shape["pattern"], value):
        fail(where, f"{value!r} does not match {shape['pattern']}")
    if kind == "array":
        for item in value:
            check(where + "[]", shape["items"], item)
    if kind == "object":
        check_object(where, shape, value)
    return None


def check_object(where, shape, value):
    properties = shape.get("properties", {})
    order = list(properties)
    known = [key for key in value if key in properties]
    if known != sorted(known, key=order.index):
        fail(where, f"keys are out of order: {known}")
    for key in shape.get("required", ()):
        if key not in value:
            fail(where, f"{key} is missing")
    for key, member in value.items():
        more = shape.get("additionalProperties", {})
        if key not in properties and more is False:
            fail(where, f"{key} is unknown")
        check(f"{where}.{key}", properties.get(key, more), member)


def no_twins(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        fail("object", f"a key stands twice in {keys}")
    return dict(pairs)


number, record = 0, {}
for number, line in enumerate(open(sys.argv[2], "rb"), 1):
    record = json.loads(line.decode("utf-8", "strict"), object_pairs_hook=no_twins)
    check(record["type"], schema["$defs"][record["type"]], record)
    if record["seq"] != number:
        fail("seq", record["seq"])
if record.get("type") != "bye":
    sys.exit("there is no line, or the last one is not bye")
