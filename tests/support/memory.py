"""What a call allocates."""

import tracemalloc


def peak(call, times=3):
    """The least of the peaks of several calls, in bytes.

    Other threads and caches that fill once allocate meanwhile, too.
    """
    return min(peak_of_one(call) for _ in range(times))


def peak_of_one(call):
    tracemalloc.start()
    call()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found
