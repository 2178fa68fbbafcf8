#!/usr/bin/env python3
"""server.py - recommendations over REST, by a whole server.

Makes a journal of people and likes, starts kithd on it, signs up some more people and lets them ask,
one question after the other over one connection.  Times are the client's, and so of the whole path:
edge, broker, matching actor and back; the processor's are of all of kithd's threads together."""

import argparse
import http.client
import json
import math
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
QUESTIONS = {
    "best, all over the world": "",
    "best within 50 km": "sort=best&distance_max=50",
    "best within 100 km, ten years of age": "sort=best&distance_max=100&age_min=30&age_max=40",
    "the nearest": "sort=distance",
    "the nearest in age, all over the world": "sort=age",
    "the most famous": "sort=fame",
    "the most common tags, all over the world": "sort=tags",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, program, folder):
        port, line = free_port(), free_port()
        self.address = ("127.0.0.1", port)
        self.log = open(folder / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [program, "--data", folder, "--bus", f"ipc://{folder}/bus", "--http", f"127.0.0.1:{port}",
             "--line", f"127.0.0.1:{line}", "--set", "argon2=test", "--set", "limits=off"],
            stdout=self.log, stderr=self.log)

    def is_ready(self):
        try:
            return self.ask("GET", "/readyz", parse=False)[0] == 200
        except OSError:
            return False

    def await_ready(self):
        begun = time.monotonic()
        while not self.is_ready():
            if self.process.poll() is not None:
                raise SystemExit(f"server: kithd has ended; see {self.log.name}")
            time.sleep(0.01)
        return time.monotonic() - begun

    def ask(self, method, path, body=None, token=None, connection=None, parse=True):
        connection = connection or http.client.HTTPConnection(*self.address)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, body and json.dumps(body), headers)
        reply = connection.getresponse()
        data = reply.read()
        return reply.status, json.loads(data) if parse and data else data

    def must(self, *args, **kwargs):
        status, answer = self.ask(*args, **kwargs)
        if status >= 300:
            raise SystemExit(f"server: {args[0]} {args[1]} is answered {status}: {answer}")
        return answer

    def processor(self):
        """Seconds of all threads."""
        total = 0
        for thread in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((thread / "schedstat").read_text().split()[0])
        return total / 1e9

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def sign_up(server, profiles):
    tokens = []
    for number, profile in enumerate(profiles):
        account = {"login": f"asker{number}", "password": "correct horse battery"}
        token = server.must("POST", "/v1/accounts", account)["token"]
        server.must("PATCH", "/v1/me/profile", profile, token)
        tokens.append(token)
    return tokens


def at(times, share):
    return sorted(times)[min(len(times) - 1, math.ceil(share * len(times)) - 1)]


def measure(server, tokens, query, count):
    connection = http.client.HTTPConnection(*server.address)
    times, people, spent = [], 0, server.processor()
    for _ in range(count):
        token = random.choice(tokens)
        begun = time.perf_counter()
        answer = server.must("GET", f"/v1/people?limit=20&{query}", None, token, connection)
        times.append(1000 * (time.perf_counter() - begun))
        people += len(answer["people"])
    return people / count, at(times, .5), at(times, .99), 1000 * (server.processor() - spent) / count


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=100000)
    parser.add_argument("--likes", type=int, default=1000000)
    parser.add_argument("--questions", type=int, default=500, help="of each kind")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    return parser.parse_args()


def run(options, folder):
    made = subprocess.run([options.bin / "kith-matching", "journal", folder, str(options.people),
                           str(options.likes)], check=True, text=True, stdout=subprocess.PIPE)
    server = Server(options.bin / "kithd", folder)
    try:
        print(f"ready after {server.await_ready():.1f} s, with all projections made from the journal")
        tokens = sign_up(server, [json.loads(line) for line in made.stdout.splitlines()])
        print("\n| asked for | people | p50 ms | p99 ms | processor ms |\n|---|---:|---:|---:|---:|")
        for name, query in QUESTIONS.items():
            people, p50, p99, spent = measure(server, tokens, query, options.questions)
            print(f"| {name} | {people:.1f} | {p50:.2f} | {p99:.2f} | {spent:.2f} |")
    finally:
        server.stop()


def main():
    random.seed(1)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kith-matching."))
    os.chmod(folder, 0o700)
    try:
        run(read_options(), folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
