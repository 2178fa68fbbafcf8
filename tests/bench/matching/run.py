#!/usr/bin/env python3
"""run.py - asks Kith's matching actor and PostgreSQL the same questions, in turn, and compares.

Kith's times are kith-matching's own, from the call's bytes to the reply's; PostgreSQL's are psql's
over a unix socket.  Processor times are of the one thread, and of the one backend (its parallel
workers, where it uses them, are not counted).  Both give twenty people with what a profile says
and the four parts of their score."""

import argparse
import json
import math
import subprocess
import sys

RADIUS_KM = 6371.0088
NEAR_KM = 300
FAME_MOST = 1000
BEST, DISTANCE, AGE, FAME, TAGS = range(1, 6)  # people_sort


# ---- a question in SQL ----

def signed(trait):
    return trait - (1 << 32) if trait >= 1 << 31 else trait


def array(traits):
    return "'{%s}'::integer[]" % ",".join(str(signed(trait)) for trait in sorted(traits, key=signed))


def after(question):
    """The key and the account that a page begins behind."""
    return [int(part) for part in question["after"].split(".")[1:]] if question["after"] else None


class Sql:
    def __init__(self, question):
        self.question = question
        self.placed = any(question["spot"])
        self.spot = "'(%.17g,%.17g,%.17g)'::cube" % tuple(question["spot"])
        self.own_tags = array(question["own_tags"])
        self.minutes = question["now"] // 60_000_000
        self.after = after(question)

    def km(self):
        if not self.placed:
            return "null::integer"
        return (f"greatest(1, ceil({2 * RADIUS_KM!r} * asin(least(1, (p.spot <-> {self.spot}) / 2))))::integer")

    def within(self, km):
        """Nearer than so many kilometres, or a little further."""
        return f"p.spot <@ cube_enlarge({self.spot}, {km} / {RADIUS_KM - 0.001!r}, 3)"

    def score(self):
        own = len(self.question["own_tags"])
        tags = f"300 * icount(p.tags & {self.own_tags}) / {own}" if own else "0"
        return (f"coalesce(20000 / (50 + {self.km()}), 0) + {tags} + p.fame / 5"
                f" + 700 / (7 + greatest(0, {self.minutes} - p.seen) / 1440)")

    def passes(self):
        ask = self.question
        rules = [f"p.account <> {ask['account']}", f"p.barred <= {self.minutes}"]
        if not ask["any"]:
            if ask["preference"]:
                rules.append(f"p.gender = {signed(ask['preference'])}")
            rules.append(f"p.preference in (0, {signed(ask['gender'])})")
        if ask["born_first"]:
            rules.append(f"p.born >= {ask['born_first']}")
        if ask["born_last"]:
            rules.append(f"p.born between 1 and {ask['born_last']}")
        if ask["fame_min"]:
            rules.append(f"p.fame >= {ask['fame_min']}")
        if ask["fame_max"]:
            rules.append(f"p.fame <= {ask['fame_max']}")
        if ask["tags"]:
            rules.append(f"p.tags @> {array(ask['tags'])}")
        if ask["km_max"]:
            rules += [self.within(ask["km_max"]), f"{self.km()} <= {ask['km_max']}"]
        why = " and a.why & 1 = 1" if ask["any"] else ""
        rules.append("not exists (select from apart a"
                     f" where a.account = {ask['account']} and a.other = p.account{why})")
        return rules

    def first(self, key, rules=(), order=None):
        """The first twenty by a key, the highest first, and then by account."""
        rules = self.passes() + list(rules)
        if self.after:
            rules.append(f"({key} < {self.after[0]} or {key} = {self.after[0]}"
                         f" and p.account > {self.after[1]})")
        return (f"select p.*, {key} as key from people p where {' and '.join(rules)}"
                f" order by {order or key + ' desc'}, p.account limit 20")

    def shown(self, page, before=""):
        """What both give of the twenty."""
        return (f"{before}select p.*, {self.km()} as km, icount(p.tags & {self.own_tags}) as common,"
                f" {self.score()} as score from ({page}) p order by p.key desc, p.account limit 20;")

    def either(self, few, enough, others):
        """The others, too, unless the few are enough."""
        return self.shown(f"select * from few union all"
                          f" (select * from ({others}) other where not (select {enough} from few))",
                          f"with few as materialized ({few}) ")

    def best(self):
        key = "(" + self.score() + ")"
        if self.question["km_max"] or self.question["tags"] or not self.placed:
            return self.shown(self.first(key))
        beyond = 20000 // (50 + NEAR_KM) + 300 + FAME_MOST // 5 + 100
        near = self.within(NEAR_KM)
        return self.either(self.first(key, [near]), f"count(*) = 20 and min(key) > {beyond}",
                           self.first(key, [f"({near}) is not true"]))

    def distance(self):
        if not self.placed:
            return self.shown(self.first("(p.fame * 0)"))
        key = f"(-{self.km()})"
        saved, self.after = self.after, None
        rules = []
        if saved:  # keys of the actor are 20039 - km
            km = 20039 - saved[0]
            rules = [f"({self.km()} > {km} or {self.km()} = {km} and p.account > {saved[1]})"]
        near = (f"select {self.km()} as km from people p where"
                f" {' and '.join(self.passes() + rules + ['p.spot is not null'])}"
                f" order by p.spot <-> {self.spot} limit 20")
        return self.shown(self.first(key, rules + [self.within("(select max(km) from near)")]),
                          f"with near as materialized ({near}) ")

    def age(self):
        own = self.question["born"]
        older, younger = f"(65535 - ({own} - p.born))", f"(65535 - (p.born - {own}))"
        return self.shown(
            f"(select * from ({self.first(younger, [f'p.born >= {own}'], 'p.born')}) younger)"
            f" union all (select * from ({self.first(older, [f'p.born between 1 and {own - 1}'], 'p.born desc')}) older)")

    def fame(self):
        rules = [f"p.fame <= {self.after[0]}"] if self.after else []
        return self.shown(self.first("p.fame", rules))

    def tags(self):
        key = f"(1024 * icount(p.tags & {self.own_tags}) + p.fame)"
        if self.question["tags"]:
            return self.shown(self.first(key))
        some = self.first(key, [f"p.tags && {self.own_tags}"])
        none = self.first("p.fame", [f"not p.tags && {self.own_tags}"])
        return self.either(some, "count(*) = 20", none)

    def text(self):
        return {BEST: self.best, DISTANCE: self.distance, AGE: self.age, FAME: self.fame,
                TAGS: self.tags}[self.question["sort"]]()


