"""The closed loop as a picture: a state diagram in Mermaid's words, made from the table and from nothing else."""

from collections import defaultdict

from gisgrid.incidents.lifecycle import RULES, STATES, State


def diagram() -> str:
    """Return the states and the moves that lead from one to another, in Chinese and English."""
    names = [f"    {state}: {zh}<br/>{en}" for state, (zh, en) in STATES.items()]
    moves: dict[tuple[State, State], list[str]] = defaultdict(list)
    for rule in RULES.values():
        for start, end in rule.leads.items():
            if start != end:
                moves[start, end].append(f"{rule.zh} {rule.en}".replace(":", ","))
    arrows = [f"    {start} --> {end}: {' / '.join(called)}" for (start, end), called in moves.items()]
    return "\n".join(["stateDiagram-v2", *names, "    [*] --> reported", *arrows])
