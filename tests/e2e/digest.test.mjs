// Digests: one mail for who is away, of what they have not read; once, and never of the same.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, eventually, must, post, refused, signUp } from './client.mjs';
import { journalOf, openLink } from './operator.mjs';
import { PostOffice } from './post_office.mjs';
import { Server, keepSecret } from './server.mjs';

let office, server;
before(async () => {
    office = await PostOffice.open();
    server = await Server.start({
        settings: {
            'smtp.server': `smtp://127.0.0.1:${office.port}`,
            'smtp.tls': 'offered',
            'smtp.from': 'chat@example.org',
            'public_url': 'https://chat.example.org',
            'mail.inbox_link': 'https://app.example.org/inbox',
            'digest.after': 2,
            'digest.every': 1,
        },
    });
});
after(async () => {
    await server.close();
    await office.close();
});

/** Somebody whose e-mail is proven. */
async function arrive(login) {
    const person = await signUp(server, login, { email: `${login}@example.org` });
    await must(server, 'POST', '/v1/email-verifications',
        { body: { id: openLink(server, login, 'verify') } });
    return { ...person, login };
}

const like = (by, person) =>
    must(server, 'PUT', `/v1/people/${person.id}/like`, { token: by.token, body: {} });
const digestsTo = ({ login }) => office.mails.filter(({ to: [address], text }) =>
    address === `${login}@example.org` && text.includes('Subject: What you have not read yet'));
const digested = (person, count) => eventually(async () => digestsTo(person),
    (mails) => mails.length >= count, `digest ${count} for ${person.login}`, 60_000);
const idOf = (mail) => keepSecret(mail.match(/unsubscriptions\/(eyJ[\w.-]+)/)[1]);

test('who is away is sent what they have not read, in one mail', async () => {
    const [ann, bob] = [await arrive('ann'), await arrive('bob')];
    const { id: room } = await must(server, 'POST', '/v1/direct',
        { token: ann.token, body: { account: bob.id } });
    await post(server, ann.token, room, 'a secret between us');
    const [{ from, text }] = await digested(bob, 1);
    assert.equal(from, 'chat@example.org');
    assert.match(text, /^Message-ID: <mail\.\d+\.[0-9a-f]+@example\.org>\r$/m);
    assert.match(text, /^List-Unsubscribe: <https:\/\/chat\.example\.org\/v1\/unsubscriptions\/eyJ[\w.-]+>\r$/m);
    assert.match(text, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    const lines = text.slice(text.indexOf('\r\n\r\n') + 4).split('\r\n');
    assert.deepEqual(lines.slice(0, 7), [
        'Hello bob,', '', 'this has come while you were away:', '',
        '  * 1 unread message from ann', '', 'https://app.example.org/inbox',
    ]);
    assert.ok(!text.includes('secret'), 'nothing of what was said');
    idOf(text);
});

test('one click ends digests, and no other link does', async () => {
    const [cat, dan, eva] = [await arrive('cat'), await arrive('dan'), await arrive('eva')];
    await like(cat, dan);
    const [{ text }] = await digested(dan, 1);
    const path = `/v1/unsubscriptions/${idOf(text)}`;
    const click = () => fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'List-Unsubscribe=One-Click',
    });
    assert.equal((await call(server, 'GET', path)).status, 405);
    const device = await Native.open(server, dan.token);
    assert.equal((await click()).status, 204);
    await device.heard(({ type, body }) => type === 'notification.preferred' && body.kind === 'digest');
    assert.equal((await click()).status, 204);
    const { preferences } = await must(server, 'GET', '/v1/notifications/preferences', dan);
    assert.equal(preferences.find(({ kind }) => kind === 'digest').wish, 'off');
    const error = await refused(server, 'invalid', 'POST', '/v1/unsubscriptions/eyJhbGciOiJub25lIn0.e30.');
    assert.match(error.detail, /`id`: is not that of a digest/);
    await signUp(server, 'eve', { email: 'eve@example.org' });
    await refused(server, 'invalid', 'POST', `/v1/unsubscriptions/${openLink(server, 'eve', 'verify')}`);
    await refused(server, 'invalid', 'POST', '/v1/email-verifications', { body: { id: idOf(text) } });
    device.socket.close();
    await like(eva, dan);
    await like(cat, eva);
    await digested(eva, 1);
    assert.equal(digestsTo(dan).length, 1);
});

test('who is connected or has no proven address is sent none', async () => {
    const [fay, gus, joe] = [await arrive('fay'), await arrive('gus'), await arrive('joe')];
    const hal = { login: 'hal', ...await signUp(server, 'hal', { email: 'hal@example.org' }) };
    const device = await Native.open(server, gus.token);
    for (const person of [gus, hal, joe])
        await like(fay, person);
    const [{ text }] = await digested(joe, 1);
    idOf(text);
    for (const person of [gus, hal])
        assert.deepEqual(digestsTo(person), []);
    device.socket.close();
});

test('a digest is queued once, whatever is killed', async () => {
    const [kim, leo, mia] = [await arrive('kim'), await arrive('leo'), await arrive('mia')];
    await like(kim, leo);
    await eventually(() => must(server, 'GET', '/v1/notifications/unread', leo),
        ({ unread }) => unread === 1, 'news');
    for (let i = 0; i < 3; i++) {
        await server.kill();
        await server.launch();
    }
    const [{ text }] = await digested(leo, 1);
    idOf(text);
    await server.kill();
    await server.launch();
    await like(kim, mia);
    idOf((await digested(mia, 1))[0].text);
    await server.stop();
    const queued = journalOf(server).filter(({ type, account, body }) =>
        type === 'mail.queued' && account === leo.id && body.mail.purpose === 'digest');
    assert.equal(queued.length, 1);
    await server.launch();
});
