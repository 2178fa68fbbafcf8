// The tool of operators: kith on a running server's bus, and on a stopped server's files.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readdirSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import { makeRoom, post, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1, USAGE = 2;

function kith(...args) {
    const { status, stdout, stderr } = spawnSync(KITH, args, { encoding: 'utf8' });
    const lines = stdout.split('\n').slice(0, -1);
    return { status, stdout, stderr, lines };
}

/** The records that a command prints with --json. */
function records(...args) {
    const { status, stderr, lines } = kith(...args, '--json');
    assert.equal(status, GOOD, stderr);
    return lines.map((line) => JSON.parse(line));
}

/** A `kith tail` that goes on, and what it has printed. */
class Tail {
    constructor(...args) {
        this.seen = [];
        this.child = spawn(KITH, ['tail', '--json', ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
        this.lines = createInterface({ input: this.child.stdout });
        this.lines.on('line', (line) => this.seen.push(JSON.parse(line)));
    }

    async until(wanted) {
        while (!wanted(this.seen))
            await once(this.lines, 'line');
    }

    async stop() {
        this.child.kill();
        await once(this.child, 'close');
    }
}

const text = (record) => record.body?.message?.text;
const seqs = (list) => list.map((record) => record.seq);

let server, ann, room;

async function say(...words) {
    for (const word of words)
        await post(server, ann.token, room.id, word);
}

before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token);
    await say('one', 'two', 'three');
});

after(() => server.close());

// ---- words ----

test('help is on stdout, for the tool and for each command', () => {
    const help = kith('--help');
    assert.equal(help.status, GOOD);
    for (const name of ['tail', 'journal dump', 'journal verify', 'journal prove',
        'journal check', 'journal stats', 'export', 'import', 'backup', 'restore', 'replay', 'state', 'trace', 'digest',
        'rebuild', 'status', 'schema', 'version']) {
        assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
        const page = kith(...name.split(' '), '--help');
        assert.equal(page.status, GOOD);
        assert.match(page.stdout, new RegExp(`^kith ${name}( [A-Z[\\] ]+)? - `));
    }
    assert.equal(kith('--version').stdout, kith('version').stdout);
});

test('what is not understood exits with 2 and a sentence', () => {
    for (const args of [['sing'], ['journal'], ['tail'], ['tail', '--sideways'],
        ['tail', '--data', 'x', '--to', '5'], ['tail', '--data', 'x', '--from', 'y'],
        ['tail', '--data', 'x', '--count', '0'], ['tail', '--data', 'x', '--follow'],
        ['journal', 'verify', '--bus', 'ipc://x']]) {
        const { status, stdout, stderr } = kith(...args);
        assert.equal(status, USAGE, args.join(' '));
        assert.equal(stdout, '');
        assert.match(stderr, /^kith: /);
    }
});

test('what is not there exits with 1 and a sentence', () => {
    const nowhere = kith('tail', '--data', join(server.base, 'nowhere'));
    assert.equal(nowhere.status, BAD);
    assert.match(nowhere.stderr, /nowhere/);
    const silent = kith('status', '--bus', `ipc://${join(server.base, 'nobody')}`);
    assert.equal(silent.status, BAD);
    assert.match(silent.stderr, /Nobody answers/);
});

// ---- a running server ----

test('its journal is dumped while it runs', () => {
    const dump = records('journal', 'dump', '--data', server.data);
    assert.deepEqual(dump, records('tail', '--bus', server.bus, '--from', '1', '--count', '1000'));
    assert.deepEqual(records('journal', 'dump', '--data', server.data, '--from', '2', '--to', '3'), dump.slice(1, 3));
});

test('status tells a running server', () => {
    const { status, lines } = kith('status', '--bus', server.bus, '--json');
    assert.equal(status, GOOD);
    assert.equal(JSON.parse(lines[0]).ready, true);
});

test('files in use are left alone, and the server is named', async () => {
    for (const command of [['tail'], ['digest'], ['rebuild']]) {
        const { status, stderr } = kith(...command, '--data', server.data);
        assert.equal(status, BAD);
        assert.match(stderr, new RegExp(`in use by process ${server.pid}: stop it, or use --bus`));
    }
    await say('still here');
});

