// Tokens of a foreign issuer in CONNECT: whose they are has to be asked first, and recovery must
// not have to.

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeRoom, must, post, signUp } from './client.mjs';
import { Cable } from './people/cable.mjs';
import { Server, keepSecret } from './server.mjs';
import { clients, connect, dial, did, next } from './socketio.mjs';

const folder = mkdtempSync(join(tmpdir(), 'kith-issuer-'));
const secret = randomBytes(40);
let server;
before(async () => {
    const file = join(folder, 'secret');
    writeFileSync(file, secret, { mode: 0o600 });
    server = await Server.start({
        settings: { 'issuer.name': 'https://id.example.org', 'issuer.secret_file': file },
    });
});
after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
});

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf(sub, more = {}) {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const payload = { iss: 'https://id.example.org', sub, exp, ...more };
    const covered = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(payload)}`;
    return keepSecret(`${covered}.${createHmac('sha256', secret).update(covered).digest('base64url')}`);
}

for (const client of clients.filter(({ way }) => way === 'websocket')) {
    test(`${client.name}: comes in as whoever the issuer says`, async () => {
        const socket = await connect(client, server.url, { token: tokenOf(`u-${client.version}`) });
        const { id: room } = await did(socket, 'room.create', { kind: 'open' });
        assert.ok(room > 0);
        const other = dial(client, server.url, { token: tokenOf('late', { exp: 1_600_000_000 }) });
        const [reason] = await next(other, client.version === '4.8' ? 'connect_error' : 'error');
        assert.equal(reason.message ?? reason, 'unauthenticated');
        socket.close();
        other.close();
    });
}

test('such a client recovers over a restart that has forgotten whose its token is', async () => {
    const bob = await signUp(server, 'bob');
    const { id: room } = await makeRoom(server, bob.token);
    const cable = await Cable.to(server);
    const client = clients.find(({ name }) => name === '4.8 websocket');
    const token = tokenOf('ann');
    const socket = await connect(client, cable.url, { token });
    await must(server, 'POST', `/v1/rooms/${room}/members`, { token, body: {} });
    const gone = next(socket, 'disconnect');
    await server.kill();
    await gone;
    cable.cut();
    await server.launch();
    await post(server, bob.token, room, 'missed');
    const missed = next(socket, 'room.posted');
    cable.mend();
    assert.equal((await missed)[0].message.text, 'missed');
    assert.ok(socket.recovered);
    socket.close();
    cable.close();
});
