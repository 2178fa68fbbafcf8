// idle.mjs - ten thousand people who are connected and say nothing, for half an hour.
//
// The server is measured alone first: what it does of itself costs next to nothing.  Then everybody comes
// and is silent, but for the pings by which silence is told from absence, and the server neither grows nor
// loses anybody: at the end one message in each room reaches them all.
//
//   IDLE_MINUTES  how long (30; in the short form some seconds)

import { setTimeout as sleep } from 'node:timers/promises';

import { post } from '../e2e/client.mjs';
import { Server } from '../e2e/server.mjs';
import { Seat, Tally, eachOf, populate, settle } from './crowd.mjs';
import { KIB, MIB, gauge, inMib, unsent, wakings } from './gauge.mjs';
import { either, holds, holdsLong, isLong, play, tell, until } from './scene.mjs';

const PEOPLE = either(10_000, 300);
const EACH = 50;
const QUIET_MS = either(10_000, 4_000); // until everything in it sleeps
const ALONE_MS = either(20_000, 2_000);
const SETTLE_MS = either(60_000, 1_000);
const IDLE_MS = either(Number(process.env.IDLE_MINUTES ?? 30) * 60_000, 2_000);
const SAMPLE_MS = either(30_000, 500);
const GROWTH = either(0.01, 0.1);
const CPU_ALONE = 0.5;   // per cent of a core
const WAKINGS_ALONE = 80; // a second

/** What it does by itself: per cent of a core, and wakings a second. */
async function lookAlone({ pid }) {
    const [cpuMs, woken] = [gauge(pid).cpuMs, wakings(pid)];
    await sleep(ALONE_MS);
    return {
        cpu: (gauge(pid).cpuMs - cpuMs) / ALONE_MS * 100,
        woken: (wakings(pid) - woken) / ALONE_MS * 1000,
    };
}

async function watch(server) {
    const samples = [];
    for (const end = performance.now() + IDLE_MS; performance.now() < end;) {
        await sleep(SAMPLE_MS);
        samples.push(gauge(server.pid));
        if (isLong)
            tell('resident', inMib(samples.at(-1).rss));
    }
    return samples;
}

/** Said once in each room, it is heard by all. */
async function isHeardByAll(server, rooms, seats) {
    await eachOf(rooms, (room) => post(server, room.people[0].token, room.id, 'is anybody there?'));
    return until(() => seats.every((seat) => seat.lastInRoom.size === 1), 30_000);
}

await play('idle', async () => {
    const server = await Server.start({ settings: { limits: 'off' } });
    await sleep(QUIET_MS);
    const { cpu: alone, woken } = await lookAlone(server);
    holds(`alone it wakes at most ${WAKINGS_ALONE} times a second`, woken <= WAKINGS_ALONE, woken.toFixed(0));
    holdsLong(`and uses less than ${CPU_ALONE} % of a core`, alone < CPU_ALONE, `${alone.toFixed(2)} %`);

    const tally = new Tally();
    const people = await populate(server, PEOPLE);
    const rooms = await settle(server, people, EACH);
    const seats = people.map((person, n) => new Seat(server, person, tally, n));
    const before = gauge(server.pid);
    await eachOf(seats, (seat) => seat.comeBack());
    const connected = gauge(server.pid);
    seats.forEach((seat) => seat.stay());
    tell('resident for each connection', `${((connected.rss - before.rss) / PEOPLE / KIB).toFixed(1)} KiB`);
    await sleep(SETTLE_MS);

    const first = gauge(server.pid);
    const samples = await watch(server);
    const last = samples.at(-1);
    const cpu = (last.cpuMs - first.cpuMs) / (samples.length * SAMPLE_MS) * 100;
    tell(`CPU with ${PEOPLE} idle connections`, `${cpu.toFixed(2)} % of a core`);
    const grown = last.rss - first.rss;
    holds(`resident memory grows by at most ${GROWTH * 100} %`, grown <= Math.max(GROWTH * first.rss, either(0, MIB)),
        `${inMib(grown)} on ${inMib(first.rss)}`);
    holds('no descriptor is left behind', last.fds <= first.fds, `${first.fds}, ${last.fds}`);
    holds('nothing waits in the kernel', unsent(server.port).open === 0);
    holds('nobody was cut off', seats.every(({ codes }) => codes.length === 0));
    holds('everybody hears what is said then', await isHeardByAll(server, rooms, seats), tally);
    await server.kill();
});
