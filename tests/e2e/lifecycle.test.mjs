// Start and stop: /readyz, SIGTERM, what is kept, and settings that must not start.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Native, call, history, makeRoom, must, post, signUp } from './client.mjs';
import { Server, freePort } from './server.mjs';

const SERVER_RESTARTS = 1012;

function filesUnder(folder) {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.path, entry.name));
}

test('/readyz needs no token and says ready', async () => {
    const server = await Server.start();
    const { status } = await fetch(`${server.url}/readyz`);
    assert.equal(status, 200);
    await server.close();
});

test('SIGTERM ends with 0, sockets are told 1012, nothing acknowledged is lost', async () => {
    const server = await Server.start();
    const ann = await signUp(server, 'ann');
    const room = await makeRoom(server, ann.token);
    const client = await Native.open(server, ann.token);
    let acknowledged = 0;
    const sending = Array.from({ length: 500 }, (_, n) =>
        client.post(room.id, `message ${n}`, `id-${n}`).then(() => { acknowledged++; }, () => {}));
    await sending[0];
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    assert.equal((await client.closed).code, SERVER_RESTARTS);
    await Promise.all(sending);
    await server.launch();
    const messages = await history(server, ann.token, room.id, '?limit=1000');
    assert.ok(messages.length >= acknowledged, `${messages.length} of ${acknowledged}`);
    assert.deepEqual(messages.map(({ seq }) => seq), messages.map((_, n) => n + 1));
    await server.close();
});

test('SIGTERM to an idle server with open connections takes less than five seconds', async () => {
    const server = await Server.start();
    const ann = await signUp(server, 'ann');
    const clients = await Promise.all(Array.from({ length: 20 }, () =>
        Native.open(server, ann.token)));
    const since = Date.now();
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    assert.ok(Date.now() - since < 5000, `${Date.now() - since} ms`);
    await Promise.all(clients.map((client) => client.closed));
    await server.close();
});

test('a restart finds all as it was', async () => {
    const server = await Server.start();
    const [ann, bob] = await Promise.all(['ann', 'bob'].map((name) => signUp(server, name)));
    const room = await makeRoom(server, ann.token, 'private');
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, {
        token: ann.token, body: { account: bob.id },
    });
    const direct = await must(server, 'POST', '/v1/direct', {
        token: ann.token, body: { account: bob.id },
    });
    await post(server, ann.token, room.id, 'kept');
    const paths = ['/v1/me', '/v1/accounts', '/v1/rooms', `/v1/rooms/${room.id}/members`,
        `/v1/rooms/${room.id}/messages`, `/v1/rooms/${direct.id}`];
    const look = () => Promise.all(paths.map(async (path) => {
        const { as_of, ...rest } = await must(server, 'GET', path, bob);
        return rest;
    }));
    const seen = await look();
    await server.restart();
    assert.deepEqual(await look(), seen);
    await server.kill();
    await server.launch();
    assert.deepEqual(await look(), seen);
    await server.close();
});

test('passwords and tokens are in no file that the server wrote', async () => {
    const server = await Server.start();
    const ann = await signUp(server, 'ann');
    await call(server, 'POST', '/v1/sessions', { body: { login: 'ann', password: ann.password } });
    await (await Native.open(server, ann.token)).close();
    await server.restart();
    await server.stop();
    for (const file of filesUnder(server.base)) {
        const bytes = readFileSync(file);
        assert.ok(!bytes.includes(ann.password), `a password in ${file}`);
        assert.ok(!bytes.includes(ann.token), `a token in ${file}`);
    }
    await server.close();
});

test('the data folder is for the server\'s own user', async () => {
    const server = await Server.start();
    assert.equal(statSync(server.data).mode & 0o007, 0, 'nothing for others');
    await server.close();
});

test('a second server on the same data is refused and harms nothing', async () => {
    const server = await Server.start();
    const args = server.args();
    args[args.indexOf('--http') + 1] = `127.0.0.1:${await freePort()}`;
    args[args.indexOf('--line') + 1] = `127.0.0.1:${await freePort()}`;
    args[args.indexOf('--bus') + 1] = `${server.bus}-2`;
    const second = spawnSync(process.env.KITHD, args, { timeout: 20_000, encoding: 'utf8' });
    assert.ok(second.status > 0, `ended with ${second.status} ${second.signal}`);
    assert.ok(second.stderr.length + second.stdout.length > 0, 'it says why');
    await signUp(server, 'ann');
    await server.close();
});

test('a preset listens where the documented clients dial', async (t) => {
    const ports = [8000, 4440];
    const answers = (port) => fetch(`http://127.0.0.1:${port}/healthz`).then(({ status }) => status, () => 0);
    if ((await Promise.all(ports.map(answers))).some(Boolean))
        return t.skip('somebody else listens there');
    const server = await Server.start({ settings: { preset: 'compat' } });
    for (const port of [server.port, ...ports])
        assert.equal(await answers(port), 200, port);
    return server.close();
});

test('weak hashing starts on loopback only', async () => {
    const server = await Server.plan();
    const args = server.args();
    args[args.indexOf('--http') + 1] = `0.0.0.0:${server.port}`;
    const { status, stderr } = spawnSync(process.env.KITHD, args, {
        timeout: 20_000, encoding: 'utf8',
    });
    assert.ok(status > 0, `ended with ${status}`);
    assert.match(stderr, /argon2/);
});

test('a wrong flag or setting ends at once and says which', async () => {
    for (const [args, named] of [
        [['--no-such-flag'], 'no-such-flag'], [['--http', 'nonsense'], 'nonsense'],
        [['--set', 'no.such=1'], 'no.such'],
    ]) {
        const { status, stderr } = spawnSync(process.env.KITHD, args, {
            timeout: 20_000, encoding: 'utf8', cwd: '/tmp',
        });
        assert.ok(status > 0, `${args}: ended with ${status}`);
        assert.ok(stderr.includes(named), `${args}: ${stderr}`);
    }
});
