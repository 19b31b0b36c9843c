"""check_report.py INDEX_JSON EXPECTED_CASES

Checks the index.json that `wstest -m fuzzingclient` writes. Both the behaviour and the closing behaviour of every case must
be OK or INFORMATIONAL, so NON-STRICT does not do, and the number of cases must be the expected one: `wstest` exits with 0
even when its peer died half way. Every other case is named on a line of its own.
"""

import collections
import json
import sys

ALLOWED = {"OK", "INFORMATIONAL"}


def order(case_id):
    """The sort key of a case such as 6.4.3."""
    return [int(part) for part in case_id.split(".")]


def faults(agent, cases, expected):
    """Prints the faults and the counts of one agent and returns the number of faults."""
    faults = 0
    sections = {}
    for case_id in sorted(cases, key=order):
        case = cases[case_id]
        behavior, closing = case.get("behavior"), case.get("behaviorClose")
        sections.setdefault(case_id.split(".")[0], collections.Counter())[behavior] += 1
        if behavior not in ALLOWED or closing not in ALLOWED:
            faults += 1
            print(f"case {case_id}: {behavior}, closing {closing}, close code {case.get('remoteCloseCode')},"
                  f" {case.get('duration')} ms, see {case.get('reportfile')}")
    for section, counts in sections.items():
        print(f"section {section:>2}: " + ", ".join(f"{count} {name}" for name, count in counts.most_common()))
    if len(cases) != expected:
        faults += 1
        print(f"{len(cases)} cases were run, {expected} were expected")
    print(f"{agent}: {len(cases)} cases, {faults} faults")
    return faults


def main():
    index, expected = sys.argv[1], int(sys.argv[2])
    with open(index, encoding="utf-8") as file:
        agents = json.load(file)
    if not agents:
        sys.exit("the report holds no case")
    sys.exit(1 if sum(faults(agent, cases, expected) for agent, cases in agents.items()) else 0)


if __name__ == "__main__":
    main()
