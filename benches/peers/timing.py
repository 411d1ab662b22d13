"""Times one thing as criterion does on our side: warm up, then repeat for a while. Prints JSON."""

import json
import time


def measure(name, work, warm_up=1.0, measured=3.0):
    """Repeats `work` for `measured` seconds after a warm-up, and prints the mean time of one in ns."""
    end = time.perf_counter() + warm_up
    while time.perf_counter() < end:
        work()
    count = 0
    start = time.perf_counter_ns()
    end = start + int(measured * 1e9)
    while (now := time.perf_counter_ns()) < end:
        work()
        count += 1
    print(json.dumps({"name": name, "ns": (now - start) / count, "iterations": count}))