test('tail shows the last records, or the first from a sequence on', () => {
    const all = records('tail', '--bus', server.bus, '--from', '1', '--count', '1000');
    assert.deepEqual(seqs(all), all.map((_, index) => index + 1));
    assert.deepEqual(records('tail', '--bus', server.bus, '--count', '2'), all.slice(-2));
    assert.deepEqual(records('tail', '--bus', server.bus, '--from', '2', '--count', '2'),
        all.slice(1, 3));
});

test('tail leaves out what does not fit', async () => {
    const other = await makeRoom(server, ann.token);
    await say('four');
    const of = (...args) => records('tail', '--bus', server.bus, '--from', '1', '--count', '1000', ...args);
    assert.ok(of('--type', 'room.posted').every((record) => record.type === 'room.posted'));
    assert.ok(of('--room', String(room.id)).some((record) => text(record) === 'four'));
    assert.ok(of('--room', String(other.id)).every((record) => record.room === other.id));
    assert.ok(of('--account', String(ann.account.id), '--type', 'room.created').length >= 2);
    assert.deepEqual(of('--room', '999999'), []);
});

test('a live tail misses nothing and shows nothing twice, also past a kill -9', async () => {
    const tail = new Tail('--bus', server.bus, '--from', '1', '--type', 'room.posted');
    await tail.until((seen) => seen.length > 0);
    await say('before');
    await tail.until((seen) => seen.some((record) => text(record) === 'before'));
    await server.kill();
    await server.launch();
    await say('after', 'end');
    await tail.until((seen) => seen.some((record) => text(record) === 'end'));
    await tail.stop();
    const expected = records('tail', '--bus', server.bus, '--from', '1', '--count', '1000', '--type', 'room.posted');
    assert.deepEqual(tail.seen, expected);
});

test('a tail that follows ends after so many records', async () => {
    const tail = new Tail('--bus', server.bus, '--follow', '--count', '2');
    const ended = once(tail.child, 'close');
    const pulse = setInterval(() => say('pulse'), 50);
    const [code] = await ended;
    clearInterval(pulse);
    assert.equal(code, GOOD);
    assert.equal(tail.seen.length, 2);
});

// ---- a stopped server ----

function flipOneBit(folder) {
    const tables = readdirSync(folder, { recursive: true })
        .filter((name) => /\.(ldb|log)$/.test(name))
        .map((name) => join(folder, name))
        .sort((a, b) => statSync(b).size - statSync(a).size);
    const file = openSync(tables[0], 'r+');
    writeSync(file, Buffer.from('X'), 0, 1, Math.floor(statSync(tables[0]).size / 3));
    closeSync(file);
}

/** Of those who have caught up before the server serves; the search index follows by itself. */
function digestsOf(data) {
    return records('digest', '--data', data).filter(({ actor }) => actor !== 'search')
        .map(({ actor, digest }) => [actor, digest]);
}

test('a stopped server: dump, verify, stats, digest, rebuild, damage', async () => {
    await server.stop();
    const dump = records('journal', 'dump', '--data', server.data);
    assert.deepEqual(seqs(dump), dump.map((_, index) => index + 1));
    assert.ok(!JSON.stringify(dump).includes('$argon2'));
    assert.deepEqual(records('journal', 'dump', '--data', server.data, '--from', '2', '--to', '3'),
        dump.slice(1, 3));
    assert.deepEqual(records('tail', '--data', server.data, '--count', '3'), dump.slice(-3));

    const verdict = kith('journal', 'verify', '--data', server.data, '--json');
    assert.equal(verdict.status, GOOD);
    assert.equal(JSON.parse(verdict.lines[0]).records, dump.length);
    const [stats] = records('journal', 'stats', '--data', server.data);
    assert.equal(stats.last, dump.length);

    const digests = digestsOf(server.data);
    assert.equal(kith('rebuild', '--data', server.data).status, GOOD);
    await server.launch();
    await server.stop();
    assert.deepEqual(digestsOf(server.data), digests);

    flipOneBit(join(server.data, 'journal'));
    const damage = kith('journal', 'verify', '--data', server.data);
    assert.equal(damage.status, BAD);
    assert.match(damage.stdout + damage.stderr, /damaged/);
});
