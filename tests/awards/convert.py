#!/usr/bin/env python3
"""Converts a round's awards both ways with 360Giving's own tool, and compares.

    pip install flattentool
    python3 tests/awards/convert.py awards.json awards.csv

The two files are those of GET /api/v1/rounds/{id}/awards.json and .csv. Neither `cargo test` nor CI needs this.
"""

import csv
import json
import pathlib
import shutil
import sys
import tempfile

import flattentool

SCHEMA = str(pathlib.Path(__file__).parent.parent / "data" / "360giving" / "360-giving-schema.json")


def unflattened(table, folder):
    """The grants of a CSV file, by the tool."""
    sheets = folder / "in"
    sheets.mkdir()
    shutil.copy(table, sheets / "grants.csv")
    out = folder / "unflattened.json"
    flattentool.unflatten(
        str(sheets), input_format="csv", root_list_path="grants", root_id="", id_name="id", schema=SCHEMA,
        convert_titles=True, output_name=str(out),
    )
    return json.loads(out.read_text())["grants"]


def flattened(package, folder):
    """The rows of the tool's main table for a JSON file, under the standard's titles."""
    out = folder / "out"
    flattentool.flatten(
        package, schema=SCHEMA, main_sheet_name="grants", root_list_path="grants", root_id="", id_name="id",
        rollup=[True], use_titles=True, output_format="csv", output_name=str(out),
    )
    with open(out / "grants.csv", newline="") as rows:
        return list(csv.DictReader(rows))


def main():
    package, table = sys.argv[1:]
    with open(package) as file:
        grants = json.load(file)["grants"]
    with open(table, newline="") as rows:
        ours = list(csv.DictReader(rows))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        from_table = unflattened(table, folder)
        from_package = flattened(package, folder)
    as_text = lambda grants: json.loads(json.dumps(grants), parse_float=str, parse_int=str)
    assert as_text(from_table) == as_text(grants), "awards.csv does not say what awards.json says"
    assert [row["Identifier"] for row in from_package] == [row["Identifier"] for row in ours]
    for theirs, row in zip(from_package, ours):
        for head in ("Title", "Amount Awarded", "Award Date", "Recipient Org:Identifier", "Funding Org:Name"):
            assert theirs[head] == row[head], (head, theirs, row)
    print(f"{len(grants)} grants agree in both forms, converted both ways")


main()
