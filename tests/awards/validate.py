#!/usr/bin/env python3
"""Validates a round's awards against the 360Giving Data Standard 1.4, formats and codes of places included.

    pip install 'jsonschema[format]'
    python3 tests/awards/validate.py awards.json

The file is that of GET /api/v1/rounds/{id}/awards.json. Neither `cargo test` nor CI needs this.
"""

import json
import pathlib
import re
import sys

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

SCHEMAS = pathlib.Path(__file__).parent.parent / "data" / "360giving"
# The entity parts of GSS codes for the types that the standard's codelist names (ONS, Register of Geographic Codes).
ENTITIES = {"CTRY": "[EWSN]92", "RGN": "E12", "CTY": "E10", "UA": "[EW]06", "NMD": "E07", "MD": "E08", "LONB": "E09"}


def validator():
    grant = json.loads((SCHEMAS / "360-giving-schema.json").read_text())
    package = json.loads((SCHEMAS / "360-giving-package-schema.json").read_text())
    # The package names an earlier patch of the grant's schema; both stand for the one here.
    names = {grant["$id"], package["properties"]["grants"]["items"]["$ref"]}
    resources = [(name, DRAFT202012.create_resource(grant)) for name in names]
    formats = Draft202012Validator.FORMAT_CHECKER
    assert "date-time" in formats.checkers, "pip install 'jsonschema[format]'"
    return Draft202012Validator(package, registry=Registry().with_resources(resources), format_checker=formats)


def places(package):
    for grant in package["grants"]:
        for place in grant["beneficiaryLocation"]:
            kind = place.get("geoCodeType")
            if not re.fullmatch(r"[EWSN]\d{8}", place["geoCode"]):
                yield f"{grant['id']}: {place['geoCode']} is no GSS code"
            if kind and not re.match(ENTITIES[kind], place["geoCode"]):
                yield f"{grant['id']}: {place['geoCode']} is no {kind}"


def main():
    package = json.loads(pathlib.Path(sys.argv[1]).read_text())
    faults = [f"{list(fault.absolute_path)}: {fault.message}" for fault in validator().iter_errors(package)]
    faults += list(places(package))
    for fault in faults:
        print(fault)
    print(f"{len(package['grants'])} grants, {len(faults)} faults")
    sys.exit(bool(faults))


main()
