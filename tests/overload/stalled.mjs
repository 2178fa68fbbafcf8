// stalled.mjs - a thousand of five thousand people stop reading in the middle of a conversation.
//
// Everybody sits in rooms in which everybody hears everything, and the stalled sit among the others; besides
// there is news for them, long enough that soon nothing more fits into their queues and the kernel's buffers.
// They are cut off, and the others go on as before.  When the stalled read again they find what had been sent
// to them, come back from there, and have missed nothing.
//
// How quick the others are served is told by a few of them, who note how long each message took from its
// sender to them; runs in which all read and runs in which a fifth do not take turns.

import { setTimeout as sleep } from 'node:timers/promises';

import { must, numbers, post } from '../e2e/client.mjs';
import { Server } from '../e2e/server.mjs';
import { Seat, Tally, Wire, eachOf, populate, settle } from './crowd.mjs';
import { KIB, gauge, inMib, unsent } from './gauge.mjs';
import { median } from './load.mjs';
import { either, holds, holdsLong, play, tell, until } from './scene.mjs';

const PEOPLE = either(5_000, 100);
const STALLED = either(1_000, 20);
const EACH = either(100, 20);
const ROUNDS = either(3, 1);
const ROUND_MS = either(40_000, 2_000);
const WORDS_EVERY_MS = 20;      // in one room after the other
const NEWS = 60;                // in a round; more where they are not read, until …
const NEWS_MAX = 1_000;         // … nobody is left who does not read
const TEXT = 'n'.repeat(16_000);
const EACH_MAX = 256 * KIB;       // of the server's memory, for one who is stalled
const CUT_OFF_MS = 30_000;       // most, from being too slow to the end
const PATIENCE_MS = either(120_000, 60_000);

/** Notes how long a message took. */
class Listener extends Seat {
    constructor(...all) {
        super(...all);
        this.tookMs = [];
    }

    hear(event) {
        super.hear(event);
        if (event.type === 'room.posted') // none of them is told news
            this.tookMs.push(performance.now() - Number(event.body.message.text.split(' ')[0]));
    }
}

const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor(values.length * share)];

/** `say(n)` for each number below `count`, at a steady pace that takes a round. */
async function steadily(count, say) {
    const startedAt = performance.now();
    const answers = [];
    for (let n = 0; n < count; n++) {
        answers.push(say(n));
        const waitMs = startedAt + n * ROUND_MS / count - performance.now();
        if (waitMs > 0)
            await sleep(waitMs);
    }
    return Promise.all(answers);
}

/** Each has the last message of their room. */
const areWhole = (rooms, seats) => rooms.every((room, n) => seats.slice(n * EACH, (n + 1) * EACH)
    .every((seat) => seat.lastInRoom.get(room.id) === room.seq));

/** One piece of news in each room that has some. */
const tellAll = ({ server, news }) =>
    eachOf(news, async (room) => { room.seq = (await post(server, room.people[0].token, room.id, TEXT)).seq; });

/** So much news, the next once all have read the last.  How much that takes of the kernel's buffers is its
 *  own affair, so those who do not read are told more until the last of them is cut off. */
async function tellNews(world, isEnough) {
    const { news, told, readsNews } = world;
    for (let n = 0; n < NEWS || (!readsNews && n < NEWS_MAX && !(await isEnough())); n++) {
        const next = sleep(ROUND_MS / NEWS);
        await tellAll(world);
        const areRead = !readsNews || (await until(() => areWhole(news, told), PATIENCE_MS, 5));
        if (!areRead)
            throw new Error('somebody who reads was not told the news');
        await next;
    }
}

/** Words in each room, and news beside them; how many were refused. */
async function talk(world, isEnough) {
    const { rooms } = world;
    const words = steadily(ROUND_MS / WORDS_EVERY_MS, (n) => {
        const room = rooms[n % rooms.length];
        return room.speaker.ask('room.post', { room: room.id, text: `${performance.now()} said` });
    });
    await tellNews(world, isEnough);
    return (await words).filter((answer) => answer?.type !== 'reply').length;
}

async function seatAll(server, people, tally) {
    const seats = people.map((person, n) => new (n % EACH === EACH - 1 ? Listener : Seat)(server, person, tally, n));
    await eachOf(seats, (seat) => seat.comeBack());
    return seats;
}

const last = async (server, room) => {
    room.seq = (await must(server, 'GET', `/v1/rooms/${room.id}`, room.people[0])).seq;
};

/** Connections of clients: for being too slow they are closed at once, for being silent after a minute. */
async function connected(server) {
    const counts = Object.entries(await numbers(server)).filter(([name]) => name.startsWith('kith_connections{'));
    return counts.reduce((sum, [, count]) => sum + count, 0);
}

