// soak.mjs - hours of a modest life of every kind, after which the server is no larger than it was.
//
// Two people sit at a client of each document, on cables that are cut now and then.  Two hundred more talk
// in rooms, and some come and go.  Others sign up, join, like, look for a match, upload, search, poll and
// leave; a bot hears all of it.  What is written to disk may grow, for it is kept; memory, descriptors and
// threads may not, behind the first quarter.  In that a flood of messages fills caches and buffers, which at
// the soak's own pace would take a day; small segments are full and emptied many times.
//
//   SOAK_MINUTES  how long (120; in the short form some seconds)

import { setTimeout as sleep } from 'node:timers/promises';

import { Bot, addBot, startWithBots } from '../e2e/bot.mjs';
import { call, numbers } from '../e2e/client.mjs';
import { clients } from '../e2e/people/all.mjs';
import { Cable } from '../e2e/people/cable.mjs';
import { meetDirectly, settings as pusher } from '../e2e/people/rooms.mjs';
import { Seat, Tally, eachOf, populate, settle } from './crowd.mjs';
import { gauge, inMib, sizeOf } from './gauge.mjs';
import { Line } from './line.mjs';
import { fates, load } from './load.mjs';
import { either, holds, holdsLong, isLong, play, tell } from './scene.mjs';

const LASTS_MS = either(Number(process.env.SOAK_MINUTES ?? 120) * 60_000, 6_000);
const SAMPLE_MS = either(30_000, 500);
const FLOOD = { rooms: 20, people: 5, window: 64, seconds: either(300, 1) };
const PEOPLE = either(200, 20);
const EACH = 10;      // people of a room
const CUT_MS = 1_500;
const SHOWN = 500;    // lines that a page of the soak keeps
const GROWTH = 0.02;  // of the mean, over what is judged
const SPARE_FDS = 10;
const THREADS_MAX = 40;

const random = (list) => list[Math.floor(Math.random() * list.length)];

/** What one life does, and how often: `each` on average so many ms apart. */
class Lives {
    constructor() {
        Object.assign(this, { isOver: false, done: new Map(), refused: new Map(), running: [] });
    }

    live(name, each, work) {
        this.done.set(name, 0);
        this.running.push((async () => {
            while (!this.isOver) {
                await sleep(each * (0.5 + Math.random()));
                await this.once(name, work);
            }
        })());
    }

    async once(name, work) {
        try {
            await work();
            this.done.set(name, this.done.get(name) + 1);
        } catch (fault) {
            this.note(name, fault);
        }
    }

    note(name, fault) {
        const what = `${name}: ${String(fault?.message).split('\n')[0].slice(0, 160)}`;
        this.refused.set(what, (this.refused.get(what) ?? 0) + 1);
    }

    async end() {
        this.isOver = true;
        await Promise.race([Promise.all(this.running), sleep(10_000)]);
    }
}

/** Two people, each at a client of every document. */
async function sitDown(server) {
    const kinds = Object.entries(clients);
    const pages = [];
    for (const [name, Client] of kinds) {
        const two = [1, 2].map((n) => new Client(server, `${name.replace(/\W/g, '_')}_${n}`));
        for (const page of two) {
            await page.signUp();
            page.cable = await Cable.to(server);
            await page.signIn();
            await page.connect();
        }
        const room = await meetDirectly(server, two);
        for (const page of two) {
            await page.enter(room);
            page.stay();
        }
        pages.push(two);
    }
    return pages;
}

function trim(page) {
    page.heard.splice(0, Math.max(0, page.heard.length - SHOWN));
    page.shown.splice(0, Math.max(0, page.shown.length - SHOWN));
    page.fault = undefined;
}

async function talkAcross([first, second]) {
    const text = `${Date.now()} ${Math.random()}`;
    await random([first, second]).say(text);
    trim(first);
    trim(second);
}

async function cutSomebody(pages) {
    const page = random(pages.flat());
    page.cable.cut(random(Cable.ways));
    await sleep(CUT_MS);
    page.cable.mend();
}

/** One request of somebody; refusals that are to be expected pass by their names. */
const asker = (server) => async (person, method, path, body, expected = []) => {
    const reply = await call(server, method, path, { token: person.token, body });
    if (reply.status >= 400 && !expected.includes(reply.body?.error?.name))
        throw new Error(`${method} ${path.replace(/\d+/g, 'N')}: ${reply.status} ${reply.body?.error?.name}`);
    return reply.body;
};

