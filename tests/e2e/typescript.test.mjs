// The TypeScript client as an application uses it: typed calls, events, and a line that drops.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import WebSocket from 'ws';

import { eventually, must, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server, built, Kith, KithError, ann, bob, room;
before(async () => {
    built = mkdtempSync(join(tmpdir(), 'kith-client-'));
    writeFileSync(join(built, 'package.json'), '{"type":"module"}');
    execFileSync(join(import.meta.dirname, 'node_modules/.bin/tsc'),
        ['--project', join(import.meta.dirname, '../../tools/typescript'), '--outDir', built]);
    ({ Kith, KithError } = await import(pathToFileURL(join(built, 'kith.js')).href));
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
    room = await must(server, 'POST', '/v1/rooms', { token: ann.token, body: { kind: 'open' } });
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
});
after(async () => {
    await server.close();
    rmSync(built, { recursive: true });
});

/** A client that lists what it heard; `cut` drops its line as a bad network would. */
function open({ token }, more = {}) {
    const sockets = [];
    class Socket extends WebSocket {
        constructor(...args) {
            super(...args);
            sockets.push(this);
        }
    }
    const kith = new Kith({ url: server.url, token, WebSocket: Socket, ...more });
    const heard = [], states = [];
    kith.on('room.posted', ({ message }) => heard.push(message.text));
    kith.onState((state) => states.push(state));
    return { kith, heard, states, cut: () => sockets.at(-1).terminate() };
}

const online = ({ states }) => eventually(() => states.at(-1),
    (state) => ['online', 'resumed', 'reset'].includes(state), 'the client is online');

test('calls are answered and refused', async () => {
    const client = open(ann);
    const seen = await client.kith.call('room.get', { room: room.id });
    assert.equal(seen.gid, room.gid);
    await assert.rejects(client.kith.call('room.get', { room: 99_999 }),
        (error) => error instanceof KithError && error.name === 'not_found'
            && error.status === 404 && !error.retryable);
    client.kith.close();
    await assert.rejects(client.kith.call('room.get', { room: room.id }), { name: 'unavailable' });
});

test('what was missed while the line was down comes once and in order', async () => {
    const [sender, reader] = [open(ann), open(bob)];
    await Promise.all([online(sender), online(reader)]);
    for (let i = 0; i < 60; i++) {
        await sender.kith.post(room.id, `m${i}`);
        if (i % 7 === 3)
            reader.cut();
    }
    await eventually(() => reader.heard.length, (count) => count >= 60, 'all messages');
    assert.deepEqual(reader.heard, Array.from({ length: 60 }, (_, i) => `m${i}`));
    assert.ok(reader.states.includes('resumed') && !reader.states.includes('reset'));
    sender.kith.close();
    reader.kith.close();
});

test('posts go on over kill -9, each once', async () => {
    const [sender, reader] = [open(ann), open(bob)];
    await Promise.all([online(sender), online(reader)]);
    const before = (await must(server, 'GET', `/v1/rooms/${room.id}`, ann)).seq;
    const texts = Array.from({ length: 300 }, (_, i) => `k${i}`);
    const posts = [];
    for (const [i, text] of texts.entries()) {
        posts.push(sender.kith.post(room.id, text));
        if (posts.length % 50 === 0)
            await posts.at(-20);
        if (i === 120) {
            await server.kill();
            await server.launch();
        }
    }
    await Promise.all(posts);
    await eventually(() => reader.heard.length, (count) => count >= 300, 'all messages');
    const kept = [];
    for await (const message of reader.kith.history(room.id, before, 40))
        kept.push(message.text);
    assert.deepEqual([...kept].sort(), [...texts].sort());
    assert.deepEqual(reader.heard, kept);
    sender.kith.close();
    reader.kith.close();
});

test('an ended session closes the client for good', async () => {
    const client = open(bob);
    await online(client);
    await client.kith.call('session.close', {}).catch(() => {});
    await eventually(() => client.states.at(-1), (state) => state === 'closed', 'closed');
});
