// Retention: the journal is cut behind snapshots of all projections, and nothing that people see is
// lost by it; whoever comes back from before the cut is told so, and where the journal begins.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { Bot, addBot, startWithBots } from './bot.mjs';
import { Native, eventually, history, makeRoom, must, post, signUp } from './client.mjs';
import { Packed } from './packed.mjs';
import { clients, connect, next } from './socketio.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const ACTORS = ['session', 'room', 'search', 'matching', 'notifier'];
const PATIENCE_MS = 120_000;
const OLD = 3; // a sequence that is long gone once the journal was cut

let server, ann, room, archivist;

/** kith on the server's folder: what it says, and how it ended. */
function kith(...args) {
    const { status, stdout, stderr } = spawnSync(KITH, ['--data', server.data, ...args],
        { encoding: 'utf8', env: { ...process.env, TMPDIR: server.base } });
    return { status, stdout, stderr };
}

const segments = () => readdirSync(join(server.data, 'journal')).filter((name) => /^\d{20}$/.test(name)).sort();
const first = () => Number(segments()[0]);
const snapshots = () => kith('snapshot', 'list', '--json').stdout.trim().split('\n').map((line) => JSON.parse(line));
const texts = async () => (await history(server, ann.token, room.id, '?limit=1000')).map(({ text }) => text);

/** Say so much that segments fill up, until the journal begins later than it did. */
async function sayUntilCut() {
    const begins = first();
    await eventually(async () => {
        await Promise.all(Array.from({ length: 10 }, (_, n) =>
            post(server, ann.token, room.id, `${n} ${'x'.repeat(1000)}`)));
        return first();
    }, (now) => now > begins, 'the journal to be cut', PATIENCE_MS);
}

async function limitTo(size) {
    server.settings['journal.max_size'] = size;
    await server.restart();
}

before(async () => {
    server = await startWithBots({ settings: {
        'journal.segment_size': '32K', 'journal.max_size': '128K', 'journal.snapshots': '1', limits: 'off',
    } });
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token);
    archivist = addBot(server, 'archivist', 'observe');
    await sayUntilCut();
    await limitTo('off'); // what is cut from here on would be so at any moment
});
after(() => server.close());

test('a history says everything that was ever said, and a search finds it', async () => {
    await post(server, ann.token, room.id, 'needle');
    const all = await history(server, ann.token, room.id, '?limit=1000');
    assert.deepEqual(all.map(({ seq }) => seq), all.map((_, at) => at + 1));
    assert.equal(all[0].text.slice(0, 4), '0 xx');
});

test('what is there is told: by kith status, by the snapshots, and by the note of the cut', async () => {
    const status = JSON.parse(kith('--bus', server.bus, 'status', '--json').stdout);
    assert.ok(status.first > 1);
    const [snapshot] = snapshots();
    assert.deepEqual(snapshot.parts.map(({ actor }) => actor).sort(), [...ACTORS].sort());
    assert.equal(snapshot.base, Math.min(...snapshot.parts.map(({ base }) => base)));
    assert.ok(snapshot.base + 1 >= status.first, 'nothing goes that a snapshot needs');
    const cut = JSON.parse(readFileSync(join(server.data, 'cut.json'), 'utf8'));
    assert.ok(cut.seq >= status.first - 1 && /^[0-9a-f]{64}$/.test(cut.hash));
});

for (const [name, kind] of [['JSON', Native], ['MessagePack', Packed]])
    test(`a WebSocket in ${name} from before the cut begins anew, and is told where the journal does`, async () => {
        const socket = await kind.open(server, ann.token, { since: OLD });
        const { body, as_of: asOf } = await socket.welcomed;
        assert.equal(body.resumed, false);
        assert.ok(body.first > OLD + 1 && body.first <= asOf, JSON.stringify(body));
        await post(server, ann.token, room.id, `after the cut, in ${name}`);
        await socket.heardText(`after the cut, in ${name}`);
        await socket.close();
    });

test('a WebSocket that resumes where the journal begins gets all from there', async () => {
    const begins = first();
    const socket = await Native.open(server, ann.token, { since: begins - 1 });
    const { body } = await socket.welcomed;
    assert.deepEqual([body.resumed, body.first], [true, undefined]);
    const event = await socket.heard(({ type }) => type === 'room.posted');
    assert.ok(event.seq >= begins);
    await socket.close();
});

test('an event stream from before the cut begins anew, by its address and by Last-Event-ID', async () => {
    for (const [query, headers] of [[`?since=${OLD}`, {}], ['', { 'last-event-id': `${OLD}` }]]) {
        const abort = new AbortController();
        const reply = await fetch(`${server.url}/v1/events${query}`,
            { headers: { authorization: `Bearer ${ann.token}`, ...headers }, signal: abort.signal });
        let text = '';
        const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
        while (!text.includes('\n\n'))
            text += (await reader.read()).value;
        const { body } = JSON.parse(/^data: (.*)$/m.exec(text)[1]);
        assert.equal(body.resumed, false);
        assert.ok(body.first > OLD + 1);
        abort.abort();
    }
});

test('a Socket.IO client that comes back from before the cut gets a new session', async () => {
    const client = clients.find(({ version, way }) => version === '4.8' && way === 'websocket');
    const socket = await connect(client, server.url, { token: ann.token });
    const gone = next(socket, 'disconnect');
    socket.io.engine.close();
    socket._lastOffset = `${OLD}`;
    await gone;
    const again = next(socket, 'connect');
    socket.connect();
    await again;
    assert.equal(socket.recovered, false);
    socket.disconnect();
});

