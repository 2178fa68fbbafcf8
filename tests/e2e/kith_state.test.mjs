// kith state: rooms, accounts, matches and inboxes as they were at a sequence or a time.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { eventually, makeRoom, must, post, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1, USAGE = 2;

let server, ann, bea, room;
const at = {}; // sequences of moments, by name

const kith = (...args) => spawnSync(KITH, args,
    { encoding: 'utf8', env: { ...process.env, TMPDIR: server.base } });

/** The answers of `kith state --json`, by query. */
function state(point, ...args) {
    const { status, stdout, stderr } = kith('--data', server.data, 'state', ...point, ...args, '--json');
    assert.equal(status, GOOD, stderr);
    return Object.fromEntries(stdout.trim().split('\n').map((line) => JSON.parse(line))
        .map(({ query, answer }) => [query, answer]));
}

/** Everything said so far is behind this moment; returns its last record. */
function moment(name) {
    const { stdout } = kith('--bus', server.bus, 'tail', '-n', '1', '--json');
    const record = JSON.parse(stdout);
    at[name] = record.seq;
    return record;
}

const texts = (answers) => answers['room.history'].messages.map(({ text }) => text);

before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bea = await signUp(server, 'bea');
    room = await makeRoom(server, ann.token);
    await post(server, ann.token, room.id, 'one');
    moment('first');
    await must(server, 'PUT', `/v1/rooms/${room.id}/name`, { token: ann.token, body: { name: 'another name' } });
    await must(server, 'PUT', `/v1/people/${bea.account.id}/like`, { token: ann.token });
    await post(server, ann.token, room.id, 'two');
    moment('liked');
    await must(server, 'PUT', `/v1/people/${ann.account.id}/like`, { token: bea.token });
    moment('matched');
});

after(() => server.close());

test('a room as it was, of a running server', () => {
    const then = state(['--at', String(at.first)], 'room', String(room.id));
    assert.equal(then['room.get'].name, 'a room');
    assert.deepEqual(texts(then), ['one']);
    assert.deepEqual(then['room.members'].members.map(({ account }) => account), [ann.account.id]);
    const now = state([], 'room', String(room.id));
    assert.equal(now['room.get'].name, 'another name');
    assert.deepEqual(texts(now), ['one', 'two']);
});

test('what is not yet is not found', () => {
    const { status, stderr } = kith('--data', server.data, 'state', '--at', '1', 'room', String(room.id));
    assert.equal(status, BAD);
    assert.match(stderr, /room\.get/);
});

test('accounts by login or number, without secrets', () => {
    const byLogin = state(['--at', String(at.first)], 'account', 'bea');
    assert.equal(byLogin['account.get'].login, 'bea');
    assert.deepEqual(state(['--at', String(at.first)], 'account', `#${bea.account.id}`), byLogin);
    assert.ok(!JSON.stringify(byLogin).includes('argon2'));
    assert.equal(byLogin['session.list'].sessions.length, 1);
    assert.equal(state([], 'presence', 'bea')['presence.get'].people[0].account, bea.account.id);
});

test('likes, matches and what was told of them', async () => {
    const likers = (point) => state(point, 'matches', 'bea')['people.likes'].people.map(({ account }) => account ?? 0);
    const matches = (point) => state(point, 'matches', 'bea')['people.matches'].people.length;
    assert.equal(likers(['--at', String(at.first)]).length, 0);
    assert.equal(likers(['--at', String(at.liked)]).length, 1);
    assert.equal(matches(['--at', String(at.liked)]), 0);
    assert.equal(matches(['--at', String(at.matched)]), 1);
    const told = (point) => state(point, 'inbox', 'bea')['notification.list'].notifications.length;
    await eventually(() => told([]), (count) => count >= 1, 'that bea is told');
    assert.equal(told(['--at', String(at.first)]), 0);
});

test('any query, as an operator or as somebody', () => {
    const query = (...args) => state(['--at', String(at.liked)], ...args);
    const body = JSON.stringify({ room: room.id, limit: 1 });
    assert.deepEqual(texts(query('room.history', body)), ['two']);
    assert.equal(query('profile.get', '--as', String(bea.account.id))['profile.get'].account, bea.account.id);
});

test('a time is a point, too', () => {
    const then = state(['--at', '2100-01-01'], 'room', String(room.id));
    assert.deepEqual(texts(then), ['one', 'two']);
    const { status, stderr } = kith('--data', server.data, 'state', '--at', '2001-01-01', 'room', '1');
    assert.equal(status, BAD);
    assert.match(stderr, /no record at or before/);
});

test('for people there is a page of it', () => {
    const { status, stdout } = kith('--data', server.data, 'state', '--at', String(at.first), 'room', String(room.id));
    assert.equal(status, GOOD);
    assert.match(stdout, new RegExp(`^after record ${at.first}, of `));
    assert.match(stdout, /^ {2}name +"a room"$/m);
    assert.match(stdout, /^ {2}messages +1$/m);
});

test('what is not understood is told', () => {
    for (const args of [['sing', '1'], ['room'], ['room.post', '{}'], ['bus.status'], ['room', '1', '2'],
        ['--at', 'yesterday', 'room', '1']]) {
        const { status, stdout, stderr } = kith('--data', server.data, 'state', ...args);
        assert.equal(status, USAGE, args.join(' '));
        assert.equal(stdout, '');
        assert.match(stderr, /^kith: /);
    }
    for (const args of [['room', 'x'], ['account', 'nobody'], ['room.get', 'x'], ['room.get', '{"rooom":1}']]) {
        const { status, stderr } = kith('--data', server.data, 'state', ...args);
        assert.equal(status, BAD, args.join(' '));
        assert.match(stderr, /^kith: /);
    }
});

test('nothing is left behind', () => {
    assert.deepEqual(readdirSync(server.base).filter((name) => name.startsWith('kith-cast')), []);
});
