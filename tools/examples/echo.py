#!/usr/bin/env python3
"""echo.py DOOR KEY BROKER - say again what follows /echo, in all rooms that the bot is in."""
import sys
import msgpack, zmq

door, key, broker = sys.argv[1:]
bot = zmq.Context.instance().socket(zmq.DEALER)
bot.curve_publickey, bot.curve_secretkey, bot.curve_serverkey = (
    open(name, "rb").read().strip() for name in (key + ".public", key + ".secret", broker))
bot.connect(door)
HELLO, OTHER, last = 1, 2, None

def call(type, body, number=OTHER):
    bot.send(msgpack.packb(["call", number, type, body]))

call("bot.hello", {}, HELLO)
while True:
    if not bot.poll(20_000):  # is anybody there?
        call("bus.ping", {})
        continue
    heard = msgpack.Unpacker()
    heard.feed(bot.recv())
    for kind, *rest in heard:
        if kind == "answer" and rest[1] == "unauthenticated":  # a new broker, or one that forgot us
            call("bot.hello", {}, HELLO)
        elif kind == "answer" and rest[0] == 0:  # a knock: yes, here
            call("bus.ping", {})
        elif kind == "answer" and rest[:2] == [HELLO, "ok"]:
            last = rest[3]["head"] if last is None else last
            call("bot.follow", {"after": last, "types": "bot.called"})
        elif kind == "event":
            _, last, _, room, _, body = rest
            if body.get("command") == "echo" and body.get("words"):
                call("room.post", {"room": room, "text": body["words"], "client_id": f"echo-{last}"})
            call("bot.ack", {"seq": last})
