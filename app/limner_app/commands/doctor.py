"""``limner doctor``: what the program finds of itself and of the computer."""

from __future__ import annotations

import argparse
import dataclasses
import json

from limner_app.commands.parsing import add_json
from limner_app.doctor import examine

NAME = "doctor"
SUMMARY = "check the installation and say how to mend it"
ABOUT = """\
Look at versions, Qt and its libraries, the device, codecs, folders, the sample clip and the
bundled models. Ends with status 0 when all is well, 2 when something has to be mended."""
EXAMPLE = "limner doctor --json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Look at everything and print it."""
    findings = []
    for finding in examine():
        findings.append(finding)
        if not chosen.json:
            mark = "ok  " if finding.ok else "MEND"
            print(f"{mark}  {finding.name:24}{finding.value}", flush=True)
            if finding.mend:
                print(f"{'':30}{finding.mend}", flush=True)
    good = all(finding.ok for finding in findings)
    if chosen.json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        print(json.dumps({"ok": good, "findings": rows}, indent=1))
    return 0 if good else 2
