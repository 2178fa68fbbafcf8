// kith trace: from whom a message came, for whom it was, who was told, who read it, what was done to it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { eventually, makeRoom, must, post, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1;

let server, ann, bea, cleo, room, message;

const kith = (...args) =>
    spawnSync(KITH, ['--data', server.data, '--bus', server.bus, 'trace', ...args], { encoding: 'utf8' });

function trace(what) {
    const { status, stdout, stderr } = kith(String(what), '--json');
    assert.equal(status, GOOD, stderr);
    return stdout.trim().split('\n').map((line) => JSON.parse(line));
}

const about = (method, path, person, body) =>
    must(server, method, `/v1/rooms/${room.id}${path}`, { token: person.token, body });

before(async () => {
    server = await Server.start();
    [ann, bea, cleo] = [await signUp(server, 'ann'), await signUp(server, 'bea'), await signUp(server, 'cleo')];
    room = await makeRoom(server, ann.token);
    await about('POST', '/members', bea, {});
    message = await post(server, ann.token, room.id, 'hello @bea', 'mine-1');
    await about('POST', '/members', cleo, {});
    await post(server, cleo.token, room.id, 'something else', 'mine-1');
    await about('PUT', '/read', bea, { seq: message.seq });
    await about('POST', '/messages', bea, { text: 'yes', reply_to: message.seq });
    await about('PUT', `/messages/${message.seq}`, ann, { text: 'hello, @bea' });
    await about('PUT', '/read', bea, { seq: message.seq + 1 });
    await about('DELETE', `/messages/${message.seq}`, ann);
});

after(() => server.close());

test('a message by its id, of a running server', async () => {
    const told = ([{ deeds }]) => deeds.some(({ type, account }) => type === 'notified' && account === bea.account.id);
    const [life] = await eventually(() => trace(message.id), told, 'that bea is told');
    assert.deepEqual([life.message, life.room, life.seq, life.sender, life.client_id],
        [message.id, room.id, message.seq, ann.account.id, 'mine-1']);
    assert.deepEqual(life.members, [ann.account.id, bea.account.id]);
    assert.ok(life.received <= life.decided && life.decided <= life.deeds[0].time);
    const done = life.deeds.filter(({ what, record }) => record && what !== 'led to');
    assert.deepEqual(done.map(({ what, account }) => [what, account]), [
        ['read', cleo.account.id], // who speaks has read
        ['read', bea.account.id], ['answered', bea.account.id],
        ['edited', ann.account.id], ['deleted', ann.account.id],
    ]);
});

test('a client id is its sender\'s own: all of them are shown', () => {
    const lives = trace('mine-1');
    assert.deepEqual(lives.map(({ sender }) => sender), [ann.account.id, cleo.account.id]);
    assert.deepEqual(lives[1].deeds.filter(({ what }) => what === 'read').map(({ account }) => account),
        [bea.account.id]);
});

test('for people it is a line a deed', () => {
    const { status, stdout } = kith(String(message.id));
    assert.equal(status, GOOD);
    assert.match(stdout, new RegExp(`^message ${message.id}, number ${message.seq} of room ${room.id}, client id "mine-1"$`, 'm'));
    assert.match(stdout, new RegExp(`^ {2}\\d{4}-\\d\\d-\\d\\d \\S+ {2}read +account ${bea.account.id}, record \\d+ room\\.read$`, 'm'));
});

test('what never was is told', () => {
    const { status, stdout, stderr } = kith('never-said');
    assert.deepEqual([status, stdout], [BAD, '']);
    assert.match(stderr, /never-said/);
});
