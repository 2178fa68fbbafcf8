// noisy.mjs - one person says a hundred times as much as anybody else; the others hardly notice.
//
// The others talk at a steady rate, each the same share of it.  Runs with and without the noise take turns, so
// that what else the machine does falls on both.

import { setImmediate as turn } from 'node:timers/promises';

import { Server } from '../e2e/server.mjs';
import { Wire, populate, settle } from './crowd.mjs';
import { fates, load, median } from './load.mjs';
import { either, holds, holdsLong, play, tell } from './scene.mjs';

const OTHERS = { rooms: either(50, 10), people: 2, rate: either(1000, 100), seconds: either(20, 1) };
const TIMES = 100;
const ROUNDS = either(5, 1);
const WINDOW = 2000;  // calls of the noisy one under way: more than a connection may have
const LOST = 0.1;

/** Says TIMES as much as each of the others, and as much more as it has fallen behind. */
class Noise {
    constructor(server, person, room) {
        Object.assign(this, { room, acked: 0, refused: new Map(), unanswered: 0, isOver: false });
        this.wire = new Wire(server, { token: person.token });
        this.perMs = TIMES * OTHERS.rate / (OTHERS.rooms * OTHERS.people) / 1000;
        this.work = this.go();
    }

    async go() {
        await this.wire.welcomed;
        const startedAt = performance.now();
        for (let sent = 0; !this.isOver; await turn())
            for (; sent < (performance.now() - startedAt) * this.perMs && this.wire.waiting.size < WINDOW; sent++)
                this.say(sent);
    }

    async say(number) {
        const reply = await this.wire.ask('room.post', { room: this.room.id, text: `noise ${number}` });
        if (reply === null)
            this.unanswered++;
        else if (reply.type === 'reply')
            this.acked++;
        else
            this.refused.set(reply.error.name, (this.refused.get(reply.error.name) ?? 0) + 1);
    }

    async end() {
        this.isOver = true;
        await this.work;
        await this.wire.end();
    }
}

await play('noisy', async () => {
    const server = await Server.start({ settings: { limits: 'off' } });
    const [person, friend] = await populate(server, 2);
    const [room] = await settle(server, [person, friend], 2);
    const quiet = [];
    const loud = [];
    for (let round = 0; round < ROUNDS; round++) {
        quiet.push(await load(server, OTHERS));
        const noise = new Noise(server, person, room);
        loud.push(await load(server, OTHERS));
        await noise.end();
        tell(`the noise of round ${round + 1}`,
            `${noise.acked} acknowledged, refused ${JSON.stringify(Object.fromEntries(noise.refused))}`);
        tell('the others without it', fates(quiet.at(-1)));
        tell('the others with it', fates(loud.at(-1)));
        holds('the noise was made', noise.acked > OTHERS.seconds * OTHERS.rate / 10, noise.acked);
    }
    const of = (runs, field) => median(runs.map((run) => run[field]));
    const kept = of(loud, 'acks_per_s') / of(quiet, 'acks_per_s');
    holds('nothing of the others was refused, lost or left unanswered', [...quiet, ...loud]
        .every(({ refused, lost, unacknowledged, closed }) => refused + lost + unacknowledged + closed === 0));
    holdsLong(`the others lose at most ${LOST * 100} % of their throughput`, kept >= 1 - LOST,
        `${(100 - kept * 100).toFixed(1)} %`);
    for (const field of ['ack_p50_us', 'ack_p99_us', 'delivery_p99_us'])
        tell(`${field} with the noise and without`, `${of(loud, field)} and ${of(quiet, field)}, ` +
            `${(of(loud, field) / of(quiet, field)).toFixed(2)} times`);
    await server.kill();
});