function liveInRooms(lives, { server, rooms, seats, people, ask }) {
    const someSeat = () => random(seats);
    lives.live('message', 30, async () => {
        const room = random(rooms);
        await ask(random(room.people), 'POST', `/v1/rooms/${room.id}/messages`, { text: 'x'.repeat(20 + Math.random() * 200) });
    });
    lives.live('message by socket', 30, async () => {
        const seat = someSeat();
        const reply = await seat.wire.ask('room.post', { room: seat.person.room, text: `hello ${Math.random()}` });
        if (reply?.type === 'error')
            throw new Error(reply.error.name);
    });
    lives.live('reconnect', 400, async () => { await someSeat().wire.end(); });
    lives.live('history', 500, () => {
        const room = random(rooms);
        return ask(random(room.people), 'GET', `/v1/rooms/${room.id}/messages?limit=50`);
    });
    lives.live('typing', 500, () => {
        const room = random(rooms);
        return ask(random(room.people), 'PUT', `/v1/rooms/${room.id}/typing`, { typing: true });
    });
    lives.live('search', 3000, () => ask(random(people), 'GET', '/v1/search?text=hello&limit=20'));
    lives.live('inbox', 1000, async () => {
        const person = random(people);
        await ask(person, 'GET', '/v1/notifications');
        await ask(person, 'PUT', '/v1/notifications/read', {});
    });
    lives.live('join and leave', 1000, async () => {
        const [room, person] = [random(rooms), random(people)];
        if (room.people.includes(person))
            return;
        await ask(person, 'POST', `/v1/rooms/${room.id}/members`, {}, ['exists']);
        await ask(person, 'DELETE', `/v1/rooms/${room.id}/members/${person.id}`, undefined, ['not_found']);
    });
    lives.live('room made and deleted', 5000, async () => {
        const person = random(people);
        const { id } = await ask(person, 'POST', '/v1/rooms', { kind: 'private', name: 'short-lived' });
        await ask(person, 'POST', `/v1/rooms/${id}/messages`, { text: 'one' });
        await ask(person, 'DELETE', `/v1/rooms/${id}`);
    });
    lives.live('file', 4000, async () => {
        const room = random(rooms);
        const reply = await fetch(`${server.url}/v1/rooms/${room.id}/files?name=a.txt`, {
            method: 'POST', headers: { authorization: `Bearer ${room.people[0].token}` },
            body: `${Math.random()} `.repeat(2000),
        });
        const { id } = await reply.json();
        const message = await ask(room.people[0], 'POST', `/v1/rooms/${room.id}/messages`, { text: 'a file', files: [{ id }] });
        const file = await fetch(`${server.url}/v1/rooms/${room.id}/files/${id}`,
            { headers: { authorization: `Bearer ${room.people[1].token}` } });
        await file.arrayBuffer();
        await ask(room.people[0], 'DELETE', `/v1/rooms/${room.id}/messages/${message.seq}`);
    });
}

function liveAmongPeople(lives, { server, people, ask }) {
    const two = () => {
        const first = random(people);
        return [first, random(people.filter((other) => other !== first))];
    };
    lives.live('like and unlike', 1000, async () => {
        const [one, other] = two();
        await ask(one, 'POST', `/v1/people/${other.id}/visits`);
        await ask(one, 'PUT', `/v1/people/${other.id}/like`);
        await ask(one, 'DELETE', `/v1/people/${other.id}/like`);
    });
    lives.live('block and unblock', 10_000, async () => {
        const [one, other] = two();
        await ask(one, 'PUT', `/v1/people/${other.id}/block`);
        await ask(one, 'DELETE', `/v1/people/${other.id}/block`);
    });
    lives.live('recommendations', 2000, () => ask(random(people), 'GET', '/v1/people?limit=20'));
    lives.live('ticket', 1000, async () => {
        const person = random(people);
        await ask(person, 'POST', '/v1/me/ticket', { queue: 'soak', stay: false, seconds: 30 }, ['waiting']);
        await ask(person, 'DELETE', '/v1/me/ticket', undefined, ['not_found', 'invalid']);
    });
    lives.live('account made and deleted', 5000, async () => {
        const login = `guest${Date.now()}-${Math.floor(Math.random() * 1e6)}`;
        const guest = await ask({}, 'POST', '/v1/accounts', { login, password: 'a-password' });
        await ask(guest, 'DELETE', '/v1/session');
        const again = await ask({}, 'POST', '/v1/sessions', { login, password: 'a-password' });
        await ask(again, 'POST', '/v1/me/deletion', { password: 'a-password' });
    });
    lives.live('event stream', 2000, async () => {
        const given = new AbortController();
        const reply = await fetch(`${server.url}/v1/events`,
            { headers: { authorization: `Bearer ${random(people).token}` }, signal: given.signal });
        await reply.body.getReader().read();
        given.abort();
    });
    lives.live('bad token', 2000, () => ask({ token: 'nonsense' }, 'GET', '/v1/me', undefined, ['unauthenticated']));
}

async function fillProfiles(people, ask) {
    await eachOf(people, (person, n) => ask(person, 'PATCH', '/v1/me/profile', {
        gender: n % 2 ? 'woman' : 'man', preference: n % 2 ? 'man' : 'woman', age: 20 + n % 40,
        lat: 48_000_000 + n * 1000, lon: 2_000_000, tags: [{ name: `tag${n % 7}` }],
    }));
}

