// kith top: its numbers against a load that is known, on a terminal of any size, which it gives back.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { createInterface } from 'node:readline';

import { Bot, addBot, startWithBots } from './bot.mjs';
import { Native, eventually, makeRoom, must, numbers, post, signUp } from './client.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const TERMINAL = join(import.meta.dirname, 'terminal.py');
const GOOD = 0, BAD = 1, USAGE = 2;
const MESSAGES = 120, LISTENERS = 4;
const LARGE = 'x'.repeat(16_000);
const WINDOW_FULL = 80; // of those are more than a bot is sent before it acknowledges one

let server, ann, room;

before(async () => {
    server = await startWithBots();
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token);
});

after(() => server.close());

const args = (...more) => ['--data', server.data, '--bus', server.bus, 'top', ...more];

/** One look, as JSON. */
function look() {
    const { status, stdout, stderr } = spawnSync(KITH, args('--once', '--json'), { encoding: 'utf8' });
    assert.equal(status, GOOD, stderr);
    return JSON.parse(stdout);
}

const roomActor = ({ actors }) => actors.find(({ actor }) => actor === 'room');
const deliveries = async () => (await numbers(server))['kith_deliveries_total{dialect="native"}'];
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

/** All looks from one that follows on, until `done`, which is called once the first is there. */
async function follow(done) {
    const child = spawn(KITH, args('--json'), { stdio: ['ignore', 'pipe', 'inherit'] });
    const looks = [];
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => looks.push(JSON.parse(line)));
    await eventually(() => looks.length, (length) => length > 0, 'a look');
    await done();
    const length = looks.length; // the look under way may have begun before; the one behind it has not
    await eventually(() => looks.length, (now) => now >= length + 2, 'two more looks');
    child.kill('SIGTERM');
    await new Promise((resolve) => lines.once('close', resolve));
    return looks;
}

test('over a known load the rates add up to it', async () => {
    const people = await Promise.all(Array.from({ length: LISTENERS }, (_, i) => signUp(server, `listener-${i}`)));
    for (const { token } of people)
        await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token, body: {} });
    const listeners = await Promise.all(people.map(({ token }) => Native.open(server, token)));
    const speaker = await Native.open(server, ann.token);
    const before = await deliveries();
    const looks = await follow(async () => {
        for (let i = 1; i <= MESSAGES; i++)
            await speaker.post(room.id, `load ${i}`);
        await Promise.all(listeners.map((listener) => listener.heardText(`load ${MESSAGES}`)));
    });
    const total = (rate) => Math.round(sum(looks.map((it) => rate(it) * it.seconds)));
    const last = looks.at(-1), native = (it) => it.dialects.find(({ dialect }) => dialect === 'native');
    assert.equal(total((it) => roomActor(it).events_per_second), MESSAGES);
    assert.ok(total((it) => roomActor(it).calls_per_second) >= MESSAGES);
    assert.equal(total((it) => native(it).heard_per_second), MESSAGES);
    const sent = total((it) => native(it).sent_per_second); // who came, and notifications, too
    assert.ok(sent >= MESSAGES * (LISTENERS + 1) && sent <= await deliveries() - before, `${sent} sent`);
    assert.equal(native(last).connections, LISTENERS + 1);
    assert.equal(sum(last.edges.map(({ connections }) => connections)), LISTENERS + 1);
    assert.ok(total((it) => it.journal.records_per_second) >= MESSAGES);
    assert.ok(looks.some((it) => it.journal.commit_ms.p50 > 0 && it.journal.commit_ms.p99 >= it.journal.commit_ms.p50));
    assert.ok(looks.every((it) => roomActor(it).ready && roomActor(it).applied <= it.journal.head));
    await Promise.all([speaker, ...listeners].map((client) => client.close()));
});

test('an actor that has applied all is not behind', async () => {
    const { journal } = await eventually(look, (it) => it.actors.every(({ lag }) => lag === 0), 'that all are at the head');
    assert.ok(journal.head >= MESSAGES);
});

