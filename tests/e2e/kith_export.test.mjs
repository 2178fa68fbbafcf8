// kith export and kith import: all of a journal as lines, and the same journal out of them, hash for hash.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { history, makeRoom, must, post, signIn, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1;
const BYTES_MAX = 64 * 1024 * 1024;

function kith(data, args, input) {
    const { status, stdout, stderr } = spawnSync(KITH, ['--data', data, ...args],
        { encoding: 'utf8', input, maxBuffer: BYTES_MAX });
    return { status, stdout, stderr };
}

function told(data, ...args) {
    const { status, stdout, stderr } = kith(data, args);
    assert.equal(status, GOOD, stderr);
    return stdout;
}

const linesOf = (text) => text.split('\n').slice(0, -1);
const parsed = (text) => linesOf(text).map((line) => JSON.parse(line));
const verdictOf = (data, ...args) => JSON.parse(told(data, 'journal', 'verify', '--json', ...args));

let server, ann, room;
let whole; // the export of the stopped server

const made = (name) => join(server.base, name);
const keyring = () => ['--keyring', join(server.data, 'keyring')];
const importInto = (name, text) => kith(made(name), ['import', '--json', ...keyring()], text);

before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    const bea = await signUp(server, 'bea');
    room = await makeRoom(server, ann.token);
    await must(server, 'PUT', `/v1/people/${bea.account.id}/like`, { token: ann.token });
    for (const text of ['one', 'zwei „ü“', 'trois\n\t"\\', '四 🐙'])
        await post(server, ann.token, room.id, text, `client-${text.length}`);
});

after(() => server.close());