# ---- those who are asked ----

class Kith:
    def __init__(self, program, folder, people, seed):
        self.process = subprocess.Popen([program, "ask", folder, str(people), str(seed)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.begin = self.line()

    def line(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, kind):
        self.process.stdin.write(f"{kind}\n")
        self.process.stdin.flush()
        return self.line()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Postgres:
    def __init__(self, psql):
        self.process = subprocess.Popen([*psql, "-v", "ON_ERROR_STOP=1"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = int(self.lines("select pg_backend_pid();")[0])
        self.lines("\\timing on")

    def lines(self, text):
        self.process.stdin.write(text + "\n\\echo END\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == "END\n":
                return lines
            lines.append(line.rstrip("\n"))
        sys.exit("matching: psql has ended: " + text)

    def processor_ns(self):
        with open(f"/proc/{self.pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0])

    def ask(self, sql):
        """ms by the clock, ms of the processor, [account, score] of each person."""
        before = self.processor_ns()
        *rows, time = self.lines(sql)
        spent = self.processor_ns() - before
        people = [row.split("|") for row in rows]
        return (float(time.split()[1]), spent / 1e6,
                [[int(person[0]), int(person[-1])] for person in people])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


# ---- measuring ----

class Times:
    """ms of one kind of question."""

    def __init__(self):
        self.kith, self.kith_spent, self.postgres, self.postgres_spent = [], [], [], []
        self.people = self.asked = self.equal = 0


def at(times, share):
    return sorted(times)[min(len(times) - 1, math.ceil(share * len(times)) - 1)] if times else math.nan


def ask_kith(kind, count, kith, times):
    """The questions, with their answers."""
    questions = [kith.ask(kind) for _ in range(count)]
    times.asked += count
    for question in questions:
        times.people += len(question["people"])
        times.kith.append(question["clock"] / 1e6)
        times.kith_spent.append(question["processor"] / 1e6)
    return questions


def ask_postgres(question, postgres, times):
    sql = Sql(question).text()
    clock, spent, people = postgres.ask(sql)
    times.postgres.append(clock)
    times.postgres_spent.append(spent)
    times.equal += people == question["people"]
    if people != question["people"]:
        print(f"matching: Kith says {question['people']}, PostgreSQL {people}\n{sql}", file=sys.stderr)


def ask_round(options, number, all_times):
    """Each kind in turn: Kith first, then PostgreSQL the same."""
    kith = Kith(options.program, options.folder, options.people, number)
    postgres = Postgres(options.psql) if options.psql else None
    begin, kinds = kith.begin, kith.begin["kinds"]
    print(f"matching: ready after {begin['processor'] / 1e9:.1f} s of the processor, in steps of"
          f" {begin['longest'] / 1e6:.1f} ms at most; {begin['bytes'] / options.people:.0f} bytes a person",
          file=sys.stderr)
    chosen = [int(kind) for kind in options.kinds.split(",")] if options.kinds else range(len(kinds))
    for kind in chosen:
        times = all_times.setdefault(kinds[kind], Times())
        for question in ask_kith(kind, options.questions, kith, times):
            if postgres:
                ask_postgres(question, postgres, times)
    kith.close()
    if postgres:
        postgres.close()


def row(name, times, postgres):
    mine = [at(times.kith, .5), at(times.kith, .99), at(times.kith_spent, .5), at(times.kith_spent, .99)]
    cells = [name, f"{times.people / times.asked:.1f}"] + [f"{ms:.2f}" for ms in mine]
    if postgres:
        theirs = [at(times.postgres, .5), at(times.postgres, .99), at(times.postgres_spent, .5),
                  at(times.postgres_spent, .99)]
        cells += [f"{ms:.2f}" for ms in theirs]
        cells += [f"{theirs[i] / mine[i]:.0f}" for i in (1, 3)]
        cells.append(f"{times.equal} of {times.asked}")
    return "| " + " | ".join(cells) + " |"


def table(all_times, postgres):
    head = ["asked for", "people", "p50 ms", "p99 ms", "processor p50", "p99"]
    if postgres:
        head += ["PostgreSQL p50 ms", "p99 ms", "processor p50", "p99", "× p99", "× processor's", "equal"]
    print("| " + " | ".join(head) + " |")
    print("|---" + "|---:" * (len(head) - 1) + "|")
    for name, times in all_times.items():
        print(row(name, times, postgres))


def write_json(path, all_times):
    with open(path, "a", encoding="utf-8") as file:
        for name, times in all_times.items():
            file.write(json.dumps({"kind": name, **vars(times)}) + "\n")


def read_options():
    parser = argparse.ArgumentParser()
    for name in ("program", "folder"):
        parser.add_argument("--" + name, required=True)
    for name in ("people", "questions", "rounds"):
        parser.add_argument("--" + name, type=int, required=True)
    parser.add_argument("--kinds")
    parser.add_argument("--json")
    parser.add_argument("psql", nargs="*")
    return parser.parse_args()


def main():
    options = read_options()
    all_times = {}
    for number in range(options.rounds):
        ask_round(options, number + 1, all_times)
    table(all_times, bool(options.psql))
    if options.json:
        write_json(options.json, all_times)
    different = sum(len(times.postgres) - times.equal for times in all_times.values())
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