async function keepBot(server) {
    const bot = await Bot.open(server, addBot(server, 'soak-bot', 'observe'));
    await bot.call('bot.follow', { from: 0 }).catch(() => bot.call('bot.follow', {}));
    const heard = { events: 0, bot };
    (async () => {
        for (;; heard.events++)
            await bot.next().catch(() => null);
    })();
    return heard;
}

function look(server, startedAt) {
    const { rss, anonymous, threads, fds, cpuMs } = gauge(server.pid);
    return {
        minute: (performance.now() - startedAt) / 60_000, rss, anonymous, threads, fds, cpuMs,
        journal: sizeOf(`${server.data}/journal`),
        projections: ['session', 'room', 'matching', 'search', 'notifier', 'index']
            .reduce((sum, name) => sum + sizeOf(`${server.data}/${name}`), 0),
    };
}

async function watch(server, lives) {
    const startedAt = performance.now();
    const samples = [];
    while (performance.now() - startedAt < LASTS_MS && server.ended === null) {
        await sleep(SAMPLE_MS);
        samples.push(look(server, startedAt));
        if (isLong)
            console.log(JSON.stringify({ ...samples.at(-1), done: [...lives.done.values()].reduce((a, b) => a + b, 0) }));
    }
    return samples;
}

/** Growth over the last three quarters, as a straight line through them has it. */
function growthOf(samples, field) {
    const late = samples.slice(Math.floor(samples.length / 4));
    const line = Line.through(late.map((sample) => [sample.minute, sample[field]]));
    return { by: line.slope * (late.at(-1).minute - late[0].minute), mean: line.mean };
}

function judge(samples) {
    for (const field of ['rss', 'anonymous']) {
        const { by, mean } = growthOf(samples, field);
        holdsLong(`${field} is flat`, by <= GROWTH * mean, `${inMib(by)} on ${inMib(mean)}`);
    }
    const fds = growthOf(samples, 'fds');
    holdsLong('descriptors are flat', fds.by <= SPARE_FDS, `${fds.by.toFixed(1)} on ${fds.mean.toFixed(0)}`);
    const threads = growthOf(samples, 'threads');
    holdsLong('threads are flat', threads.by < 1, `${threads.by.toFixed(1)} on ${threads.mean.toFixed(0)}`);
    holds(`there are at most ${THREADS_MAX} of them`, samples.every((sample) => sample.threads <= THREADS_MAX));
    const [first, last] = [samples[0], samples.at(-1)];
    for (const field of ['journal', 'projections'])
        tell(field, `${inMib(first[field])} to ${inMib(last[field])}`);
    tell('CPU', `${((last.cpuMs - first.cpuMs) / (last.minute - first.minute) / 600).toFixed(1)} % of a core`);
}

await play('soak', async () => {
    const server = await startWithBots({ settings: {
        ...pusher, limits: 'off', 'journal.segment_size': '16M', 'socketio.heartbeat_ms': 5000, 'socketio.heartbeat_timeout_ms': 5000,
    } });
    const ask = asker(server);
    const tally = new Tally();
    const people = await populate(server, PEOPLE);
    const rooms = await settle(server, people, EACH);
    rooms.forEach((room) => room.people.forEach((person) => { person.room = room.id; }));
    await fillProfiles(people, ask);
    const seats = people.map((person) => new Seat(server, person, tally));
    await eachOf(seats, (seat) => seat.comeBack());
    seats.forEach((seat) => seat.stay());
    const pages = await sitDown(server);
    const bot = await keepBot(server);

    const lives = new Lives();
    process.on('uncaughtException', (fault) => lives.note('a package', fault));
    const world = { server, rooms, seats, people, ask };
    liveInRooms(lives, world);
    liveAmongPeople(lives, world);
    pages.forEach((two, n) => lives.live(Object.keys(clients)[n], 2000, () => talkAcross(two)));
    lives.live('cable cut', 10_000, () => cutSomebody(pages));
    lives.live('metrics', 10_000, () => numbers(server));

    const flood = load(server, FLOOD);
    const samples = await watch(server, lives);
    tell('the flood', fates(await flood));
    await lives.end();
    tell('done', JSON.stringify(Object.fromEntries(lives.done)));
    tell('refused or failed', JSON.stringify(Object.fromEntries(lives.refused)));
    tell('messages', tally);
    tell('resumed', seats.reduce((sum, { resumes }) => sum + resumes, 0));
    tell('heard by the bot', bot.events);
    holds('the server is still there', server.ended === null);
    holds('nothing was lost over reconnections, and nothing came twice', tally.isWhole && tally.heard > 0, tally);
    judge(samples);
    await server.kill();
});
