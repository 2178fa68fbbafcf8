// Mails to a mail server (smtp-server): signed in, over TLS, refused, late, and while it is dead.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';

import { call, eventually, makeRoom, post, signUp } from './client.mjs';
import { PostOffice } from './post_office.mjs';
import { Server, keepSecret } from './server.mjs';

const servers = [];
const posts = [];
afterEach(async () => { await Promise.all(posts.splice(0).map((mail) => mail.close())); });
after(() => Promise.all(servers.map((server) => server.close())));

async function openOffice(options) {
    const office = await PostOffice.open(options);
    posts.push(office);
    return office;
}

async function startWith(port, settings = {}) {
    const server = await Server.start({
        settings: {
            'smtp.server': `smtp://127.0.0.1:${port}`,
            'smtp.tls': 'offered',
            'smtp.from': 'chat@example.org',
            ...settings,
        },
    });
    servers.push(server);
    return server;
}

test('a mail reaches its server', async () => {
    const mail = await openOffice();
    const server = await startWith(mail.port);
    await signUp(server, 'ann', { email: 'ann@example.org' });
    const [{ from, to, text }] = await mail.arrived(1);
    assert.equal(from, 'chat@example.org');
    assert.deepEqual(to, ['ann@example.org']);
    assert.match(text, /^Subject: Confirm your e-mail address\r$/m);
    const id = keepSecret(text.match(/eyJ[\w.-]+/)[0]);
    assert.equal((await call(server, 'POST', '/v1/email-verifications', { body: { id } })).status, 204);
});

test('it is signed in as the settings say', async () => {
    const secret = keepSecret('a long password of the relay');
    const mail = await openOffice({
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: ({ username, password }, session, done) =>
            done(null, password === secret ? { user: username } : undefined),
    });
    const server = await Server.plan({
        settings: {
            'smtp.server': `smtp://127.0.0.1:${mail.port}`, 'smtp.tls': 'offered', 'smtp.user': 'kith',
        },
    });
    servers.push(server);
    server.settings['smtp.password_file'] = join(server.base, 'password');
    writeFileSync(server.settings['smtp.password_file'], `${secret}\n`, { mode: 0o600 });
    await server.launch();
    await signUp(server, 'bob', { email: 'bob@example.org' });
    assert.equal((await mail.arrived(1))[0].user, 'kith');
});

test('a server without TLS gets nothing unless that is allowed', async () => {
    const mail = await openOffice();
    const server = await startWith(mail.port, { 'smtp.tls': 'required' });
    await signUp(server, 'cat', { email: 'cat@example.org' });
    await eventually(async () => server.log(), (log) => /mail 1 was not sent: .*; it is tried again/.test(log),
        'a line in the log');
    assert.equal(mail.mails.length, 0);
});

test('an address that is refused for good is given up', async () => {
    const mail = await openOffice({
        onAddress: (address) => address.startsWith('nobody')
            ? Object.assign(new Error('no such person'), { responseCode: 550 }) : undefined,
    });
    const server = await startWith(mail.port);
    await signUp(server, 'dan', { email: 'nobody@example.org' });
    await eventually(async () => server.log(),
        (log) => log.includes('mail 1 was not sent: the server answered 550; given up'), 'a line in the log');
    await signUp(server, 'eva', { email: 'eva@example.org' });
    assert.deepEqual((await mail.arrived(1))[0].to, ['eva@example.org']);
});

test('a dead mail server delays no message', async () => {
    const mail = await openOffice();
    const { port } = mail;
    await mail.close();
    const server = await startWith(port);
    const fay = await signUp(server, 'fay', { email: 'fay@example.org' });
    await eventually(async () => server.log(), (log) => /mail 1 was not sent: .*; it is tried again/.test(log),
        'a line in the log');
    const { id } = await makeRoom(server, fay.token);
    assert.equal((await post(server, fay.token, id, 'all is well')).seq, 1);
});

test('a mail server that says nothing holds up neither messages nor the end', async () => {
    const silent = await openOffice({ onConnect: () => {} }); // takes the call, and is silent
    const server = await startWith(silent.port);
    const gus = await signUp(server, 'gus', { email: 'gus@example.org' });
    const { id } = await makeRoom(server, gus.token);
    assert.equal((await post(server, gus.token, id, 'all is well')).seq, 1);
    const began = Date.now();
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    assert.ok(Date.now() - began < 10_000, 'it ends in time');
});