test('who does not read is the slowest', async () => {
    const bob = await signUp(server, 'bob');
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
    const reader = await Native.open(server, bob.token);
    const speaker = await Native.open(server, ann.token);
    reader.socket.pause();
    const held = await eventually(async () => {
        await speaker.post(room.id, LARGE);
        return look();
    }, ({ slowest }) => slowest.length > 0, 'that something waits', 60_000);
    const [{ account, dialect, address, queued_bytes, waits_ms }] = held.slowest;
    assert.deepEqual([account, dialect, address], [bob.account.id, 'native', '127.0.0.1']);
    assert.ok(queued_bytes > 0 && waits_ms >= 0);
    assert.ok(sum(held.edges.map((edge) => edge.queued_bytes)) >= queued_bytes);
    reader.socket.resume();
    await eventually(look, ({ slowest }) => slowest.length === 0, 'that all is taken');
    await Promise.all([reader.close(), speaker.close()]);
});

test('a bot that acknowledges nothing is behind, and then no more', async (context) => {
    const bot = await Bot.open(server, addBot(server, 'lazy', 'observe messages'));
    context.after(() => bot.close());
    await bot.call('bot.follow', { after: 0 });
    for (let i = 0; i < WINDOW_FULL; i++)
        await post(server, ann.token, room.id, LARGE);
    const held = await eventually(look, ({ bots }) => bots[0]?.lag > 0, 'that its window is full');
    assert.equal(held.bots.length, 1);
    assert.equal(held.bots[0].bot.split('/')[0], String(bot.welcome.account));
    assert.ok(held.bots[0].unacknowledged > 0 && held.bots[0].unacknowledged <= held.bots[0].window);
    const acknowledged = await eventually(async () => {
        await bot.call('bot.ack', { seq: bot.queue.findLast(({ seq }) => seq > 0).seq });
        return look();
    }, ({ bots }) => bots[0].lag === 0 && bots[0].unacknowledged === 0, 'that it has all');
    assert.equal(acknowledged.bots[0].window, 1024);
});

test('once, as lines', () => {
    const { status, stdout } = spawnSync(KITH, args('--once', '--sort', 'calls'), { encoding: 'utf8' });
    assert.equal(status, GOOD);
    assert.match(stdout, /^kith top {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {3}\S+ calls\/s/);
    assert.match(stdout, /^room +yes +/m);
    assert.ok(!stdout.includes('\x1b'));
});

test('what cannot be is refused', () => {
    const run = (...words) => spawnSync(KITH, words, { encoding: 'utf8', input: '' });
    assert.equal(run(...args('--sort', 'beauty')).status, USAGE);
    assert.equal(run(...args('--interval', '6')).status, USAGE);
    const plain = run(...args());
    assert.deepEqual([plain.status, plain.stdout], [BAD, '']);
    assert.match(plain.stderr, /no terminal/);
});

/** On a terminal of its own (terminal.py): what it shows, how it ends, and how it leaves the terminal. */
function onTerminal(script) {
    const { status, stdout, stderr } = spawnSync('python3', [TERMINAL, JSON.stringify(script), KITH, ...args()],
        { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
}

const FOOT = 'keys: n c e b l o w q';

for (const [how, end] of Object.entries({
    'by q': ['key', 'q'], 'by Ctrl-C': ['key', '\x03'], 'by SIGTERM': ['signal', 'TERM'], 'by SIGHUP': ['signal', 'HUP'],
}))
    test(`on a terminal of 80 by 24, and given back as it was, ${how}`, () => {
        const shown = onTerminal([['size', 24, 80], ['see', FOOT], end]);
        const [screen] = shown.screens;
        assert.equal(screen.length, 24);
        assert.ok(screen.every((line) => line.length <= 80), JSON.stringify(screen));
        assert.match(screen[0], /^kith top {2}/);
        assert.match(screen.join('\n'), /^ACTOR +READY +CALLS\/S/m);
        assert.match(screen.join('\n'), /^EDGE +CONNS +REQS\/S/m);
        assert.deepEqual([shown.left, shown.cursor, shown.restored, shown.status], [true, true, true, 0]);
    });

test('it follows the size of the terminal, and its keys', () => {
    const shown = onTerminal([
        ['size', 24, 80], ['see', FOOT], ['key', 'l'], ['see', 'actors by lag'],
        ['size', 10, 40], ['see', 'EVENTS'], ['size', 30, 120], ['see', FOOT], ['key', 'q'],
    ]);
    const [, , small, wide] = shown.screens;
    assert.ok(small.length <= 10 && small.every((line) => line.length <= 40), JSON.stringify(small));
    assert.ok(wide.some((line) => line.includes(FOOT)));
    assert.deepEqual([shown.restored, shown.status], [true, 0]);
});