test('the lines of a running server are its records, chained', async () => {
    const records = parsed(told(server.data, 'export'));
    assert.deepEqual(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
    for (const [index, { previous, hash }] of records.entries())
        assert.equal(previous, index > 0 ? records[index - 1].hash : '0'.repeat(64), hash);
    const said = records.find(({ type, body }) => type === 'room.posted' && body.message.text === '四 🐙');
    assert.equal(said.client_id, 'client-4');
    assert.deepEqual([said.room, said.principal, said.actor], [room.id, ann.account.id, 'room']);
});

test('hidden fields are in it, and a password is not', () => {
    const text = told(server.data, 'export', '--type', 'account');
    assert.match(text, /"verifier":"\$argon2id/);
    assert.ok(!text.includes(ann.password));
    assert.ok(!told(server.data, 'journal', 'dump', '--json').includes('$argon2'));
});

test('filters leave out what does not fit', () => {
    const of = (...args) => parsed(told(server.data, 'export', ...args));
    assert.deepEqual(of('--from', '3', '--to', '5').map(({ seq }) => seq), [3, 4, 5]);
    assert.ok(of('--type', 'room.posted').every(({ type }) => type === 'room.posted'));
    assert.equal(of('--room', String(room.id), '--type', 'room.posted').length, 4);
    assert.ok(of('--account', String(ann.account.id)).length > 0);
    assert.deepEqual(of('--from', '999999'), []);
});

test('an import of all of it is the same journal, and the old anchor holds for it', async () => {
    await server.stop();
    whole = told(server.data, 'export');
    const kept = made('kept.json');
    writeFileSync(kept, told(server.data, 'journal', 'verify', '--json'));
    writeFileSync(made('whole.jsonl'), whole);
    const { status, stdout, stderr } = kith(made('same'), ['import', '--json', ...keyring(), made('whole.jsonl')]);
    assert.equal(status, GOOD, stderr);
    const { seq, hash } = verdictOf(server.data);
    assert.deepEqual([JSON.parse(stdout).seq, JSON.parse(stdout).hash], [seq, hash]);
    const verdict = verdictOf(made('same'), '--anchor', kept);
    assert.deepEqual([verdict.sound, verdict.seq, verdict.hash, verdict.noted], [true, seq, hash, seq]);
    assert.equal(told(made('same'), 'export'), whole);
});

test('a server starts on it, knows everybody, and makes the same projections', async () => {
    const imported = await Server.start({ data: made('same') });
    await imported.stop();
    const digests = (data) => parsed(told(data, 'digest', '--json'))
        .filter(({ actor }) => actor !== 'search').map(({ actor, digest }) => [actor, digest]);
    assert.deepEqual(digests(made('same')), digests(server.data));
    await imported.launch();
    const again = await signIn(imported, 'ann', ann.password);
    assert.deepEqual((await history(imported, again.token, room.id)).map(({ text }) => text),
        ['one', 'zwei „ü“', 'trois\n\t"\\', '四 🐙']);
    await imported.close();
});

test('the first part of a journal is a journal', () => {
    const { status, stderr } = importInto('part', told(server.data, 'export', '--to', '4'));
    assert.equal(status, GOOD, stderr);
    assert.equal(verdictOf(made('part')).hash, JSON.parse(linesOf(whole)[3]).hash);
});

test('what filters have left holes in is refused at the first hole', () => {
    for (const [args, line] of [[['--from', '2'], 1], [['--type', 'account'], 2]]) {
        const { status, stderr } = importInto('holes', told(server.data, 'export', ...args));
        assert.equal(status, BAD);
        assert.match(stderr, new RegExp(`^kith: standard input, line ${line}: \`seq\` is not the next one: .*whole export`, 'm'));
        assert.ok(!existsSync(join(made('holes'), 'journal')));
    }
});

/** Lines as somebody has them who has edited some. */
const plain = (text) => parsed(text).map(({ hash, record, ...members }) => JSON.stringify(members));

/** The export with its second line changed. */
function withSecond(change, lines) {
    const record = JSON.parse(lines[1]);
    const changed = change(record) ?? record;
    lines[1] = typeof changed === 'string' ? changed : JSON.stringify(changed);
    return lines.join('\n');
}

const SPOILT = {
    'no JSON': [() => '{"seq":2', /is no JSON/],
    'an empty line': [() => '', /is no JSON/],
    'no object': [() => '[2]', /a JSON object is expected/],
    'two documents': [() => '{"seq":2}{"seq":3}', /is no JSON/],
    'deep nesting': [() => `{"seq":2,"body":${'['.repeat(1000)}${']'.repeat(1000)}}`, /is no JSON/],
    'a sequence as text': [(record) => { record.seq = '2'; }, /`seq` must be a whole number/],
    'a record twice': [(record) => { record.seq = 1; }, /`seq` is not the next one/],
    'a changed time': [(record) => { record.time++; }, /`hash` is not that of the record|`record` says otherwise/],
    'a changed hash': [(record) => { record.hash = 'f'.repeat(64); }, /`hash` is not that of the record/],
    'half a hash': [(record) => { record.hash = record.hash.slice(1); }, /`hash` must be bytes/],
    'bytes that are no record': [(record) => { record.record = 'AAAA'; }, /`record` is not laid out as a record/],
    'bytes that are no base64': [(record) => { record.record = '!'; }, /`record` is no base64/],
    'a line that is far too long': [() => 'x'.repeat(9 * 1024 * 1024), /longer than any record/],
    'a line without its hash': [(record) => { delete record.hash; }, /`hash` is in some lines only/],
};

const SPOILT_PLAINLY = {
    'an unknown event': [(record) => { record.type = 'room.exploded'; }, /`type` is no event that this kith knows/],
    'a volatile event': [(record) => { record.type = 'room.typing'; }, /never recorded/],
    'a version from the future': [(record) => { record.version = 100; }, /`version` is none/],
    'no actor': [(record) => { delete record.actor; }, /`actor` is missing/],
    'a lower epoch': [(record) => { record.epoch = 0; }, /`epoch` is lower/],
    'no body': [(record) => { delete record.body; }, /`body` is no object/],
    'an unknown field': [(record) => { record.body.nonsense = 1; }, /`nonsense` is no field of this event/],
    'bytes without a hash': [(record) => { record.record = 'AAAA'; }, /`record` needs `hash`/],
};

function assertRefused(text, words, ...args) {
    const { status, stdout, stderr } = kith(made('spoilt'), ['import', ...args], text);
    assert.equal(status, BAD);
    assert.match(stderr, /^kith: standard input, line 2: /m);
    assert.match(stderr, words);
    assert.equal(stdout, '');
    assert.deepEqual(readdirSync(made('spoilt')), []);
}

for (const [what, [change, words]] of Object.entries(SPOILT))
    test(`${what} is refused with the line, and nothing is left`, () =>
        assertRefused(withSecond(change, linesOf(whole)), words, ...keyring()));

for (const [what, [change, words]] of Object.entries(SPOILT_PLAINLY))
    test(`${what} is refused with the line, and nothing is left`, () =>
        assertRefused(withSecond(change, plain(whole)), words));

test('what is sealed wants its keys', () => {
    const { status, stderr } = kith(made('keyless'), ['import'], whole);
    assert.equal(status, BAD);
    assert.match(stderr, /line \d+: it is sealed: name the keyring beside its journal with --keyring/);
    assert.deepEqual(readdirSync(made('keyless')), []);
    assert.match(kith(made('keyless'), ['import', '--keyring', made('nowhere')], whole).stderr, /nowhere: No such file/);
});

test('lines that were edited make a journal with a chain and seals of its own', async () => {
    const text = plain(whole).map((line) => line.replace('"one"', '"won"')).join('\n');
    const { status, stdout, stderr } = kith(made('edited'), ['import', '--json'], text);
    assert.equal(status, GOOD, stderr);
    assert.equal(JSON.parse(stdout).hash, verdictOf(made('edited')).hash);
    const { sound, seq, hash } = verdictOf(made('edited'));
    assert.deepEqual([sound, seq], [true, verdictOf(server.data).seq]);
    assert.notEqual(hash, verdictOf(server.data).hash);
    assert.deepEqual(plain(told(made('edited'), 'export')).map((line) => line.replace(/"previous":"\w+",?/, '')),
        text.split('\n').map((line) => line.replace(/"previous":"\w+",?/, '')));
});

test('nothing at all is no journal', () => {
    const { status, stderr } = importInto('nothing', '');
    assert.equal(status, BAD);
    assert.match(stderr, /there is no record in it/);
});

test('a folder with anything in it is left alone', () => {
    mkdirSync(made('full'));
    writeFileSync(join(made('full'), 'note'), '');
    for (const name of ['full', 'data']) {
        const { status, stderr } = importInto(name, whole);
        assert.equal(status, BAD);
        assert.match(stderr, /is not empty/);
    }
    assert.deepEqual(readdirSync(made('full')), ['note']);
});

test('what a broken-off import has left is no hindrance', () => {
    mkdirSync(join(made('again'), 'unfinished', 'journal', '00000000000000000001'), { recursive: true });
    assert.equal(importInto('again', whole).status, GOOD);
    assert.deepEqual(readdirSync(made('again')).sort(), ['anchor.json', 'journal', 'keyring']);
});

test('a file that is not there is named', () => {
    const { status, stderr } = kith(made('none'), ['import', made('nowhere.jsonl')]);
    assert.equal(status, BAD);
    assert.match(stderr, /nowhere\.jsonl: No such file/);
});

test('a damaged journal is exported as far as it can be read, and says so', () => {
    assert.equal(importInto('damaged', whole).status, GOOD);
    const [segment] = readdirSync(join(made('damaged'), 'journal')).filter((name) => /^\d{20}$/.test(name));
    const folder = join(made('damaged'), 'journal', segment);
    for (const name of readdirSync(folder).filter((file) => /\.(ldb|log)$/.test(file)))
        truncateSync(join(folder, name), 40);
    const { status, stderr } = kith(made('damaged'), ['export']);
    assert.equal(status, BAD);
    assert.match(stderr, /damaged/);
    rmSync(made('damaged'), { recursive: true });
});
