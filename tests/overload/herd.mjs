// herd.mjs - the server dies, and ten thousand people are back at once.
//
// They talk all the while: senders post by REST, and send again what was not acknowledged.  Everybody comes
// back as soon as their connection is gone and as often as it takes, from where they were, and in the end has
// each message of their room once.  A token lets them in: no password is hashed.

import { setTimeout as sleep } from 'node:timers/promises';

import { call, must, numbers } from '../e2e/client.mjs';
import { Server } from '../e2e/server.mjs';
import { Seat, Tally, eachOf, populate, settle } from './crowd.mjs';
import { gauge, inMib } from './gauge.mjs';
import { either, holds, holdsLong, play, tell, until } from './scene.mjs';

const PEOPLE = either(10_000, 400);
const EACH = 50;
const SENDERS = 8;
const TALK_MS = either(5_000, 500); // before each end
const BACK_MS = 20_000;
const PATIENCE_MS = either(120_000, 60_000);
const AGAIN_MS = 50;

/** Posts until it is ended; what is sent is acknowledged in the end. */
class Sender {
    constructor(server, rooms, number) {
        Object.assign(this, { server, rooms, number, acked: 0, isOver: false });
        this.work = this.go();
    }

    async go() {
        for (let n = 1; !this.isOver; n++)
            await this.settle(this.rooms[n % this.rooms.length], `${this.number}-${n}`);
    }

    async settle(room, id) {
        const { token } = room.people[this.number % room.people.length];
        const body = { text: `message ${id}`, client_id: id };
        for (;;) {
            const reply = await call(this.server, 'POST', `/v1/rooms/${room.id}/messages`, { token, body }).catch(() => null);
            if (reply?.status === 201)
                break;
            await sleep(AGAIN_MS);
        }
        this.acked++;
    }

    end() {
        this.isOver = true;
        return this.work;
    }
}

const areBack = (seats, resumes) => seats.every((seat) => seat.resumes >= resumes);

async function fall(server, seats, way, times) {
    await sleep(TALK_MS);
    const startedAt = performance.now();
    await server[way]();
    await server.launch();
    const launchedAt = performance.now();
    const back = await until(() => areBack(seats, times), PATIENCE_MS);
    const tookMs = performance.now() - startedAt;
    tell(`ready after ${way}`, `${Math.round(launchedAt - startedAt)} ms`);
    holds(`everybody is back after ${way}`, back);
    holdsLong(`within ${BACK_MS / 1000} s`, tookMs <= BACK_MS, `${Math.round(tookMs)} ms`);
    tell('memory', `${inMib(gauge(server.pid).rss)}, at most ${inMib(gauge(server.pid).peak)}`);
}

await play('herd', async () => {
    const server = await Server.start({ settings: { limits: 'off' } });
    const tally = new Tally();
    const people = await populate(server, PEOPLE);
    const rooms = await settle(server, people, EACH);
    const seats = people.map((person, n) => new Seat(server, person, tally, n));
    await eachOf(seats, (seat) => seat.comeBack());
    seats.forEach((seat) => seat.stay());
    const senders = Array.from({ length: SENDERS }, (_, n) => new Sender(server, rooms, n));

    await fall(server, seats, 'kill', 1);
    await fall(server, seats, 'stop', 2);
    await Promise.all(senders.map((sender) => sender.end()));
    const { kith_password_hashes_total: hashes } = await numbers(server);
    holds('no password was hashed', hashes === 0, hashes);

    await eachOf(rooms, async (room) => {
        room.seq = (await must(server, 'GET', `/v1/rooms/${room.id}`, room.people[0])).seq;
    });
    const acked = senders.reduce((sum, sender) => sum + sender.acked, 0);
    const posted = rooms.reduce((sum, { seq }) => sum + seq, 0);
    holds('what was acknowledged is there, once', posted === acked, `${posted} of ${acked}`);
    const whole = await until(() => rooms.every((room, n) => seats.slice(n * EACH, (n + 1) * EACH)
        .every((seat) => seat.lastInRoom.get(room.id) === room.seq)), PATIENCE_MS);
    holds('everybody has the last message of their room', whole);
    holds('nothing was lost, nothing came twice, all was resumed', tally.isWhole, tally);
    tell('refused on the way', JSON.stringify(Object.fromEntries(tally.refused)));
    await server.kill();
});
