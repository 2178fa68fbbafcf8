// kith replay --verify: the projections on disk are what the journal makes of them, or they are told.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeRoom, must, post, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1, USAGE = 2;

let server, stranger;

function replay(data, ...args) {
    const { status, stdout, stderr } = spawnSync(KITH, ['--data', data, 'replay', '--verify', '--json', ...args],
        { encoding: 'utf8', env: { ...process.env, TMPDIR: server.base } });
    const lines = stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line));
    return { status, stderr, verdicts: Object.fromEntries(lines.slice(0, -1).map(({ actor, verdict }) => [actor, verdict])) };
}

/** A server that has lived, and ended. */
async function live(...words) {
    const lived = await Server.start();
    const ann = await signUp(lived, 'ann');
    const bea = await signUp(lived, 'bea');
    const room = await makeRoom(lived, ann.token);
    await must(lived, 'PUT', `/v1/people/${bea.account.id}/like`, { token: ann.token });
    for (const word of words)
        await post(lived, ann.token, room.id, word);
    return lived;
}

before(async () => {
    server = await live('one', 'two', 'three');
    stranger = await live('four', 'five', 'six');
    await stranger.stop();
});

after(async () => {
    await server.close();
    await stranger.close();
});

const copy = (name) => {
    cpSync(server.data, join(server.base, name), { recursive: true });
    return join(server.base, name);
};

test('a running server is left alone', () => {
    const { status, stderr } = replay(server.data);
    assert.equal(status, BAD);
    assert.match(stderr, /in use by process/);
});

test('all projections of a stopped server are the same, and nothing is left behind', async () => {
    await server.stop();
    const { status, verdicts, stderr } = replay(server.data);
    assert.equal(status, GOOD, stderr);
    assert.deepEqual(verdicts,
        { session: 'same', room: 'same', search: 'same', matching: 'same', notifier: 'same' });
    assert.deepEqual(readdirSync(server.base).filter((name) => name.startsWith('kith-cast')), []);
});

test('one that is of another history is told', () => {
    const data = copy('foreign');
    rmSync(join(data, 'room'), { recursive: true });
    cpSync(join(stranger.data, 'room'), join(data, 'room'), { recursive: true });
    const { status, verdicts } = replay(data);
    assert.equal(status, BAD);
    assert.deepEqual([verdicts.room, verdicts.session], ['different', 'same']);
});

test('one that is missing is told', () => {
    const data = copy('missing');
    rmSync(join(data, 'matching'), { recursive: true });
    const { status, verdicts } = replay(data);
    assert.equal(status, BAD);
    assert.deepEqual([verdicts.matching, verdicts.room], ['missing', 'same']);
});

test('one that is behind is compared as far as it is', async () => {
    const data = copy('behind');
    await server.launch();
    await signUp(server, 'cleo');
    await server.stop();
    rmSync(join(data, 'journal'), { recursive: true });
    cpSync(join(server.data, 'journal'), join(data, 'journal'), { recursive: true });
    const { status, verdicts, stderr } = replay(data);
    assert.equal(status, GOOD, stderr);
    assert.equal(verdicts.session, 'same');
});

test('a damaged journal makes nothing', () => {
    const data = copy('damaged');
    const [segment] = readdirSync(join(data, 'journal')).filter((name) => /^\d{20}$/.test(name));
    for (const name of readdirSync(join(data, 'journal', segment)).filter((file) => /\.(ldb|log)$/.test(file)))
        truncateSync(join(data, 'journal', segment, name), 40);
    const { status, stderr, verdicts } = replay(data);
    assert.equal(status, BAD);
    assert.deepEqual(verdicts, {});
    assert.match(stderr, /damaged/);
});

test('without --verify it says what there is', () => {
    const { status, stderr } = spawnSync(KITH, ['--data', server.data, 'replay'], { encoding: 'utf8' });
    assert.equal(status, USAGE);
    assert.match(stderr, /--verify/);
});
