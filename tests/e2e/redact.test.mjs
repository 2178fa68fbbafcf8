// kith redact: what was personal is in no file any more, in no answer, and in no record that is read; all else stays,
// the hashes of the journal too.  Another person is there with words of her own, which must all stay.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { after, before, test } from 'node:test';

import { Native, call, eventually, history, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1;
const LONG_AGO = new Date(Date.now() - 48 * 3600 * 1000);

let server, ann, bea, room, pair, fileId, anchor, proven, earlierKeys;

function kith(...args) {
    const { status, stdout, stderr } = spawnSync(KITH, args,
        { encoding: 'utf8', env: { ...process.env, TMPDIR: server.base }, maxBuffer: 1 << 28 });
    return { status, stdout, stderr };
}

function good(...args) {
    const { status, stdout, stderr } = kith(...args);
    assert.equal(status, GOOD, `kith ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
}

function check(proof) {
    const path = join(server.base, 'proof.json');
    writeFileSync(path, JSON.stringify(proof));
    return kith('journal', 'check', path);
}

/** All files of the data folder, or all of a part of it. */
function files(folder = server.data) {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** The files in which a word stands, as it is. */
const where = (word) => files().filter((path) => existsSync(path) && statSync(path).size > 0 &&
    readFileSync(path).includes(word)).map((path) => relative(server.data, path));

/** Everything of Ann's begins so, everything of Bea's otherwise. */
const OWN = /canary/i, OTHERS = 'magpie';

async function live() {
    ann = await signUp(server, 'canary-login', { username: 'canary name', email: 'canary@mail.example' });
    bea = await signUp(server, 'magpie-login', { username: 'magpie name', email: 'magpie@mail.example' });
    await must(server, 'PATCH', '/v1/me/profile', { ...ann, body: {
        first_name: 'canary first', last_name: 'canary last', gender: 'canary gender', preference: 'canary preference',
        city: 'canary city', description: 'canary description', tags: [{ name: 'canarytag' }], birth: '1987-06-05',
        lat: 48123456, lon: 2987654 } });
    await must(server, 'PATCH', '/v1/me/profile', { ...bea, body: { first_name: 'magpie first', tags: [{ name: 'magpietag' }] } });
    room = await makeRoom(server, ann.token, 'open', 'canary room');
    pair = await must(server, 'POST', '/v1/direct', { ...ann, body: { account: bea.id } });
    await post(server, ann.token, room.id, 'canary one', 'canary-client-1');
    await post(server, bea.token, room.id, 'magpie one', 'magpie-client-1');
    const edited = await post(server, ann.token, room.id, 'canary two', 'canary-client-2');
    await must(server, 'PUT', `/v1/rooms/${room.id}/messages/${edited.seq}`, { ...ann, body: { text: 'canary edited' } });
    await post(server, ann.token, pair.id, 'canary whisper', 'canary-client-3');
    const uploaded = await fetch(`${server.url}/v1/rooms/${room.id}/files?name=canary.txt`,
        { method: 'POST', headers: { authorization: `Bearer ${ann.token}` }, body: 'canary content' });
    assert.equal(uploaded.status, 201, await uploaded.clone().text());
    fileId = (await uploaded.json()).id;
    await must(server, 'POST', `/v1/rooms/${room.id}/messages`, { ...ann, body: { text: 'canary look', files: [{ id: fileId }] } });
    await must(server, 'PUT', `/v1/people/${bea.id}/like`, ann);
    await must(server, 'POST', `/v1/people/${bea.id}/reports`, { ...ann, body: { reason: 'spam', text: 'canary report' } });
    await eventually(() => must(server, 'GET', '/v1/notifications', bea),
        ({ notifications }) => notifications.some(({ text }) => /canary whisper/.test(text ?? '')), 'that bea is told');
    await eventually(() => must(server, 'GET', '/v1/search?text=canary', bea),
        ({ messages }) => messages.length >= 2, 'that the words are found');
}

before(async () => {
    server = await Server.start({ settings: { 'files.sweep': 1, limits: 'off' } });
    good('--data', server.data, '--bus', server.bus, 'record', 'start', 'before');
    await live();
});
after(() => server.close());

test('nothing of anybody is in the journal as it is said, and the server reads it all the same', async () => {
    for (const word of ['canary', 'magpie'])
        assert.deepEqual(where(word).filter((path) => path.startsWith('journal')), [], word);
    await server.restart();
    assert.match(good('--data', server.data, 'state', 'room', String(room.id), '--json'), /canary one/);
    assert.deepEqual((await history(server, bea.token, room.id)).map(({ text }) => text).sort(),
        ['canary edited', 'canary look', 'canary one', 'magpie one']);
    anchor = join(server.base, 'kept.json');
    writeFileSync(anchor, good('--data', server.data, 'journal', 'verify', '--json'));
    earlierKeys = readFileSync(join(server.data, 'keyring'));
});

test('a proof shows one record, with a key that opens no other', () => {
    const tail = good('--bus', server.bus, 'tail', '--from', '1', '--type', 'room.posted', '-n', '2', '--json');
    const [first, second] = tail.trim().split('\n').map((line) => JSON.parse(line).seq);
    const proof = JSON.parse(good('--data', server.data, 'journal', 'prove', String(first)));
    const other = JSON.parse(good('--data', server.data, 'journal', 'prove', String(second)));
    assert.match(check(proof).stdout, /canary one/);
    const closed = check({ ...proof, key: undefined });
    assert.equal(closed.status, GOOD, closed.stderr);
    assert.doesNotMatch(closed.stdout, OWN);
    for (const key of [other.key, '0'.repeat(64)]) {
        const wrong = check({ ...proof, key });
        assert.equal(wrong.status, BAD);
        assert.match(wrong.stderr, /its key does not open the record/);
    }
    proven = first;
});

test('only an operator does it', async () => {
    await refused(server, 'bad_credentials', 'POST', '/v1/sessions', { body: { login: 'canary-login', password: 'not it' } });
    const socket = await Native.open(server, bea.token);
    await assert.rejects(socket.request('account.redact', { account: ann.id }), { name: /forbidden|unknown_type/ });
    socket.close();
    const { status, stderr } = kith('--bus', server.bus, 'redact', 'nobody-at-all');
    assert.equal(status, BAD);
    assert.match(stderr, /account\.find/);
});

test('who was redacted is gone, and has said nothing', async () => {
    const before = await history(server, bea.token, room.id);
    assert.match(good('--bus', server.bus, 'redact', 'canary-login'), new RegExp(`account ${ann.id} is redacted`));
    assert.equal((await call(server, 'GET', '/v1/me', ann)).status, 401);
    const left = await history(server, bea.token, room.id);
    assert.deepEqual(left.map(({ seq, sender }) => [seq, sender]), before.map(({ seq, sender }) => [seq, sender]));
    assert.doesNotMatch(JSON.stringify(left), OWN);
    assert.deepEqual(left.filter(({ sender }) => sender === bea.id), before.filter(({ sender }) => sender === bea.id));
    assert.ok(left.every(({ sender, login, text }) => sender === bea.id || (login === `redacted-${ann.id}` && text === '')));
    for (const path of [`/v1/accounts/${ann.id}`, `/v1/rooms/${room.id}`, '/v1/notifications', '/v1/rooms',
        '/v1/search?text=canary', `/v1/rooms/${room.id}/members`])
        assert.doesNotMatch(JSON.stringify(await must(server, 'GET', path, bea)).replace('text=canary', ''), OWN, path);
    await eventually(() => must(server, 'GET', '/v1/search?text=magpie', bea), ({ messages }) => messages.length === 1,
        'that the other words are found again');
});

test('a second time is no fault, and nobody takes the name', async () => {
    good('--bus', server.bus, 'redact', `#${ann.id}`);
    const { error } = (await call(server, 'POST', '/v1/accounts', { body: { login: `redacted-${ann.id}`, password: 'a password' } })).body;
    assert.equal(error.name, 'exists');
    const newcomer = await signUp(server, 'canary-login'); // it is free again
    assert.notEqual(newcomer.id, ann.id);
    good('--bus', server.bus, 'redact', 'canary-login');
});

test('who resumes hears of it without a word', async () => {
    const socket = await Native.open(server, bea.token, { since: 1 });
    await eventually(() => JSON.stringify(socket.events), (events) => events.includes(`${OTHERS} one`), 'what was missed');
    assert.doesNotMatch(JSON.stringify(socket.events), OWN);
    socket.close();
});

test('the file is nobody\'s, and is swept', async () => {
    const path = join(server.data, 'files', fileId.slice(0, 2), fileId);
    assert.equal((await call(server, 'GET', `/v1/rooms/${room.id}/files/${fileId}`, bea)).status, 404);
    utimesSync(path, LONG_AGO, LONG_AGO);
    await eventually(() => existsSync(path), (there) => !there, 'that the file goes');
});

test('no file has a word, the journal is sound, and its hashes are what they were', async () => {
    await server.stop();
    for (const word of ['canary', 'Canary', 'CANARY'])
        assert.deepEqual(where(word), [], word);
    good('--data', server.data, 'journal', 'verify', '--anchor', anchor);
    good('--data', server.data, 'replay', '--verify');
    const dumped = good('--data', server.data, 'journal', 'dump', '--json');
    assert.doesNotMatch(dumped, OWN);
    assert.doesNotMatch(dumped, /1987-06-05|48123456|2987654/);
    assert.match(dumped, /magpie whisper|magpie one/);
    assert.match(dumped, new RegExp(`redacted-${ann.id}`));
    assert.doesNotMatch(good('--data', server.data, 'state', 'room', String(room.id), '--json'), OWN);
    const proof = JSON.parse(good('--data', server.data, 'journal', 'prove', String(proven)));
    assert.equal(proof.key, undefined);
    assert.match(check(proof).stdout, new RegExp(`redacted-${ann.id}`));
});

test('a projection that is made anew is the same', async () => {
    good('--data', server.data, 'rebuild');
    await server.launch();
    await eventually(() => kith('--bus', server.bus, 'status').status, (status) => status === GOOD, 'that it serves');
    await eventually(() => must(server, 'GET', '/v1/search?text=magpie', bea), ({ messages }) => messages.length === 1, 'the index');
    await server.stop();
    assert.equal(good('--data', server.data, 'replay', '--verify').match(/same/g)?.length, 5);
});

test('a key that a backup brings back is destroyed again', async () => {
    const keyring = join(server.data, 'keyring');
    const isDestroyed = (keys) => keys.subarray(32 * ann.id, 32 * ann.id + 28).every((byte) => byte === 0xff);
    assert.ok(isDestroyed(readFileSync(keyring)));
    assert.ok(!isDestroyed(earlierKeys));
    writeFileSync(keyring, earlierKeys);
    await server.launch();
    await server.stop();
    assert.ok(isDestroyed(readFileSync(keyring)));
});

test('without its keys a journal is not gone on with', async () => {
    const keyring = join(server.data, 'keyring');
    const keys = readFileSync(keyring);
    rmSync(keyring);
    const { status, stdout, stderr } = spawnSync(process.env.KITHD, [...server.args()], { encoding: 'utf8' });
    assert.notEqual(status, 0, stdout + stderr);
    assert.match(stdout + stderr, /keyring is missing/);
    assert.ok(!existsSync(keyring));
    writeFileSync(keyring, keys, { mode: 0o600 });
});
