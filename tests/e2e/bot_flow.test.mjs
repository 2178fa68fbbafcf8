// Bots of three libraries beside a flow of messages that `kith bench` sends through the edge: each
// hears every event once and in order, from 0 through to what happens now and after it was
// stopped; and one that is stuck costs nobody anything.
//
// What they should have heard is what stands in the journal.  With KITH_LONG the flow has 5,000
// messages a second, and the bots are stopped for 30 s of it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Example, addBot, startWithBots } from './bot.mjs';
import { eventually, makeRoom, post, signUp } from './client.mjs';
import { operate } from './operator.mjs';

const LONG = Boolean(process.env.KITH_LONG);
const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const RATE = LONG ? 5_000 : 300;     // messages a second
const ROOMS = LONG ? 25 : 4;
const PAST_S = LONG ? 10 : 1;        // of a flow
const FLOW_S = LONG ? 45 : 2;
const STOPPED_MS = 30_000;
const MADE = 15 * ROOMS;             // records before its first message, at most
const CHAT_RATE = 50;
const CHAT_S = LONG ? 20 : 1;
const LATE_MS = LONG ? 600_000 : 60_000;
// Whether the machine was too busy for the flow is told, not judged.
const NEVER = ['duplicated', 'stray', 'closed'], TOLD = ['lost', 'unacknowledged', 'late', 'refused'];
const TAIL_BYTES = 256 * 1024; // who leaves is recorded, too, behind what was said
const GROWTH_BYTES = 128 * 1024 * 1024; // by itself, a flow makes it come and go by 100

// What AddressSanitizer keeps of freed memory is no growth.
process.env.ASAN_OPTIONS = [process.env.ASAN_OPTIONS, 'quarantine_size_mb=1'].filter(Boolean).join(':');

let server, ann, room;
const archives = [];
before(async () => {
    server = await startWithBots();
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token, 'private');
});
after(() => server.close());

/** What `kith bench` has measured, once it has. */
function bench(...args) {
    const all = ['--data', server.data, '--bus', server.bus, 'bench', '--http', server.url.replace('http://', ''),
        '--json', '--keep', ...args.map(String)];
    const running = spawn(KITH, all, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    running.stdout.on('data', (data) => { said += data; });
    return once(running, 'close').then(([code]) => {
        assert.equal(code, 0, `kith bench: ${said}`);
        return JSON.parse(said);
    });
}

const flow = (seconds) => bench('--rooms', ROOMS, '--people', 2, '--rate', RATE, '--payload', 200, '--seconds', seconds);
const chat = () => bench('--rooms', 1, '--people', 2, '--rate', CHAT_RATE, '--seconds', CHAT_S);

const head = () => JSON.parse(operate(server, 'status', '--json')).head;

/** Until messages of a flow came behind `before`; what it makes ahead of them are fewer records. */
const underway = (before) => eventually(head, (now) => now > before + MADE, 'messages of the flow', LATE_MS);

/** An archive bot of one of the libraries, which starts at 0. */
function archive(run, name) {
    const bot = addBot(server, name.replace('.', '-'), 'observe');
    const file = join(server.base, `${name}.jsonl`);
    const start = () => run(server, bot, name, [file]);
    return { name, file, start, example: start() };
}

function endOf(file) {
    if (!existsSync(file))
        return '';
    const handle = openSync(file);
    const from = Math.max(0, fstatSync(handle).size - TAIL_BYTES);
    const bytes = Buffer.alloc(TAIL_BYTES);
    const count = readSync(handle, bytes, 0, TAIL_BYTES, from);
    closeSync(handle);
    return bytes.toString('utf8', 0, count);
}

/** Say something, and wait until all archives have it. */
async function sayAndSee(text) {
    await post(server, ann.token, room.id, text);
    for (const { file, name } of archives)
        await eventually(() => endOf(file), (end) => end.includes(`"${text}"`), `${text} in ${name}`, LATE_MS);
}

/** The sequences of the messages among JSON lines, which rise. */
async function posted(stream) {
    const sequences = [];
    let last = 0;
    for await (const line of createInterface({ input: stream })) {
        const seq = Number(/"seq": ?(\d+)/.exec(line)[1]);
        assert.ok(seq > last, `${seq} after ${last}`);
        last = seq;
        if (/"type": ?"room\.posted"/.test(line))
            sequences.push(seq);
    }
    return sequences;
}

const stop = () => Promise.all(archives.map(({ example }) => example.stop('SIGKILL')));
const signal = (name) => archives.forEach(({ example }) => example.process.kill(name));

test('bots that start at 0 while messages flow come to what happens now', async () => {
    await flow(PAST_S);
    const before = head();
    const flowing = flow(FLOW_S);
    await underway(before);
    archives.push(archive(Example.python, 'archive.py'), archive(Example.node, 'archive.cjs'),
        archive(Example.built, 'archive'));
    await flowing;
    await sayAndSee('after the flow');
});

test('the same when they are stopped for a while', async () => {
    const before = head();
    const flowing = flow(FLOW_S);
    await underway(before);
    signal('SIGSTOP');
    await (LONG ? sleep(STOPPED_MS) : flowing);
    signal('SIGCONT');
    await flowing;
    await sayAndSee('after they were stopped');
});

test('the same when they are killed and started again', async () => {
    const before = head();
    const flowing = flow(PAST_S);
    await underway(before);
    await stop();
    for (const each of archives)
        each.example = each.start();
    await flowing;
    await sayAndSee('after they were killed');
});

const memory = () => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`))[1]);

/** Two people chat beside the flow: what they notice of it. */
async function chatBesideFlow(t, what) {
    const held = memory();
    const [flowed, chatted] = await Promise.all([flow(CHAT_S), chat()]);
    for (const result of [flowed, chatted])
        for (const fault of NEVER)
            assert.equal(result[fault], 0, fault);
    const faults = TOLD.filter((name) => flowed[name] + chatted[name] > 0)
        .map((name) => `, ${flowed[name] + chatted[name]} ${name}`).join('');
    const ms = (name) => (chatted[`delivery_${name}_us`] / 1000).toFixed(2);
    t.diagnostic(`${what}: a message takes p50 ${ms('p50')} ms, p99 ${ms('p99')} ms; of the flow were delivered `
        + `${Math.round(flowed.deliveries_per_s)} a second${faults}; the broker grew by ${memory() - held} bytes`);
}

test('bots that are stuck cost nobody anything', async (t) => {
    signal('SIGSTOP');
    await chatBesideFlow(t, 'three bots, stopped'); // until all that is kept in memory is there
    const held = memory();
    await chatBesideFlow(t, 'three bots, stopped');
    assert.ok(memory() - held < GROWTH_BYTES, `memory grew by ${memory() - held} bytes`);
    signal('SIGCONT');
    await sayAndSee('after they were stuck');
    await chatBesideFlow(t, 'three bots that follow');
    await sayAndSee('the last');
    await stop();
    await chatBesideFlow(t, 'no bots');
});

test('each has every message once and in order, as the journal has them', async (t) => {
    await stop();
    await server.stop();
    const dump = spawn(KITH, ['--data', server.data, 'journal', 'dump', '--json', '--type', 'room.posted'],
        { stdio: ['ignore', 'pipe', 'inherit'] });
    const recorded = await posted(dump.stdout);
    for (const { name, file } of archives) {
        const heard = await posted(createReadStream(file));
        t.diagnostic(`${name}: ${heard.length} messages`);
        assert.deepEqual(heard, recorded.slice(0, heard.length), name);
        assert.match(endOf(file), /"the last"/, name); // so nothing is missing at the end
    }
});