async function round(world, stalled) {
    const { server, listeners } = world;
    listeners.forEach((listener) => { listener.tookMs = []; });
    await eachOf(stalled, async (seat) => { // on fresh connections, whose buffers have not grown by reading
        await seat.wire.end();
        await seat.comeBack();
        seat.wire.stall();
    });
    const before = gauge(server.pid);
    const crowd = await connected(server);
    let peak = before.rss;
    let kernel = 0;
    let queued = 0;
    const watching = setInterval(async () => {
        peak = Math.max(peak, gauge(server.pid).rss);
        queued = Math.max(queued, (await numbers(server)).kith_edge_queued_bytes);
        kernel = Math.max(kernel, unsent(server.port).open);
    }, either(1000, 250));
    const cutOff = async () => crowd - (await connected(server));
    const isEnough = async () => (await cutOff()) >= stalled.length;
    const refused = await talk({ ...world, readsNews: stalled.length === 0 }, isEnough);
    let left;
    await until(() => {
        left = unsent(server.port);
        return left.open + left.left === 0;
    }, CUT_OFF_MS, 200);
    clearInterval(watching);
    const gone = await cutOff();
    const tookMs = listeners.flatMap((listener) => listener.tookMs);
    return { p50: percentile(tookMs, 0.5), p99: percentile(tookMs, 0.99), grown: peak - before.rss, queued, kernel, gone, refused, left };
}

async function catchUp({ server, rooms, news, seats }, stalled) {
    stalled.forEach((seat) => seat.wire.goOn());
    const codes = await Promise.all(stalled.map((seat) => seat.wire.closed));
    await eachOf(stalled, (seat) => seat.comeBack());
    await eachOf([...rooms, ...news], (room) => last(server, room));
    const whole = () => areWhole(rooms, seats) && areWhole(news, stalled);
    return { codes, whole: await until(whole, PATIENCE_MS) };
}

function countsOf(values) {
    const counts = new Map();
    values.forEach((value) => counts.set(value, (counts.get(value) ?? 0) + 1));
    return [...counts].map(([value, count]) => `${value}: ${count}`).join(', ');
}

await play('stalled', async () => {
    const server = await Server.start({ settings: { limits: 'off' } });
    const tally = new Tally();
    const people = await populate(server, PEOPLE);
    const rooms = await settle(server, people, EACH);
    const seats = await seatAll(server, people, tally);
    const share = EACH * STALLED / PEOPLE;
    const stalled = seats.filter((seat, n) => n % EACH > 0 && n % EACH <= share);
    const news = await settle(server, stalled.map(({ person }) => person), EACH);
    const world = { server, rooms, news, told: stalled, seats, listeners: seats.filter((seat) => seat instanceof Listener) };
    await eachOf(rooms, async (room) => {
        room.speaker = new Wire(server, { token: room.people[0].token });
        await room.speaker.welcomed;
    });

    const all = [];
    const some = [];
    for (let n = 1; n <= ROUNDS; n++) {
        all.push(await round(world, []));
        some.push(await round(world, stalled));
        const { gone, kernel, grown, queued } = some.at(-1);
        holds(`${stalled.length} stalled readers of ${PEOPLE} are cut off`, gone === stalled.length, gone);
        holds('nobody else is, and everything was taken', all.at(-1).gone === 0 &&
            all.at(-1).refused + some.at(-1).refused === 0, `${all.at(-1).gone}, ${some.at(-1).refused}`);
        holds(`at most ${EACH_MAX / KIB} KiB are queued for each`, queued <= stalled.length * EACH_MAX,
            `${Math.round(queued / stalled.length / KIB)} KiB`);
        holdsLong('which is as much as each costs in memory', grown <= stalled.length * EACH_MAX,
            `${inMib(grown)}, ${Math.round(grown / stalled.length / KIB)} KiB each; ${inMib(all.at(-1).grown)} without them`);
        tell('and of the kernel', `${Math.round(kernel / stalled.length / KIB)} KiB each, at most`);
        const { open, left } = some.at(-1).left;
        holds('none of which is left once they are cut off', open + left === 0, inMib(open + left));
        const { codes, whole } = await catchUp(world, stalled);
        tell('how their connections ended', countsOf(codes));
        holds('those who were cut off come back and have all of it', whole && tally.isWhole, tally);
    }
    const of = (runs, field) => median(runs.map((run) => run[field]));
    holdsLong('the others\' p99 is at most twice what it was', of(some, 'p99') <= 2 * of(all, 'p99'),
        `${of(some, 'p99').toFixed(1)} ms, ${of(all, 'p99').toFixed(1)} ms without`);
    tell('their p50', `${of(some, 'p50').toFixed(1)} ms, ${of(all, 'p50').toFixed(1)} ms without`);
    await server.kill();
});
