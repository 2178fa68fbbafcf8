// kith bench: an operator's load measures, and leaves neither rooms nor accounts behind.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { signUp } from './client.mjs';
import { operate } from './operator.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1, USAGE = 2;
const SMALL = ['--rooms', '3', '--people', '4', '--seconds', '1'];

let server, other;
before(async () => {
    server = await Server.start();
    other = await Server.start();
    await signUp(server, 'ann');
});
after(() => Promise.all([server.close(), other.close()]));

const httpOf = ({ url }) => url.replace('http://', '');
const argsOf = (...more) => [
    '--data', server.data, '--bus', server.bus, 'bench', '--http', httpOf(server), ...more,
];

function bench(args, status = GOOD) {
    const done = spawnSync(KITH, argsOf(...args), { encoding: 'utf8' });
    assert.equal(done.status, status, `kith bench ${args.join(' ')}: ${done.stdout}${done.stderr}`);
    return done;
}

const parsed = (lines) => lines.split('\n').filter(Boolean).map((line) => JSON.parse(line));
const rooms = () => parsed(operate(server, 'room', 'list', '--json'));
const accounts = () =>
    parsed(operate(server, 'account', 'list', '--json')).filter(({ deleted }) => !deleted);
const ids = (list) => list.map(({ id }) => id);

/** The last record of the types that begin so; undefined for none. */
function lastRecord(type = '') {
    const args = ['--bus', server.bus, 'tail', '--type', type, '-n', '1', '--json'];
    return parsed(spawnSync(KITH, args, { encoding: 'utf8', timeout: 5000 }).stdout)[0];
}

function assertNothingLeft() {
    assert.deepEqual(rooms(), []);
    assert.deepEqual(accounts().map(({ login }) => login), ['ann']);
}

function assertNoFaults(result) {
    for (const fault of ['lost', 'unacknowledged', 'duplicated', 'stray', 'refused', 'closed'])
        assert.equal(result[fault], 0, fault);
}

test('it measures, and puts all back', () => {
    const result = JSON.parse(bench([...SMALL, '--json']).stdout);
    assert.match(result.name, /^bench-[0-9a-f]{8}$/);
    assert.deepEqual([result.rooms, result.people, result.window], [3, 4, 8]);
    assert.ok(result.seconds >= 1 && result.seconds < 10, `${result.seconds} s`);
    assert.ok(result.messages_per_s > 0 && result.acks_per_s > 0);
    assert.ok(result.deliveries_per_s > 2 * result.messages_per_s, 'four hear each message');
    for (const kind of ['ack', 'delivery']) {
        const [p50, p99, max] = ['p50', 'p99', 'max'].map((at) => result[`${kind}_${at}_us`]);
        assert.ok(p50 > 0 && p50 <= p99 && p99 <= max, `${kind}: ${p50} ${p99} ${max}`);
    }
    assert.ok(result.server_cpu_s >= 0 && result.bench_cpu_s >= 0);
    assertNoFaults(result);
    assertNothingLeft();
});

test('its messages are in the journal, as people\'s are', () => {
    assert.match(JSON.stringify(lastRecord('room.posted')), /~kb:/);
});

test('a fixed rate is kept to', () => {
    const result = JSON.parse(bench([...SMALL, '--rate', '50', '--payload', '1000', '--json']).stdout);
    assert.ok(result.messages_per_s > 30 && result.messages_per_s < 70, `${result.messages_per_s}/s`);
    assert.deepEqual([result.rate, result.window, result.payload_bytes], [50, 0, 1000]);
    assertNoFaults(result);
});

test('people read a table', () => {
    const { stdout } = bench(SMALL);
    assert.match(stdout, /^3 rooms of 4 people at 127\.0\.0\.1:\d+, 128 bytes a message, 8 under way/);
    for (const line of ['messages', 'acknowledged', 'deliveries', 'server CPU', 'faults'])
        assert.match(stdout, new RegExp(`^${line} `, 'm'));
});

test('with --keep it leaves what it made', () => {
    const { name } = JSON.parse(bench([...SMALL, '--keep', '--json']).stdout);
    assert.equal(rooms().length, 3);
    const kept = accounts().filter(({ login }) => login.startsWith(name));
    assert.equal(kept.length, 12);
    for (const { id } of rooms())
        assert.equal(JSON.parse(operate(server, 'room', 'show', String(id), '--json')).name, 'bench');
});

for (const signal of ['SIGINT', 'SIGTERM'])
    test(`${signal} ends it, and it clears up all the same`, async (t) => {
        const before = [rooms(), accounts()].map(ids);
        const running = spawn(KITH, argsOf('--people', '4', '--seconds', '600'), { stdio: 'ignore' });
        t.after(() => running.kill('SIGKILL'));
        const ended = once(running, 'exit');
        while (rooms().length === before[0].length)
            await sleep(10);
        running.kill(signal);
        assert.deepEqual(await ended, [BAD, null]);
        assert.deepEqual([rooms(), accounts()].map(ids), before);
    });

test('when the load fails, it clears up all the same', () => {
    const before = accounts().length;
    const { stderr } = bench(['--people', '2', '--http', httpOf(other)], BAD);
    assert.match(stderr, /refused/);
    assert.equal(accounts().length, before);
});

test('when the server goes, it ends and says what is left', async (t) => {
    const args = ['--data', other.data, '--bus', other.bus, 'bench', '--http', httpOf(other)];
    const running = spawn(KITH, [...args, '--people', '2', '--seconds', '600']);
    t.after(() => running.kill('SIGKILL'));
    const ended = once(running, 'close');
    let said = '';
    running.stderr.on('data', (text) => { said += text; });
    while (operate(other, 'room', 'list', '--json') === '')
        await sleep(10);
    await other.kill();
    assert.deepEqual(await ended, [BAD, null]);
    assert.match(said, /rooms called `bench` may be left/);
    assert.match(said, /2 accounts are left, bench-[0-9a-f]{8}-0 and so on/);
});

test('where nobody serves, nothing is made', async () => {
    const before = lastRecord().seq;
    assert.ok(before > 0);
    assert.match(bench(['--http', '127.0.0.1:1'], BAD).stderr, /say --http/);
    assert.equal(lastRecord().seq, before);
    const done = spawnSync(KITH, ['--data', other.data, '--bus', other.bus, 'bench'], { encoding: 'utf8' });
    assert.equal(done.status, BAD);
    assert.match(done.stderr, /is the server running/);
});

test('what is not understood is not begun', () => {
    bench(['--http', 'nowhere'], USAGE);
    bench(['--people', '0'], USAGE);
    bench(['--window', '1001'], USAGE);
    bench(['--payload', '33'], USAGE);
    bench(['--seconds', 'long'], USAGE);
    bench(['--rate', '10', '--people', '1001'], USAGE);
    assert.match(bench(['--rooms', '100000', '--people', '100000'], USAGE).stderr, /files/);
    const done = spawnSync(KITH, ['--bus', server.bus, 'bench'], { encoding: 'utf8' });
    assert.equal(done.status, USAGE);
    assert.match(done.stderr, /say --data/);
});
