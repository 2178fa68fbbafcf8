// Mails while no server is set: files in the outbox, with links that work.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { call, eventually, must, signIn, signUp } from './client.mjs';
import { claimsOf } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

let server;
before(async () => {
    server = await Server.start({
        settings: {
            'smtp.from': 'chat@example.org',
            'mail.verify_link': 'https://app.example.org/verify?id={id}&then=home',
        },
    });
});
after(() => server.close());

const outbox = () => {
    try {
        return readdirSync(join(server.data, 'outbox')).filter((name) => name.endsWith('.eml'))
            .map((name) => readFileSync(join(server.data, 'outbox', name), 'utf8'));
    } catch {
        return [];
    }
};

/** The mails to an address, once there are so many. */
const mailsTo = (address, count) => eventually(
    async () => outbox().filter((mail) => mail.includes(`To: <${address}>\r\n`)),
    (mails) => mails.length === count, `${count} mails to ${address}`);

const idOf = (mail) => keepSecret(mail.match(/eyJ[\w.-]+/)[0]);

test('a sign-up with an e-mail is followed by a mail, whose link proves it', async () => {
    const ann = await signUp(server, 'ann', { email: 'ann@example.org' });
    const [mail] = await mailsTo('ann@example.org', 1);
    const [head, body] = mail.split('\r\n\r\n', 2);
    assert.match(head, /^From: <chat@example.org>$/m);
    assert.match(head, /^Subject: Confirm your e-mail address$/m);
    assert.match(head, /^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/m);
    assert.match(head, /^Message-ID: <mail\.1\.[0-9a-f]+@example.org>$/m);
    assert.equal(body, 'Hello ann,');
    assert.match(mail, /^https:\/\/app\.example\.org\/verify\?id=[\w.-]+&then=home\r$/m);
    assert.ok(!/[^\r]\n/.test(mail), 'lines end with CRLF');

    const id = idOf(mail);
    assert.equal(claimsOf(id).sub, String(ann.id));
    assert.equal((await call(server, 'POST', '/v1/email-verifications', { body: { id } })).status, 204);
    assert.equal((await must(server, 'GET', '/v1/me', ann)).verified, true);
});

test('a forgotten password is set anew by a mail', async () => {
    await signUp(server, 'bob', { email: 'bob@example.org' });
    await mailsTo('bob@example.org', 1);
    await must(server, 'POST', '/v1/password-resets', { body: { login: 'bob' } });
    const mails = await mailsTo('bob@example.org', 2);
    const id = idOf(mails.find((mail) => mail.includes('Subject: Set a new password')));
    const password = keepSecret('another password');
    const reset = await call(server, 'PUT', '/v1/password-resets', { body: { id, password } });
    assert.equal(reset.status, 204);
    await signIn(server, 'bob', password);
});

test('mails lie there for their owner only', async () => {
    await mailsTo('ann@example.org', 1);
    const folder = join(server.data, 'outbox');
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    for (const name of readdirSync(folder))
        assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
});

test('who has no e-mail gets no mail, and nothing is sent twice over a restart', async () => {
    const before = outbox().length;
    await signUp(server, 'cat');
    await must(server, 'POST', '/v1/password-resets', { body: { login: 'cat' } });
    await server.restart();
    await signUp(server, 'dan', { email: 'dan@example.org' });
    await mailsTo('dan@example.org', 1);
    assert.equal(outbox().length, before + 1);
});

test('a mail that waited for the dead server is sent once it is back', async () => {
    const born = signUp(server, 'eva', { email: 'eva@example.org' });
    await born;
    await server.kill();
    await server.launch();
    await mailsTo('eva@example.org', 1);
});
