// Webhooks to servers that fail in every way: none waits for another, and no message for any.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeCertificate } from './certificates.mjs';
import { Native, eventually, must, post, signUp } from './client.mjs';
import { Server, keepSecret } from './server.mjs';

const SECRET = keepSecret('a secret of the webhooks, long enough');
const MEGABYTES = 1024 * 1024;

let folder, own;
const servers = [];
const receivers = [];
before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kith-webhooks-'));
    own = makeCertificate(folder, 'hooks');
    writeFileSync(join(folder, 'secret'), `${SECRET}\n`, { mode: 0o600 });
});
after(async () => {
    await Promise.all(servers.map((server) => server.close()));
    receivers.forEach(({ server }) => { server.close(); server.closeAllConnections?.(); });
    rmSync(folder, { recursive: true });
});

/** A server on a free port that notes what it is posted, and does with the reply as it likes. */
async function receive(answer, { tls } = {}) {
    const posts = [];
    const take = (request, reply) => {
        const parts = [];
        request.on('error', () => {});
        request.on('data', (part) => parts.push(part));
        request.on('end', () => {
            posts.push({ path: request.url, id: request.headers['webhook-id'],
                text: JSON.parse(Buffer.concat(parts)).data.text });
            answer(reply, posts);
        });
    };
    const server = tls ? createHttps({ key: readFileSync(own.key), cert: own.ca }, take) : createHttp(take);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    receivers.push({ server });
    const { port } = server.address();
    return { posts, port, url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/hook` };
}

const fine = (reply) => reply.writeHead(204).end();

async function startWith(urls, settings = {}) {
    const server = await Server.start({
        settings: {
            'webhook.urls': urls.join(' '),
            'webhook.secret_file': join(folder, 'secret'),
            ...settings,
        },
    });
    servers.push(server);
    return server;
}

/** Ann, Bob and their direct room. */
async function pair(server) {
    const [ann, bob] = await Promise.all(['ann', 'bob'].map((login) =>
        signUp(server, login, { email: `${login}@example.org` })));
    const { id: room } = await must(server, 'POST', '/v1/direct',
        { token: ann.token, body: { account: bob.id } });
    return { ann, bob, room };
}

const posted = ({ posts }, count) => eventually(async () => posts, ({ length }) => length >= count,
    `${count} posts`, 30_000);
const logged = (server, line) => eventually(async () => server.log(), (log) => line.test(log), `${line}`);

test('a server whose certificate is vouched for is told, another is not', async () => {
    const receiver = await receive(fine, { tls: true });
    const [trusting, wary] = [
        await startWith([receiver.url], { 'webhook.authorities': own.certificate }),
        await startWith([receiver.url]),
    ];
    const strangers = await pair(wary);
    await post(wary, strangers.ann.token, strangers.room, 'for nobody');
    await logged(wary, /webhook 1 was not sent: there was no answer; it is tried again/);
    const { ann, room } = await pair(trusting);
    await post(trusting, ann.token, room, 'hello');
    assert.deepEqual((await posted(receiver, 1)).map(({ text }) => text), ['hello']);
});

test('a redirection is no answer, and is not followed', async () => {
    const elsewhere = await receive(fine);
    const receiver = await receive((reply) =>
        reply.writeHead(302, { location: elsewhere.url }).end());
    const server = await startWith([receiver.url]);
    const { ann, room } = await pair(server);
    await post(server, ann.token, room, 'hello');
    await logged(server, /webhook 1 was not sent: the answer was 302; it is tried again/);
    await posted(receiver, 2);
    assert.deepEqual(elsewhere.posts, []);
});

test('an answer without end is an answer, and is not read to its end', async () => {
    let sent = 0;
    const receiver = await receive((reply) => {
        reply.on('error', () => {});
        reply.writeHead(200);
        const more = () => {
            while (!reply.destroyed && reply.write(Buffer.alloc(MEGABYTES)))
                sent++;
            reply.once('drain', more);
        };
        more();
    });
    const server = await startWith([receiver.url]);
    const { ann, room } = await pair(server);
    await post(server, ann.token, room, 'one');
    await posted(receiver, 1);
    await post(server, ann.token, room, 'two');
    const posts = await posted(receiver, 2);
    assert.deepEqual(posts.map(({ text }) => text), ['one', 'two']);
    assert.ok(sent < 100, `${sent} megabytes were taken`);
});

test('who hangs up, or answers nonsense, is asked again', async () => {
    const receiver = await receive((reply, posts) => {
        if (posts.length === 1)
            reply.socket.destroy();
        else if (posts.length === 2)
            reply.socket.end('what?\r\n\r\n');
        else
            fine(reply);
    });
    const server = await startWith([receiver.url]);
    const { ann, room } = await pair(server);
    await post(server, ann.token, room, 'hello');
    const posts = await posted(receiver, 3);
    assert.equal(new Set(posts.map(({ id }) => id)).size, 1);
});

test('a server that never answers keeps no other waiting', async () => {
    const dead = await receive(() => {});
    const receiver = await receive(fine);
    const server = await startWith([dead.url, receiver.url]);
    const { ann, room } = await pair(server);
    await post(server, ann.token, room, 'the first');
    await posted(dead, 1);
    for (let i = 0; i < 20; i++)
        await post(server, ann.token, room, `text ${i}`);
    await posted(receiver, 21);
    assert.equal(new Set(receiver.posts.map(({ id }) => id)).size, receiver.posts.length);
});

test('messages go on while mail and webhooks hang', async () => {
    const order = [];
    const held = new Promise((resolve, reject) => { // takes a connection, and says nothing
        const silent = createTcp((socket) => {
            order.push('mail');
            socket.on('error', () => {});
            socket.on('close', () => order.push('over'));
            socket.resume();
        }).on('error', reject).listen(0, '127.0.0.1', () => resolve(silent));
    });
    const office = await held;
    receivers.push({ server: office });
    const dead = await receive((reply) => {
        order.push('webhook');
        reply.on('close', () => order.push('over'));
    });
    const server = await startWith([dead.url], {
        'smtp.server': `smtp://127.0.0.1:${office.address().port}`, 'smtp.tls': 'offered',
    });
    const { ann, bob, room } = await pair(server);
    await post(server, ann.token, room, 'the first');
    await eventually(async () => order,
        () => order.includes('mail') && order.includes('webhook'), 'both are under way');

    const device = await Native.open(server, bob.token);
    for (let i = 0; i < 20; i++) {
        await post(server, ann.token, room, `text ${i}`);
        await device.heardText(`text ${i}`);
        await device.heard(({ type, body }) => type === 'notified' && body.text === `text ${i}`);
    }
    order.push('told');
    const over = order.indexOf('over');
    assert.ok(over === -1 || order.indexOf('told') < over, `in this order: ${order}`);
});
