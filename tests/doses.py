"""How much is tried: little enough in the ordinary run to be run often, ten times as much in the long one."""

import hypothesis

LONG = "long"
EXAMPLES = 30

hypothesis.settings.register_profile("here", deadline=None, max_examples=EXAMPLES)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=EXAMPLES, derandomize=True, print_blob=True)
hypothesis.settings.register_profile(LONG, deadline=None, max_examples=10 * EXAMPLES)


def dose(examples: int) -> int:
    """Return how many examples a slow property tries in this run."""
    return examples * (10 if hypothesis.settings.get_current_profile_name() == LONG else 1)
