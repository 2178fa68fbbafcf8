"""table.py NAME FOLDER - what callgrind counted there, for each message: threads, then their sum."""
import glob
import json
import re
import sys

name, folder = sys.argv[1:]
result = json.load(open(f"{folder}/result"))
RATES = "messages_per_s", "acks_per_s", "connections_per_s", "requests_per_s"
messages = max(result.get(rate, 0) for rate in RATES) * result["seconds"]
# The kernel's list of threads and callgrind's numbers have the same order: that of their beginning.
threads = open(f"{folder}/threads").read().split("\n")
counts = {}
for path in glob.glob(f"{folder}/counts-*"):
    text = open(path).read()
    number = int(re.search(r"^thread: (\d+)", text, re.M)[1])
    total = int(re.search(r"^totals: (\d+)", text, re.M)[1])
    counts[threads[number - 1]] = counts.get(threads[number - 1], 0) + total
print(f"{name}: {messages:.0f} messages, {result['what']}")
for thread, count in sorted(counts.items(), key=lambda row: -row[1]):
    if count / messages >= 100:
        print(f"  {thread:<10} {count / messages:>9.0f}")
print(f"  {'all':<10} {sum(counts.values()) / messages:>9.0f}")
