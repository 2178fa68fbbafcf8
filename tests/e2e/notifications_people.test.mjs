// Notifications of what people think of each other: visits, likes, matches, chats, reports.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, eventually, must, signUp } from './client.mjs';
import { signUpAs } from './operator.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    [ann, bob] = await Promise.all(['ann', 'bob'].map((login) => signUp(server, login)));
    for (const { token } of [ann, bob]) // who has no profile is not looked at
        await must(server, 'PATCH', '/v1/me/profile', { token, body: { first_name: 'A', age: 30 } });
});
after(() => server.close());

const PUT = (path, who) => must(server, 'PUT', path, { token: who.token, body: {} });
const POST = (path, who, body = {}) => must(server, 'POST', path, { token: who.token, body });
const inbox = (who) => must(server, 'GET', '/v1/notifications', who);

const told = (device, kind) =>
    device.heard(({ type, body }) => type === 'notified' && body.kind === kind, kind);

test('a visit and a like are told, twice in a minute once', async () => {
    const device = await Native.open(server, bob.token);
    await POST(`/v1/people/${bob.id}/visits`, ann);
    await POST(`/v1/people/${bob.id}/visits`, ann);
    await PUT(`/v1/people/${bob.id}/like`, ann);
    assert.equal((await told(device, 'visit')).body.from_login, 'ann');
    assert.equal((await told(device, 'like')).body.from, ann.id);
    await must(server, 'DELETE', `/v1/people/${bob.id}/like`, ann);
    assert.equal((await told(device, 'unlike')).body.from, ann.id);
    await PUT(`/v1/people/${bob.id}/like`, ann);
    await PUT(`/v1/people/${ann.id}/like`, bob); // which is told after all that
    await told(device, 'match');
    const kinds = device.events.filter(({ type }) => type === 'notified').map(({ body }) => body.kind);
    assert.deepEqual(kinds, ['visit', 'like', 'unlike', 'match']);
});

test('a match is told to both', async () => {
    for (const [who, other] of [[ann, bob], [bob, ann]]) {
        const { notifications } = await eventually(() => inbox(who),
            (list) => list.notifications.some(({ kind }) => kind === 'match'), 'a match');
        const matches = notifications.filter(({ kind }) => kind === 'match');
        assert.equal(matches.length, 1);
        assert.equal(matches[0].from, other.id);
    }
});

test('who opens a chat is told of, a report is not told by whom', async () => {
    const [cat, dan] = await Promise.all(['cat', 'dan'].map((login) => signUp(server, login)));
    const moderator = await signUpAs(server, 'mo', 'moderator');
    const [his, hers] = await Promise.all([dan, cat].map(({ token }) => Native.open(server, token)));
    await PUT(`/v1/people/${dan.id}/chat`, cat);
    assert.equal((await told(his, 'connect')).body.from_login, 'cat');
    const report = await POST(`/v1/people/${dan.id}/reports`, cat, { reason: 'fake' });
    const { body } = await told(his, 'fake');
    assert.deepEqual([body.id, body.from, body.from_login], [undefined, undefined, undefined]);
    assert.ok((await inbox(dan)).notifications.every(({ kind }) => kind !== 'fake'));
    await must(server, 'PUT', `/v1/admin/reports/${report.id}`,
        { token: moderator.token, body: { outcome: 'dismissed' } });
    assert.equal((await told(hers, 'report')).body.text, 'dismissed');
});

test('what a blocked person did is in no inbox', async () => {
    await PUT(`/v1/people/${ann.id}/block`, bob);
    await eventually(() => inbox(bob),
        ({ notifications }) => notifications.every(({ from }) => from !== ann.id), 'nothing of Ann');
    await eventually(() => inbox(ann),
        ({ notifications }) => notifications.every(({ from }) => from !== bob.id), 'nothing of Bob');
});
