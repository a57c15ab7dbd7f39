"""What other linters of IAM documents report about the bad and the good documents of the labeled set.

CI doesn't run this. Its figures are in docs/policy/README.md, with the day and the versions. To reproduce them:

    python3 -m venv /tmp/linters
    /tmp/linters/bin/pip install cloudsplaining==0.9.1 parliament==1.6.4 'setuptools<81'
    /tmp/linters/bin/python policy/tests/otherLinters.py

A tool reports a document if its command line, with its defaults, would print anything about it. A document is bad if
the set expects a finding in it, and good if the set neither expects nor allows one; arguable documents are left out. An
error of the tool counts as a report only if IAM would reject the document, because then an error is the correct answer.
Both tools get documents of every kind (identity, trust, resource, boundary), although they weren't made for all of
them; the table shows the results.
"""

import contextlib
import datetime
import importlib.metadata
import io
import json
import pathlib
import warnings

warnings.filterwarnings("ignore")

import parliament
import parliament.cli
from cloudsplaining.command.scan_policy_file import scan_policy

DOCUMENTS = pathlib.Path(__file__).parent / "labeled" / "documents"
KINDS = ["identity", "trust", "resource", "boundary"]
MALFORMED = "malformed-document"


def by_cloudsplaining(text):
    """`cloudsplaining scan-policy-file`: all its kinds of findings."""
    results = scan_policy(json.loads(text))
    return any(isinstance(result, dict) and result["findings"] for result in results.values())


def by_parliament(text):
    """`parliament --string`, without the findings that its default configuration mutes."""
    return _parliament(text, community=False)


def by_parliament_with_auditors(text):
    """`parliament --include-community-auditors`."""
    return _parliament(text, community=True)


def _parliament(text, community):
    policy = parliament.analyze_policy_string(text, include_community_auditors=community, config=parliament.config)
    findings = [parliament.enhance_finding(finding) for finding in policy.findings]
    return any(not parliament.cli.is_finding_filtered(finding) for finding in findings)


# The community auditors have a configuration of their own, which only adds to parliament's default configuration.
parliament.override_config(pathlib.Path(parliament.__file__).parent / "community_auditors" / "config_override.yaml")

TOOLS = {
    "cloudsplaining": by_cloudsplaining,
    "parliament": by_parliament,
    "parliament, community auditors": by_parliament_with_auditors,
}


def labeled():
    for file in sorted(DOCUMENTS.glob("*.json")):
        yield from json.loads(file.read_text(encoding="utf-8"))


def text_of(document):
    return document if isinstance(document, str) else json.dumps(document)


def is_reported(tool, example):
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return tool(text_of(example["document"])), False
    except Exception:
        return MALFORMED in example["expect"], True


def share(part, whole):
    return "–" if whole == 0 else f"{part} of {whole} ({round(100 * part / whole)} %)"


def print_table(title, rows):
    print(f"\n{title}\n")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def main():
    examples = list(labeled())
    print(f"{datetime.date.today()}: {len(examples)} documents")
    for name in ["cloudsplaining", "parliament"]:
        print(f"{name} {importlib.metadata.version(name)}")

    reported = {name: [is_reported(tool, example) for example in examples] for name, tool in TOOLS.items()}
    for name, results in reported.items():
        print(f"{name}: {sum(failed for _, failed in results)} documents end in an error of the tool")

    def count(name, accept):
        chosen = [found for example, (found, _) in zip(examples, reported[name]) if accept(example)]
        return share(sum(chosen), len(chosen))

    def is_good(example):
        return not example["expect"] and not example["allow"]

    for kind in KINDS:
        rows = [
            [
                name,
                count(name, lambda example: example["kind"] == kind and example["expect"]),
                count(name, lambda example: example["kind"] == kind and is_good(example)),
            ]
            for name in TOOLS
        ]
        print_table(f"{kind}: tool, reported of the bad, reported of the good", rows)

    rules = sorted({rule for example in examples for rule in example["expect"]})
    identity = [
        [rule]
        + [count(name, lambda example: example["kind"] == "identity" and rule in example["expect"]) for name in TOOLS]
        for rule in rules
    ]
    print_table(f"identity, reported of the bad by rule: {', '.join(TOOLS)}", identity)


main()
