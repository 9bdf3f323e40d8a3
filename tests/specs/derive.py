#!/usr/bin/env python3
"""Derives tests/fixtures/<provider>/requests.json from a provider's OpenAPI document.

    tests/specs/derive.py OPENAPI.json "POST /call" "GET /call" > tests/fixtures/vapi/requests.json

What is kept of each operation: the schema of its JSON body, with references resolved and texts left
out, and the names of its query parameters. Objects are closed: a field that the document does not
name is refused, even where the provider would pass over it. Below DEPTH levels anything is taken.
"""
import json
import sys

DEPTH = 4
KEPT = ("enum", "const", "required", "pattern", "minLength", "maxLength", "minimum", "maximum",
        "minItems", "maxItems")
UNIONS = ("oneOf", "anyOf")


def target(document, schema):
    """What a schema refers to, or itself."""
    while "$ref" in schema:
        place = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            place = place[step.replace("~1", "/").replace("~0", "~")]
        schema = place
    return schema


def joined(document, schema):
    """A schema with the parts of its allOf in it."""
    schema = dict(target(document, schema))
    for part in schema.pop("allOf", []):
        part = joined(document, part)
        properties = {**part.get("properties", {}), **schema.get("properties", {})}
        required = part.get("required", []) + schema.get("required", [])
        schema = {**part, **schema}
        if properties:
            schema["properties"] = properties
        if required:
            schema["required"] = sorted(set(required))
    return schema


def bare(document, schema, depth=0):
    """A schema with what can be checked, and nothing to read."""
    schema = joined(document, schema)
    if depth > DEPTH:
        return {}
    kept = {key: schema[key] for key in KEPT if key in schema}
    if "type" in schema:
        nullable = schema.get("nullable") and isinstance(schema["type"], str)
        kept["type"] = [schema["type"], "null"] if nullable else schema["type"]
    if schema.get("nullable") and "enum" in kept:
        kept["enum"] = [*kept["enum"], None]
    for union in UNIONS:
        if union in schema:
            kept["anyOf"] = [bare(document, one, depth + 1) for one in schema[union]]
    if "items" in schema:
        kept["items"] = bare(document, schema["items"], depth + 1)
    if "properties" in schema:
        inner = schema["properties"].items()
        kept["properties"] = {name: bare(document, one, depth + 1) for name, one in inner}
        if "anyOf" not in kept and not schema.get("additionalProperties"):
            kept["additionalProperties"] = False
    return kept


def operation(document, name):
    """The body and the query of one operation."""
    method, path = name.split(" ")
    item = document["paths"][path]
    told = item[method.lower()]
    parameters = [target(document, one) for one in item.get("parameters", []) + told.get("parameters", [])]
    query = sorted(one["name"] for one in parameters if one["in"] == "query")
    body = target(document, told.get("requestBody", {})).get("content", {})
    body = body.get("application/json", {}).get("schema")
    return {"query": query, "body": bare(document, body) if body else None}


def main():
    document = json.load(open(sys.argv[1], encoding="utf-8"))
    derived = {name: operation(document, name) for name in sys.argv[2:]}
    json.dump(derived, sys.stdout, indent=1, sort_keys=True)
    print()


main()
