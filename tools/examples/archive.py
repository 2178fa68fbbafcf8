#!/usr/bin/env python3
"""archive.py DOOR KEY BROKER FILE - keep all that ever happened in a file, a JSON object a line.

Started again it goes on behind the last whole line."""
import json, os, sys
import msgpack, zmq

door, key, broker, path = sys.argv[1:]
bot = zmq.Context.instance().socket(zmq.DEALER)
bot.curve_publickey, bot.curve_secretkey, bot.curve_serverkey = (
    open(name, "rb").read().strip() for name in (key + ".public", key + ".secret", broker))
bot.connect(door)
archive = open(path, "a+b")
archive.seek(0)
last = size = 0
for line in archive:
    if line.endswith(b"\n"):
        last, size = json.loads(line)["seq"], size + len(line)
archive.truncate(size)

def call(type, body, number):
    bot.send(msgpack.packb(["call", number, type, body]))

call("bot.hello", {}, 1)
while True:
    if not bot.poll(20_000):
        call("bus.ping", {}, 2)
        continue
    heard = msgpack.Unpacker()
    heard.feed(bot.recv())
    before = last
    for kind, *rest in heard:
        if kind == "answer" and rest[1] == "unauthenticated":
            call("bot.hello", {}, 1)
        elif kind == "answer" and rest[0] == 0:
            call("bus.ping", {}, 2)
        elif kind == "answer" and rest[:2] == [1, "ok"]:
            call("bot.follow", {"after": last}, 2)
        elif kind == "event" and rest[1] > last:
            event = dict(zip(("type", "seq", "time", "room", "account", "body"), rest))
            archive.write(json.dumps(event).encode() + b"\n")
            last = event["seq"]
    if last > before:
        archive.flush()
        os.fsync(archive.fileno())
        call("bot.ack", {"seq": last}, 0)
