// Webhooks: each notification reaches the operator's servers, signed, again and again if need be.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { Native, call, eventually, must, post, refused, signUp } from './client.mjs';
import { signUpAs } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

const KEY = Buffer.from('a key of the webhooks, long enough');
const SECRET = keepSecret(`whsec_${KEY.toString('base64')}`);

const servers = [];
const receivers = [];
after(async () => {
    await Promise.all(servers.map((server) => server.close()));
    receivers.forEach((receiver) => receiver.close());
});

/** A server that answers each POST as `answer` says (a status), and notes it. */
class Receiver {
    static async open(answer = () => 204, port = 0) {
        const self = new Receiver();
        self.posts = [];
        self.server = createServer((request, reply) => {
            const parts = [];
            request.on('data', (part) => parts.push(part));
            request.on('end', () => {
                const text = String(Buffer.concat(parts));
                self.posts.push({ headers: request.headers, text, body: JSON.parse(text) });
                reply.writeHead(answer(self.posts)).end();
            });
        });
        await new Promise((resolve) => self.server.listen(port, '127.0.0.1', resolve));
        self.port = self.server.address().port;
        receivers.push(self);
        return self;
    }

    get url() {
        return `http://127.0.0.1:${this.port}/hook?for=kith`;
    }

    close() {
        this.server.closeAllConnections();
        return new Promise((resolve) => this.server.close(resolve));
    }

    arrived(count) {
        return eventually(async () => this.posts, (posts) => posts.length >= count, `${count} posts`, 30_000);
    }
}

async function startWith(...urls) {
    const server = await Server.plan({ settings: { 'webhook.urls': urls.join(' ') } });
    servers.push(server);
    server.settings['webhook.secret_file'] = join(server.base, 'secret');
    writeFileSync(server.settings['webhook.secret_file'], `${SECRET}\n`, { mode: 0o600 });
    await server.launch();
    return server;
}

/** Ann and Bob, and something that she said to him. */
async function tell(server, text = 'hello') {
    const [ann, bob] = await Promise.all(['ann', 'bob'].map((login) => signUp(server, login)));
    const { id: room } = await must(server, 'POST', '/v1/direct', {
        token: ann.token, body: { account: bob.id },
    });
    await post(server, ann.token, room, text);
    return { ann, bob, room };
}

function assertSigned({ headers, text }) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
    const wanted = `v1,${createHmac('sha256', KEY).update(signed).digest('base64')}`;
    assert.equal(headers['webhook-signature'], wanted);
    assert.ok(Math.abs(headers['webhook-timestamp'] - Date.now() / 1000) < 60);
}

const idsOf = (posts) => posts.map(({ headers }) => headers['webhook-id']);

test('a notification reaches each server, signed', async () => {
    const [one, other] = [await Receiver.open(), await Receiver.open()];
    const server = await startWith(one.url, other.url);
    const { ann, bob, room } = await tell(server);
    for (const receiver of [one, other]) {
        const [first] = await receiver.arrived(1);
        assertSigned(first);
        assert.equal(first.headers['content-type'], 'application/json');
        assert.equal(first.body.type, 'notified');
        const { kind, account, from, text } = first.body.data;
        assert.deepEqual({ kind, account, from, text },
            { kind: 'message', account: bob.id, from: ann.id, text: 'hello' });
        assert.equal(first.body.data.room, room);
        assert.equal(first.body.data.since, undefined, 'nothing hidden is shown');
    }
    assert.equal(one.posts.length + other.posts.length, 2);
});

test('it comes again until it is taken, under the same id', async () => {
    const receiver = await Receiver.open((posts) => (posts.length < 3 ? 503 : 200));
    const server = await startWith(receiver.url);
    await tell(server);
    const posts = await receiver.arrived(3);
    assert.equal(new Set(idsOf(posts)).size, 1);
    posts.forEach(assertSigned);
    assert.match(server.log(), /webhook 1 was not sent: the answer was 503; it is tried again/);
});

test('a dead receiver delays no message, and hears of it when both are back', async () => {
    const gone = await Receiver.open();
    await gone.close();
    const server = await startWith(gone.url);
    const { ann, bob, room } = await tell(server);
    const device = await Native.open(server, bob.token);
    await post(server, ann.token, room, 'at once');
    await device.heardText('at once');
    await server.kill();
    const back = await Receiver.open(() => 204, gone.port);
    await server.launch();
    const posts = await back.arrived(2);
    assert.deepEqual(posts.map(({ body }) => body.data.text).sort(), ['at once', 'hello']);
});

test('what is refused for good is laid aside, and sent again when staff says so', async () => {
    const receiver = await Receiver.open((posts) => (posts.length < 3 ? 410 : 204));
    const server = await startWith(receiver.url);
    const { ann } = await tell(server);
    const admin = await signUpAs(server, 'root', 'admin');
    const list = () => must(server, 'GET', '/v1/admin/webhooks', admin);
    const { webhooks: [dead] } = await eventually(list, ({ webhooks }) => webhooks.length === 1, 'one');
    assert.equal(dead.reason, 'the answer was 410');
    assert.equal(dead.url, receiver.url);
    assert.equal(JSON.parse(dead.body).data.text, 'hello');
    await refused(server, 'forbidden', 'GET', '/v1/admin/webhooks', ann);
    await refused(server, 'forbidden', 'POST', `/v1/admin/webhooks/${dead.id}/retry`,
        { token: ann.token, body: {} });
    await refused(server, 'not_found', 'POST', '/v1/admin/webhooks/999/retry',
        { token: admin.token, body: {} });
    const again = await call(server, 'POST', `/v1/admin/webhooks/${dead.id}/retry`,
        { token: admin.token, body: {} });
    assert.equal(again.status, 204);
    await receiver.arrived(2);
    await eventually(list, ({ webhooks }) => webhooks.length === 1, 'laid aside again');
    const device = await Native.open(server, admin.token);
    await device.request('webhook.retry', { id: dead.id });
    const posts = await receiver.arrived(3);
    assert.equal(new Set(idsOf(posts)).size, 1);
    assert.deepEqual((await list()).webhooks, []);
    assert.deepEqual((await device.request('webhook.failed')).body.webhooks, []);
    await assert.rejects(device.request('webhook.retry', { id: dead.id }), { name: 'not_found' });
});

test('settings that cannot work are told at the start', () => {
    const fault = (...settings) => {
        const done = spawnSync(process.env.KITHD, ['--check', ...settings.flatMap((set) => ['--set', set])],
            { encoding: 'utf8' });
        assert.equal(done.status, 2);
        return done.stderr;
    };
    assert.match(fault('webhook.urls=ftp://example.org'), /begin with http:\/\/ or https:/);
    assert.match(fault('webhook.urls=https://example.org'), /needs `webhook.secret_file` too/);
    assert.match(fault('smtp.server=mail.example.org'), /smtp:\/\/HOST:PORT/);
    assert.match(fault('smtp.from=nobody'), /an address such as/);
    assert.match(fault('digest.after=soon'), /`digest.after` and `digest.every` take seconds/);
    assert.match(fault('digest.every=0'), /`digest.after` and `digest.every` take seconds/);
});
