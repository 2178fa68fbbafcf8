// Tickets of the matchmaker end when their people go offline, are banned or deleted; those that
// stay do not, and whoever was away finds the match.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { Native, eventually, must, signIn, signUp } from './client.mjs';
import { signUpAs } from './operator.mjs';
import { Server } from './server.mjs';

const PATIENCE_MS = 60_000;

let server, root, ann, bob, count = 0;
before(async () => {
    server = await Server.start({ split: true });
    root = await signUpAs(server, 'root', 'admin');
});
after(() => server.close());

let queue;
beforeEach(async () => {
    count++;
    queue = `queue ${count}`;
    [ann, bob] = await Promise.all(['ann', 'bob'].map((name) => signUp(server, `${name}${count}`)));
});

const open = (who, ask = {}) =>
    must(server, 'POST', '/v1/me/ticket', { token: who.token, body: { queue, ...ask } });
const own = (who) => must(server, 'GET', '/v1/me/ticket', who);
const closed = async (who) =>
    (await eventually(() => own(who), ({ state }) => state === 'closed', 'the end', PATIENCE_MS)).reason;
const matched = (who) =>
    eventually(() => own(who), ({ room }) => room !== undefined, 'the match', PATIENCE_MS);

test('who goes offline waits no longer, and the next one is not matched with them', async () => {
    const natives = await Promise.all([1, 2].map(() => Native.open(server, ann.token)));
    await open(ann);
    await natives[0].close();
    assert.equal((await own(ann)).state, 'open', 'there is another connection');
    await natives[1].terminate();
    assert.equal(await closed(ann), 'left');
    const cat = await signUp(server, `cat${count}`);
    await open(bob, { stay: true });
    await open(cat, { stay: true });
    assert.deepEqual((await matched(cat)).accounts, [bob.id, cat.id]);
});

test('who goes offline again and again has each ticket closed', async () => {
    for (let again = 0; again < 3; again++) {
        const native = await Native.open(server, ann.token);
        await open(ann);
        await native.terminate();
        assert.equal(await closed(ann), 'left');
    }
});

test('who never comes online waits for a while only', async () => {
    await open(ann);
    await must(server, 'PUT', '/v1/me/presence', { token: bob.token, body: { online: true } });
    await open(bob, { queue: `${queue} too` });
    assert.equal(await closed(ann), 'left');
    assert.equal((await own(bob)).state, 'open', 'says to be online');
    await must(server, 'PUT', '/v1/me/presence', { token: bob.token, body: { online: false } });
    assert.equal(await closed(bob), 'left');
});

test('who stays is matched while away, resumes with the news and has a notice', async () => {
    const native = await Native.open(server, ann.token);
    await open(ann, { stay: true });
    const { lastSeq } = native;
    await native.terminate();
    await open(bob, { stay: true });
    const { room } = await matched(ann);
    const again = await Native.open(server, ann.token, { since: lastSeq });
    const told = await again.heard(({ type }) => type === 'ticket.matched');
    assert.equal(told.body.room, room);
    const notices = () => must(server, 'GET', '/v1/notifications', ann);
    const { notifications: [notice] } =
        await eventually(notices, ({ unread }) => unread === 1, 'the notice');
    assert.deepEqual([notice.kind, notice.room, notice.text], ['match', room, queue]);
    assert.equal(again.events.filter(({ type }) => type === 'ticket.matched').length, 1);
    again.close();
});

test('who is banned or deleted is matched with nobody', async () => {
    await open(ann, { stay: true });
    await must(server, 'PUT', `/v1/admin/accounts/${ann.id}/ban`, { token: root.token, body: {} });
    await must(server, 'DELETE', `/v1/admin/accounts/${ann.id}/ban`, root);
    const back = await signIn(server, ann.account.login, ann.password);
    assert.equal(await closed(back), 'removed');
    await open(bob, { stay: true });
    await must(server, 'DELETE', `/v1/admin/accounts/${bob.id}`, root);
    const [cat, dan] = await Promise.all(['cat', 'dan'].map((name) => signUp(server, `${name}${count}`)));
    await open(cat, { stay: true });
    await open(dan, { stay: true });
    assert.deepEqual((await matched(dan)).accounts, [cat.id, dan.id]);
});

test('who was at an edge that is killed waits no longer', async () => {
    const native = await Native.open(server, ann.token);
    await open(ann);
    await server.daemons.get('edge').kill();
    await native.closed;
    server.spawnRole('edge');
    const asked = () => own(ann).catch(() => ({}));
    const { reason } = await eventually(asked, ({ state }) => state === 'closed', 'the end', PATIENCE_MS);
    assert.equal(reason, 'left');
});
