// backlog.mjs - somebody comes back, and a million messages have been waiting.
//
// All of them are in rooms that the person is in, and the person resumes from before the first.  At once there is a
// welcome, and calls are answered while the past still comes, page by page, as fast as it is read: the server holds
// a page of it, and nobody else waits.
//
//   BACKLOG  how many (1,000,000; in the short form 5,000)

import { setTimeout as sleep } from 'node:timers/promises';

import { Server } from '../e2e/server.mjs';
import { Seat, Tally, Wire, eachOf, populate, settle } from './crowd.mjs';
import { MIB, gauge, inMib } from './gauge.mjs';
import { either, holds, holdsLong, play, tell, until } from './scene.mjs';

const MESSAGES = either(Number(process.env.BACKLOG ?? 1_000_000), 5_000);
const ROOMS = 4;
const EACH = 5;     // people of a room, the one who is away among them
const WINDOW = 400; // messages of one speaker under way
const READY_MS = 5_000;
const FLAT = 48 * MIB;
const PATIENCE_MS = either(600_000, 60_000);

/** `rooms` in which the same person sits. */
async function seatEverywhere(server, person, rooms) {
    const seat = new Seat(server, person, new Tally());
    await seat.connect();
    await eachOf(rooms, (room) => seat.wire.ask('room.join', { room: room.id }));
    await until(() => seat.since > 0, 1000);
    return seat;
}

/** Until so many are posted, by all rooms' speakers at once. */
async function fill(server, rooms) {
    let left = MESSAGES;
    const speak = async (room, person) => {
        const wire = new Wire(server, { token: person.token });
        await wire.welcomed;
        const say = async () => {
            while (left-- > 0) {
                const reply = await wire.ask('room.post', { room: room.id, text: `one of so many, number ${left}` });
                left += reply?.type === 'reply' ? 0 : 1;
            }
        };
        await Promise.all(Array.from({ length: WINDOW }, say));
        await wire.end();
    };
    await Promise.all(rooms.map((room) => speak(room, room.people[0])));
}

/** What somebody else waits for an answer while `work` goes on; gives all times. */
async function othersWait(server, { token, room }, work) {
    const wire = new Wire(server, { token });
    await wire.welcomed;
    const tookMs = [];
    let isOver = false;
    const over = work.finally(() => { isOver = true; });
    for (; !isOver; await sleep(50)) {
        const startedAt = performance.now();
        await wire.ask('room.post', { room, text: 'meanwhile' });
        tookMs.push(performance.now() - startedAt);
    }
    await over;
    await wire.end();
    return tookMs.sort((a, b) => a - b);
}

async function comeBack(server, seat, rooms) {
    const startedAt = performance.now();
    const since = () => Math.round(performance.now() - startedAt);
    await seat.comeBack();
    const welcomeMs = since();
    const answer = await seat.wire.ask('account.get', {});
    const answeredMs = since();
    const heardByThen = seat.tally.heard;
    const whole = await until(() => seat.tally.heard >= MESSAGES, PATIENCE_MS);
    return { welcomeMs, answeredMs, heardByThen, wholeMs: since(), answer, whole };
}

await play('backlog', async () => {
    const server = await Server.start({ settings: { limits: 'off' } });
    const [person, outsider, ...people] = await populate(server, 2 + ROOMS * (EACH - 1));
    const rooms = await settle(server, people, EACH - 1);
    const [{ id: elsewhere }] = await settle(server, [outsider], 1);
    const seat = await seatEverywhere(server, person, rooms);
    await seat.wire.end();

    const filledAt = performance.now();
    await fill(server, rooms);
    tell('posted', `${MESSAGES} in ${Math.round((performance.now() - filledAt) / 1000)} s`);
    const before = gauge(server.pid);
    let most = 0;
    const watching = setInterval(() => { most = Math.max(most, gauge(server.pid).anonymous); }, 50);
    let back;
    const waits = await othersWait(server, { token: outsider.token, room: elsewhere },
        comeBack(server, seat, rooms).then((result) => { back = result; }));
    clearInterval(watching);

    tell('the welcome came after', `${back.welcomeMs} ms`);
    holdsLong('a call is answered before the past is through', back.answer?.type === 'reply' && back.heardByThen < MESSAGES,
        `after ${back.heardByThen} messages`);
    holdsLong(`and within ${READY_MS / 1000} s`, back.answeredMs <= READY_MS, `${back.answeredMs} ms`);
    holds('all of it comes, once, in order', back.whole && seat.tally.isWhole && seat.tally.heard === MESSAGES, seat.tally);
    tell('which took', `${back.wholeMs} ms, ${Math.round(MESSAGES / back.wholeMs * 1000)} messages a second`);
    holds('the server\'s own memory hardly grows', most - before.anonymous <= FLAT,
        `${inMib(most - before.anonymous)} on ${inMib(before.anonymous)}`);
    tell('resident, with the pages of the files that it reads', `${inMib(before.rss)}, then ${inMib(gauge(server.pid).rss)}`);
    tell('somebody else meanwhile waited for the answer to a post', `p50 ${waits[Math.floor(waits.length / 2)]?.toFixed(1)} ms, ` +
        `p99 ${waits[Math.floor(waits.length * 0.99)]?.toFixed(1)} ms`);
    await server.kill();
});
