"""draw.py RESULTS FIGURE - a table and a figure of what tests/bench/scale/run has measured.

RESULTS has a line of JSON each, with an axis and a step; medians are over the lines of equal ones.
The figure is plain SVG: a column for each axis, a row for each measure, steps on logarithmic scales.  Where the
bare relay of tests/bench was measured too, its cost stands below Kith's: what the machine itself takes."""

import json
import math
import statistics
import sys

AXES = {"connections": "connections", "rooms": "rooms", "journal": "messages in the journal",
        "message": "bytes of a message"}
# name, title, curves, each with whose it is and what of a result
cost = lambda it: 1e6 / it["deliveries_per_cpu_s"]
MEASURES = [
    ("cost", "processor time a delivery, µs", {"Kith": ("kith", cost), "limit": ("limit", cost)}),
    ("latency", "from sending to hearing, ms", {"p50": ("kith", lambda it: it["p50_us"] / 1e3),
                                                 "p99": ("kith", lambda it: it["p99_us"] / 1e3)}),
    ("memory", "resident, MiB", {"Kith": ("kith", lambda it: it["resident_bytes"] / 2**20)}),
]
FAULTS = ["lost", "late", "duplicated", "stray", "refused", "stalled", "closed"]

WIDTH, HEIGHT = 230, 150  # of a plot
LEFT, TOP, GAP_X, GAP_Y = 50, 40, 60, 62
COLOURS = {"Kith": "#1f5fa8", "limit": "#777", "p50": "#1f5fa8", "p99": "#c0562b"}


def medians(path):
    """{axis: {step: {measure: {curve: median}}}}, and the faults of all."""
    found, faults = {}, 0
    with open(path) as lines:
        for line in lines:
            it = json.loads(line)
            found.setdefault(it["axis"], {}).setdefault(it["step"], []).append(it)
            faults += sum(it[name] for name in FAULTS)
    return {axis: {step: {name: {curve: statistics.median(of(it) for it in results if it["peer"] == peer)
                                 for curve, (peer, of) in curves.items() if peer in {it["peer"] for it in results}}
                          for name, _, curves in MEASURES}
                   for step, results in sorted(steps.items())}
            for axis, steps in found.items()}, faults


def table(found, faults):
    print("| axis | step | CPU a delivery, µs | against the middle | of the limit | p50, ms | p99, ms | resident, MiB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for axis, steps in found.items():
        usual = statistics.median(at["cost"]["Kith"] for at in steps.values())
        for step, at in steps.items():
            limit = f"{at['cost']['limit']:.1f}" if "limit" in at["cost"] else "–"
            print(f"| {AXES[axis]} | {step:,} | {at['cost']['Kith']:.1f} | {at['cost']['Kith'] / usual - 1:+.0%} | {limit} | "
                  f"{at['latency']['p50']:.2f} | {at['latency']['p99']:.1f} | {at['memory']['Kith']:.0f} |")
    print(f"\nFaults: {faults or 'none'}.")


def round_up(value):
    """The next of 1, 2, 5, 10, 20 …"""
    power = 10 ** math.floor(math.log10(value))
    return next(power * digit for digit in (1, 2, 5, 10) if value <= power * digit)


def short(number):
    return f"{number // 1000000}M" if number >= 1000000 else f"{number // 1000}k" if number >= 1000 else f"{number:g}"


def text(x, y, words, anchor="middle", extra=""):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" {extra}>{words}</text>'


def plot(x, y, axis, steps, measure):
    """One plot with its upper left corner at x, y."""
    name, _, curves = measure
    place = {step: x + WIDTH * (i + 0.5) / len(steps) for i, step in enumerate(steps)}
    top = round_up(max(value for at in steps.values() for value in at[name].values()))
    height = lambda value: y + HEIGHT * (1 - value / top)
    parts = [f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>']
    for share in (0, 0.5, 1):
        parts.append(text(x - 6, height(top * share) + 4, f"{top * share:g}", "end"))
        parts.append(f'<path d="M{x} {height(top * share):.1f}h{WIDTH}" stroke="#ddd"/>')
    parts += [text(place[step], y + HEIGHT + 15, short(step)) for step in steps]
    parts.append(text(x + WIDTH / 2, y + HEIGHT + 31, AXES[axis]))
    for curve in next(iter(steps.values()))[name]:
        points = [(place[step], height(at[name][curve])) for step, at in steps.items()]
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[curve]}" stroke-width="1.5"/>')
        parts += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="2.5" fill="{COLOURS[curve]}"/>' for px, py in points]
        if len(curves) > 1:
            parts.append(text(points[-1][0] + 4, points[-1][1] - 6, curve, "middle", f'fill="{COLOURS[curve]}"'))
    return parts


def draw(found, path):
    width = LEFT + len(found) * (WIDTH + GAP_X)
    height = TOP + len(MEASURES) * (HEIGHT + GAP_Y)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
             f'height="{height}" font-family="sans-serif" font-size="11">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for row, measure in enumerate(MEASURES):
        y = TOP + row * (HEIGHT + GAP_Y)
        parts.append(text(LEFT, y - 10, measure[1], "start", 'font-weight="bold"'))
        for column, (axis, steps) in enumerate(found.items()):
            parts += plot(LEFT + column * (WIDTH + GAP_X), y, axis, steps, measure)
    with open(path, "w") as figure:
        figure.write("\n".join(parts + ["</svg>\n"]))


found, faults = medians(sys.argv[1])
table(found, faults)
draw(found, sys.argv[2])