test('a bot that follows from before the cut is refused, and told what there is', async () => {
    const bot = await Bot.open(server, archivist);
    assert.ok(bot.welcome.first > 1);
    await assert.rejects(bot.call('bot.follow', { after: OLD }), ({ name, detail }) =>
        name === 'too_old' && Number.parseInt(detail, 10) === bot.welcome.first);
    await bot.call('bot.follow', { after: 0, types: 'room.posted' });
    const event = await bot.next();
    assert.ok(event.seq >= bot.welcome.first);
    bot.close();
});

test('a reader of the bus is told the same', () => {
    const { status, stderr } = spawnSync(KITH, ['--bus', server.bus, 'tail', '--from', `${OLD}`, '--count', '1'],
        { encoding: 'utf8' });
    assert.equal(status, 1, stderr);
    assert.match(stderr, /\d+ is the first sequence there is|no longer in the journal/);
});

test('an operator takes a snapshot, and older ones go', () => {
    const before = snapshots();
    const { status, stdout, stderr } = kith('--bus', server.bus, 'snapshot', 'take', '--json');
    assert.equal(status, 0, stderr);
    const taken = JSON.parse(stdout);
    assert.ok(taken.number > before.at(-1).number);
    for (const part of taken.parts)
        assert.match(part.digest, /^[0-9a-f]{64}$/);
});

test('the journal is sound, and a segment that nobody has removed is missed', async () => {
    await server.stop();
    const sound = kith('journal', 'verify', '--json');
    assert.equal(sound.status, 0, sound.stdout);
    const report = JSON.parse(sound.stdout);
    assert.deepEqual([report.sound, report.first, report.cut], [true, first(), first() - 1]);

    const note = join(server.data, 'cut.json');
    const said = readFileSync(note, 'utf8');
    writeFileSync(note, said.replace(/"hash":"./, '"hash":"?'.replace('?', said.includes('"hash":"0') ? '1' : '0')));
    assert.match(kith('journal', 'verify').stdout, /damaged: record \d+: not the one whose hash the next one holds/);
    writeFileSync(note, said);

    const oldest = join(server.data, 'journal', segments()[0]);
    renameSync(oldest, `${oldest}.away`);
    assert.match(kith('journal', 'verify').stdout, /damaged: records \d+ to \d+: missing/);
    renameSync(`${oldest}.away`, oldest);
});

test('projections that are lost are made from a snapshot, to the digest', async () => {
    const digests = () => kith('digest', '--json').stdout;
    const whole = kith('replay', '--verify', '--json');
    assert.equal(whole.status, 0, whole.stdout + whole.stderr);
    await server.launch();
    await server.stop();
    const before = digests();
    const { status, stderr } = kith('rebuild');
    assert.equal(status, 0, stderr);
    await server.launch();
    assert.ok((await texts()).includes('needle'));
    await server.stop();
    const verdicts = kith('replay', '--verify', '--json');
    assert.equal(verdicts.status, 0, verdicts.stdout);
    assert.equal(digests(), before);
});

test('a state from before the snapshots cannot be shown, and a later one can', () => {
    const early = kith('state', '--at', `${OLD}`, 'room', `${room.id}`);
    assert.equal(early.status, 1);
    assert.match(early.stderr, /the journal begins at \d+, and no snapshot/);
    const now = kith('state', '--json', 'room', `${room.id}`);
    assert.equal(now.status, 0, now.stderr);
    assert.match(now.stdout, /needle/);
});

test('without a snapshot that will do nothing is made, nothing deleted, and nothing lost', async () => {
    const kept = join(server.data, 'snapshots');
    renameSync(kept, `${kept}.away`);
    const { status, stderr } = kith('rebuild');
    assert.equal(status, 1);
    assert.match(stderr, /nothing was deleted/);

    const row = join(server.data, 'room');
    renameSync(row, `${row}.away`);
    const begins = server.log().length;
    server.spawn();
    await eventually(async () => server.ended, (ended) => ended !== null, 'the server to refuse', PATIENCE_MS);
    const log = server.log().slice(begins);
    assert.match(log, /room +cannot start: the projection is missing, the journal begins at \d+/);
    assert.match(log, /start the version of Kith that made these files, or bring back a backup/);
    await server.kill();

    rmSync(row, { recursive: true, force: true });
    renameSync(`${row}.away`, row);
    rmSync(kept, { recursive: true, force: true });
    renameSync(`${kept}.away`, kept);
    await server.launch();
    assert.ok((await texts()).includes('needle'));
});

test('a damaged snapshot is passed over, and so is one of another journal', async () => {
    kith('--bus', server.bus, 'snapshot', 'take');
    await post(server, ann.token, room.id, 'behind the snapshot');
    await server.stop();
    const [{ number, parts }] = snapshots();
    const manifest = join(server.data, 'snapshots', `${number}`.padStart(20, '0'), 'manifest.json');
    const said = readFileSync(manifest, 'utf8');
    const { digest, hash } = parts.find(({ actor }) => actor === 'room');
    const refuses = async (text, pattern) => {
        writeFileSync(manifest, text);
        rmSync(join(server.data, 'room'), { recursive: true, force: true });
        const begins = server.log().length;
        server.spawn();
        await eventually(async () => server.ended, (ended) => ended !== null, 'the server to refuse', PATIENCE_MS);
        assert.match(server.log().slice(begins), pattern);
        await server.kill();
    };
    await refuses(said.replaceAll(digest, hash), /snapshots\/\d+\/room: is damaged/);
    await refuses(said.replaceAll(hash, digest), /the snapshot is of another journal/);
    writeFileSync(manifest, said);
    await server.launch();
    assert.ok((await texts()).includes('needle'));
});

test('retention goes on', async () => {
    assert.ok(existsSync(join(server.data, 'cut.json')));
    await limitTo('128K');
    await sayUntilCut();
    await must(server, 'GET', `/v1/rooms/${room.id}/messages?limit=1`, { token: ann.token });
});
