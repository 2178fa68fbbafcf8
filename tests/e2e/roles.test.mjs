// Parts as processes: edges side by side, what each forgets when it dies, and who is told.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { call, eventually, makeRoom, must, Native, post, signIn, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;

before(async () => {
    server = await Server.start({ split: true });
    [ann, bob] = await Promise.all(['ann', 'bob'].map((login) => signUp(server, login)));
});

after(() => server.close());

const isReady = async () => (await fetch(`${server.url}/readyz`)).status === 200;

/** Killed, its absence noticed, and started again. */
const restart = async (role) => {
    await server.daemons.get(role).kill();
    if (role !== 'edge')
        await eventually(isReady, (ready) => !ready, 'ready without a part');
    server.spawnRole(role);
    await server.ready();
};

const isOnline = async (person) => (
    (await must(server, 'GET', `/v1/accounts/${person.id}`, { token: ann.token })).online);

const becomes = (person, online, ms) => (
    eventually(() => isOnline(person), (now) => now === online, `online: ${online}`, ms));

test('two edges on two ports serve one room', async () => {
    const other = await server.spawnEdge();
    const room = await makeRoom(server, ann.token);
    await must(other, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
    const here = await Native.open(server, ann.token);
    const there = await Native.open(other, bob.token);
    await here.post(room.id, 'from here');
    await there.post(room.id, 'from there');
    await post(other, ann.token, room.id, 'and over REST');
    for (const client of [here, there]) {
        await client.heardText('and over REST');
        assert.deepEqual(client.texts(room.id), ['from here', 'from there', 'and over REST']);
    }
    await becomes(bob, true);
    await Promise.all([here.close(), there.close()]);
    await becomes(bob, false);
    await other.stop();
});

test('two edges on one port serve one room', async () => {
    const shared = await Server.plan({ split: true, settings: { reuse_port: 'on' } });
    await shared.launch();
    const second = shared.spawnRole('edge', 'second edge');
    await eventually(() => shared.log().match(/edge +ready/g).length, (count) => count === 2,
                     'a second edge that serves');
    const carol = await signUp(shared, 'carol');
    const room = await makeRoom(shared, carol.token);
    const clients = await Promise.all(Array.from({ length: 40 }, () => (
        Native.open(shared, carol.token))));
    const said = (client) => client.events.filter(({ type }) => type === 'room.posted')
        .map(({ body }) => body.message.text);
    await Promise.all(clients.flatMap((client, who) => [1, 2, 3].map((n) => client.post(room.id, `${who}: ${n}`))));
    await Promise.all(clients.map((client) => (
        eventually(() => said(client).length, (count) => count === 3 * clients.length, 'all that was said'))));
    clients.forEach((client) => assert.deepEqual(said(client), said(clients[0]), 'one order for all'));
    await second.kill();
    shared.daemons.delete('second edge');
    const isOpen = (client) => client.socket.readyState === client.socket.OPEN;
    const left = await eventually(() => clients.filter(isOpen).length,
                                  (count) => count < clients.length, 'a share of the clients');
    assert.ok(left > 0, 'the others stay');
    await shared.close();
});

test('who was connected to an edge that died is offline', async () => {
    const other = await server.spawnEdge();
    const there = await Native.open(other, bob.token);
    await becomes(bob, true);
    await other.kill();
    await there.closed;
    await becomes(bob, false, 15_000);
});

test('a new session actor learns who is connected', async () => {
    const client = await Native.open(server, bob.token);
    await becomes(bob, true);
    await restart('session');
    await becomes(bob, true);
    assert.equal(client.socket.readyState, client.socket.OPEN);
    await client.close();
    await becomes(bob, false);
});

test('a session actor that outlives its broker remembers nobody of before', async () => {
    const client = await Native.open(server, bob.token);
    await becomes(bob, true);
    await restart('broker');
    assert.equal((await client.closed).code, 1013);
    await becomes(bob, false);
    const again = await Native.open(server, bob.token);
    await becomes(bob, true);
    await again.close();
});

test('an ended session stays ended whatever is started anew', async () => {
    const { token } = await signIn(server, 'bob', bob.password);
    await must(server, 'DELETE', '/v1/session', { token });
    for (const role of ['edge', 'session', 'broker']) {
        await restart(role);
        const { status, body } = await call(server, 'GET', '/v1/me', { token });
        assert.equal(status, 401, role);
        assert.equal(body.error.name, 'session_ended');
    }
});

test('a call that an actor takes to its grave was not done, and says so soon', async () => {
    const room = await makeRoom(server, ann.token);
    const client = await Native.open(server, ann.token);
    const actor = server.daemons.get('room');
    actor.signal('SIGSTOP');
    await eventually(() => readFileSync(`/proc/${actor.pid}/stat`, 'utf8'),
        (stat) => / T /.test(stat), 'it stands still');
    const began = Date.now();
    const settled = client.post(room.id, 'into the grave', 'once').then(
        () => 'done', (refusal) => refusal.name);
    const asked = client.request('room.get', { room: room.id }).then(
        () => 'done', (refusal) => refusal.name);
    await client.request('account.get', { account: ann.id }); /* the calls are on their way */
    await actor.kill();
    server.spawnRole('room');
    assert.equal(await settled, 'not_done');
    assert.equal(await asked, 'unavailable');
    assert.ok(Date.now() - began < 5000, 'before the edge itself gives up');
    const again = () => client.post(room.id, 'into the grave', 'once').then(
        () => true, (refusal) => refusal.name);
    await eventually(again, (done) => done === true, 'a retry');
    await client.heardText('into the grave');
    assert.equal(client.texts(room.id).length, 1);
    await client.close();
});

test('two processes cannot have one part, and the second one says why', async () => {
    for (const role of ['broker', 'session', 'room']) {
        const second = server.spawnRole(role, 'second', ['--bus', `${server.bus}-2`]);
        assert.deepEqual(await second.exited, { code: 1, signal: null });
        server.daemons.delete('second');
        assert.match(server.logTail(), /in use by another process|in use by process \d+/);
    }
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
});
