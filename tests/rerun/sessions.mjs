// sessions.mjs - random sessions on real servers, each recorded; then every build re-runs every recording.
//
// A session is a few dozen calls by a handful of people, four at a time, drawn from a table with a seed of its own; many are
// refused, which are decisions, too.  Sockets come and go, for presence; webhooks and mails fail or arrive; between two recordings
// the server may stop or be killed.  What is compared: each verdict, and the digests of all rows behind the last input.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { call, Native, signUp } from '../e2e/client.mjs';
import { Server } from '../e2e/server.mjs';

const [COUNT] = process.argv.slice(2).map(Number);
const RECORDINGS = 5; // of one server
const PEOPLE = 8, LANES = 4, CALLS = 40;
const KITHS = process.env.KITHS.split(' ').filter((path) => path !== '');
const OWN = join(dirname(process.env.KITHD), 'kith');

/** Mulberry32: numbers below 1 that follow from the seed. */
function random(seed) {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

const WORDS = ['hello', '@person1', 'and @person3', 'what a day', '/weather in Oslo', 'ζ', 'no more'];
const EMOJI = encodeURIComponent('👍');

/** [how often, method, path, body]: `:account`, `:room` and `:seq` are drawn, too. */
const CALLS_OF = [
    [2, 'POST', '/v1/sessions', (d) => ({ login: `person${d.of(PEOPLE)}`, password: d.chance() ? d.someone().password : 'not this one' })],
    [1, 'PUT', '/v1/me/username', (d) => ({ username: `somebody ${d.of(5)}` })],
    [1, 'PUT', '/v1/me/email', (d) => ({ email: `p${d.of(20)}@example.org`, password: d.person.password })],
    [1, 'POST', '/v1/me/email/link', () => ({})],
    [2, 'PUT', '/v1/me/presence', (d) => ({ online: d.chance() })],
    [1, 'POST', '/v1/password-resets', (d) => ({ email: `p${d.of(20)}@example.org` })],
    [2, 'POST', '/v1/rooms', (d) => ({ kind: d.chance() ? 'open' : 'private', name: `room ${d.of(9)}` })],
    [2, 'POST', '/v1/direct', (d) => ({ account: d.someone().id })],
    [1, 'PUT', '/v1/rooms/:room/name', (d) => ({ name: `room ${d.of(9)}` })],
    [1, 'PUT', '/v1/rooms/:room/topic', (d) => ({ topic: d.word() })],
    [4, 'POST', '/v1/rooms/:room/members', (d) => (d.chance() ? {} : { account: d.someone().id })],
    [2, 'DELETE', '/v1/rooms/:room/members/:account'],
    [1, 'PUT', '/v1/rooms/:room/members/:account/role', (d) => ({ role: d.chance() ? 'moderator' : 'member' })],
    [1, 'PUT', '/v1/rooms/:room/members/:account/mute', (d) => ({ until: d.chance() ? 0 : (Date.now() + 60_000) * 1000 })],
    [1, 'POST', '/v1/rooms/:room/invitations', (d) => ({ account: d.someone().id })],
    [1, 'DELETE', '/v1/rooms/:room/invitations/:account'],
    [1, 'PUT', '/v1/rooms/:room/bans/:account', () => ({ reason: 'spam' })],
    [1, 'DELETE', '/v1/rooms/:room/bans/:account'],
    [1, 'DELETE', '/v1/rooms/:room'],
    [2, 'PUT', '/v1/rooms/:room/typing', (d) => ({ typing: d.chance() })],
    [4, 'PUT', '/v1/rooms/:room/read', (d) => ({ seq: d.of(9) })],
    [20, 'POST', '/v1/rooms/:room/messages', (d) => ({ text: `${d.word()} ${d.word()}` })],
    [4, 'POST', '/v1/rooms/:room/messages', (d) => ({ text: d.word(), client_id: `again-${d.of(9)}` })],
    [3, 'POST', '/v1/rooms/:room/messages', (d) => ({ text: d.word(), reply_to: d.of(9) })],
    [2, 'POST', '/v1/rooms/:room/messages', (d) => ({ text: d.word(), thread: d.of(9) })],
    [3, 'PUT', '/v1/rooms/:room/messages/:seq', (d) => ({ text: `better: ${d.word()}` })],
    [2, 'DELETE', '/v1/rooms/:room/messages/:seq'],
    [3, 'PUT', `/v1/rooms/:room/messages/:seq/reactions/${EMOJI}`],
    [2, 'DELETE', `/v1/rooms/:room/messages/:seq/reactions/${EMOJI}`],
    [1, 'PUT', '/v1/rooms/:room/messages/:seq/pin'],
    [1, 'DELETE', '/v1/rooms/:room/messages/:seq/pin'],
    [2, 'POST', '/v1/notifications', (d) => ({ account: d.someone().id, text: d.word() })],
    [1, 'DELETE', '/v1/notifications'],
    [2, 'PUT', '/v1/notifications/read', () => ({})],
    [1, 'PUT', '/v1/notifications/rooms/:room', (d) => ({ wish: d.chance() ? 'off' : 'mentions' })],
    [1, 'PUT', '/v1/notifications/preferences/like', (d) => ({ wish: d.chance() ? 'off' : 'on' })],
    [3, 'PATCH', '/v1/me/profile', (d) => ({ gender: d.chance() ? 'woman' : 'man', description: d.word(), tags: [d.word()] })],
    [2, 'POST', '/v1/people/:account/visits', () => ({})],
    [5, 'PUT', '/v1/people/:account/like'],
    [1, 'DELETE', '/v1/people/:account/like'],
    [1, 'PUT', '/v1/people/:account/dislike'],
    [2, 'PUT', '/v1/people/:account/chat'],
    [1, 'DELETE', '/v1/people/:account/chat'],
    [1, 'PUT', '/v1/people/:account/block'],
    [1, 'DELETE', '/v1/people/:account/block'],
    [1, 'POST', '/v1/people/:account/reports', (d) => ({ reason: d.word() })],
    [4, 'POST', '/v1/me/ticket', (d) => ({ queue: 'duel', min: 2, max: 2, seconds: d.chance() ? 1 : 60 })],
    [2, 'DELETE', '/v1/me/ticket'],
    [1, 'PUT', '/v1/admin/accounts/:account/ban', () => ({ reason: 'a pause', until: (Date.now() + 1000) * 1000 })],
    [1, 'DELETE', '/v1/admin/accounts/:account/ban'],
    [2, 'GET', '/v1/people'],
    [2, 'GET', '/v1/unread'],
].flatMap(([times, ...row]) => Array(times).fill(row));

/** What a session draws. */
class Dice {
    constructor(seed, people) {
        this.next = random(seed);
        this.people = people;
    }
    of(count) { return 1 + Math.floor(this.next() * count); }
    chance() { return this.next() < 0.5; }
    among(items) { return items[this.of(items.length) - 1]; }
    word() { return this.among(WORDS); }
    someone() { return this.among(this.people); }
}

async function act(server, dice) {
    const [method, path, body] = dice.among(CALLS_OF);
    dice.person = dice.someone();
    const filled = path.replace(':account', dice.someone().id).replace(':room', dice.of(6)).replace(':seq', dice.of(9));
    await call(server, method, filled, { token: dice.person.token, body: body?.(dice) });
}

/** Somebody is connected for a while. */
async function visit(server, dice) {
    const socket = await Native.open(server, dice.someone().token).catch(() => null); // who is banned has none
    await sleep(dice.of(50));
    await socket?.close();
}

async function session(server, people, seed) {
    const lanes = Array.from({ length: LANES }, (_, lane) => new Dice(seed * LANES + lane, people));
    await Promise.all(lanes.map(async (dice) => {
        for (let n = 0; n < CALLS; n++)
            await (dice.of(10) === 1 ? visit(server, dice) : act(server, dice));
    }));
}

function kith(program, ...args) {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    return { status, stdout, stderr };
}

function operate(server, ...args) {
    const { status, stdout, stderr } = kith(OWN, '--data', server.data, '--bus', server.bus, ...args);
    if (status !== 0)
        throw new Error(`kith ${args.join(' ')}: ${stdout}${stderr}`);
}

/** A server, and what happens on it while it is recorded, time after time. */
async function record(server, first, count) {
    const people = [];
    for (let n = 1; n <= PEOPLE; n++)
        people.push(await signUp(server, `person${n}`, { email: `p${n}@example.org` }));
    operate(server, 'account', 'role', 'person1', 'admin');
    const dice = new Dice(first, people);
    for (let seed = first; seed < first + count; seed++) {
        operate(server, 'record', 'start', `session-${seed}`);
        await session(server, people, seed);
        const ends = dice.of(4);
        if (ends > 1)
            operate(server, 'record', 'stop');
        if (ends <= 2) {
            await (ends === 1 ? server.stop() : server.kill()); // a stop ends the recording in order
            await server.launch();
        } else if (dice.chance()) {
            await session(server, people, -seed); // unrecorded: the next one begins elsewhere
        }
    }
}

const digestsOf = (result) => result.stdout.trim().split('\n').map((line) => JSON.parse(line));

/** What a build makes of a recording: "same", with a digest for each actor; or what is wrong. */
function rerun(program, server, name) {
    const result = kith(program, '--data', server.data, 'rerun', name, '--json');
    if (result.status !== 0)
        return { fault: `${result.stdout}${result.stderr}` };
    const parts = digestsOf(result);
    return {
        inputs: parts.reduce((sum, { inputs }) => sum + inputs, 0),
        digests: parts.map(({ actor, digest }) => `${actor} ${digest}`).join('\n'),
    };
}

/** The recordings of a server on which the builds do not agree, in words. */
function compare(server, first, count) {
    const faults = [];
    let inputs = 0;
    for (let seed = first; seed < first + count; seed++) {
        const results = KITHS.map((program) => rerun(program, server, `session-${seed}`));
        const wrong = results.findIndex(({ fault, digests }) => fault !== undefined || digests !== results[0].digests);
        if (wrong >= 0)
            faults.push(`session-${seed}: ${KITHS[wrong]}: ${results[wrong].fault ?? 'other digests'}`);
        inputs += results[0].inputs ?? 0;
    }
    return { faults, inputs };
}

async function plan() {
    const server = await Server.plan({ split: false });
    const secret = join(server.base, 'webhook.secret');
    writeFileSync(secret, 'a secret of more than enough letters\n');
    Object.assign(server.settings, {
        'webhook.urls': 'http://127.0.0.1:9/', 'webhook.secret_file': secret, 'digest.after': '1', 'digest.every': '2',
    });
    return server;
}

let failed = 0;
console.log(`builds: ${KITHS.join(' ')}`);
for (let first = 1; first <= COUNT; first += RECORDINGS) {
    const count = Math.min(RECORDINGS, COUNT - first + 1);
    const server = await plan();
    await server.launch();
    await record(server, first, count);
    await server.stop();
    const { faults, inputs } = compare(server, first, count);
    console.log(`${basename(server.base)}: ${count} recordings, ${inputs} inputs`);
    faults.forEach((fault) => console.log(fault));
    failed += faults.length;
    await server.close();
}
console.log(`${COUNT - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
