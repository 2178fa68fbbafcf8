"""table.py RESULT COUNTS - rows of tests/bench/syscalls/run: calls a message, of kith-bench's result and perf's counts."""

import json
import sys

COLUMNS = {"sends": ["sendto"], "receives": ["recvfrom"], "polls": ["poll", "epoll_wait"], "wake-ups": ["write"],
           "switches": ["context-switches"], "fdatasync": ["fdatasync"]}
OTHERS = ["read", "pread64", "futex"]

result = json.load(open(sys.argv[1]))
messages = result["messages_per_s"] * result["seconds"]

threads = {}
for line in open(sys.argv[2]):
    words = line.strip().split(";")
    thread = "" if words[0].isdigit() else words.pop(0).rsplit("-", 1)[0]
    if len(words) > 2 and words[0].isdigit():
        calls = threads.setdefault(thread, {})
        name = words[2].replace("syscalls:sys_enter_", "")
        calls[name] = calls.get(name, 0) + int(words[0]) / messages

for thread, calls in sorted(threads.items(), key=lambda it: -sum(it[1].values())):
    if sum(calls.values()) < 0.1:
        continue
    columns = " | ".join(f"{sum(calls.get(name, 0) for name in names):.2f}" for names in COLUMNS.values())
    others = ", ".join(f"{name} {calls[name]:.2f}" for name in OTHERS if calls.get(name, 0) >= 0.05)
    cpu = f"{1e6 * result['server_cpu_s'] / messages:.0f}" if not thread else "–"
    print(f"| {result['workload']} | {result['peer']}{thread and ', ' + thread} | {cpu} | {columns} | {others or '–'} |")
