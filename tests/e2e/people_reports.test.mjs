// Reports: who is reported is not recommended to who reported, moderators have a queue, and what
// they decide is told; a ban ends the person's sessions.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, eventually, call, must, refused, signIn, signUp } from './client.mjs';
import { signUpAs } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

let server, mod, root, ann, bob;
before(async () => {
    server = await Server.start();
    root = await signUpAs(server, 'root', 'admin');
    mod = await signUpAs(server, 'mod', 'moderator');
    [ann, bob] = await Promise.all(['ann', 'bob'].map((name) => signUp(server, name)));
});
after(() => server.close());

const report = (who, whom, reason = 'spam') => must(server, 'POST',
    `/v1/people/${whom.id}/reports`, { token: who.token, body: { reason, text: 'buy this' } });
const resolve = (who, id, body) => must(server, 'PUT', `/v1/admin/reports/${id}`,
    { token: who.token, body });
const queue = async (query = '') =>
    (await must(server, 'GET', `/v1/admin/reports${query}`, mod)).reports;

test('a report waits in the queue, once', async () => {
    const first = await report(ann, bob);
    assert.equal((await report(ann, bob, 'fake')).id, first.id);
    const [waiting] = (await queue()).filter(({ id }) => id === first.id);
    assert.deepEqual([waiting.account, waiting.by, waiting.reason, waiting.text],
        [bob.id, ann.id, 'spam', 'buy this']);
    for (const who of [ann, bob]) {
        await refused(server, 'forbidden', 'GET', '/v1/admin/reports', who);
        await refused(server, 'forbidden', 'PUT', `/v1/admin/reports/${first.id}`,
            { token: who.token, body: { outcome: 'dismissed' } });
    }
});

test('what is decided is told to who reported, and is decided', async () => {
    const native = await Native.open(server, ann.token);
    const { id } = await report(ann, mod);
    await resolve(root, id, { outcome: 'warned', note: 'be nice' });
    const { body } = await native.heard((event) => event.type === 'report.resolved');
    assert.deepEqual(body, { report: id, account: mod.id, by: ann.id, outcome: 'warned' });
    await resolve(root, id, { outcome: 'warned' });
    await refused(server, 'invalid', 'PUT', `/v1/admin/reports/${id}`,
        { token: root.token, body: { outcome: 'dismissed' } });
    assert.ok(!(await queue()).some((waiting) => waiting.id === id));
    const decided = (await queue('?all=true')).find((one) => one.id === id);
    assert.deepEqual([decided.outcome, decided.moderator, decided.note],
        ['warned', root.id, 'be nice']);
    native.close();
});

test('a ban ends the sessions of who was reported', async () => {
    const cat = await signUp(server, 'cat');
    const { id } = await report(ann, cat, 'harassment');
    await resolve(mod, id, { outcome: 'banned' });
    await eventually(() => call(server, 'GET', '/v1/me', cat), ({ status }) => status === 401,
        'the end of the session');
    await assert.rejects(signIn(server, 'cat', cat.password), /banned/);
    await refused(server, 'not_found', 'GET', `/v1/people/${cat.id}`, ann);
});

test('moderators ban no staff, and the wrong is refused', async () => {
    const { id } = await report(ann, root);
    const ask = (body) => ['PUT', `/v1/admin/reports/${id}`, { token: mod.token, body }];
    await refused(server, 'forbidden', ...ask({ outcome: 'banned' }));
    await refused(server, 'invalid', ...ask({ outcome: 'warned', until: 1 }));
    await refused(server, 'invalid', ...ask({}));
    await refused(server, 'not_found', 'PUT', '/v1/admin/reports/999',
        { token: mod.token, body: { outcome: 'warned' } });
    await refused(server, 'invalid', 'POST', `/v1/people/${bob.id}/reports`,
        { token: ann.token, body: {} });
});

test('a key sees to reports by its scope, be it the system\'s or a bot\'s', async () => {
    const robot = await signUpAs(server, 'robot', 'bot');
    const makeKey = async (scopes, account) => {
        const key = await must(server, 'POST', '/v1/admin/keys',
            { token: root.token, body: { name: 'reports', scopes, account } });
        keepSecret(key.token);
        return key;
    };
    for (const [login, account] of [['dan', undefined], ['eva', robot.id]]) {
        const { id } = await report(ann, await signUp(server, login));
        const key = await makeKey('people', account);
        const { reports } = await must(server, 'GET', '/v1/admin/reports', key);
        assert.ok(reports.some((waiting) => waiting.id === id));
        assert.equal((await resolve(key, id, { outcome: 'banned' })).moderator, key.account.id);
        const other = await makeKey('rooms', account);
        await refused(server, 'forbidden', 'GET', '/v1/admin/reports', other);
    }
    await refused(server, 'forbidden', 'GET', '/v1/admin/reports', robot);
    const { id } = await report(ann, root);
    await refused(server, 'forbidden', 'PUT', `/v1/admin/reports/${id}`,
        { token: (await makeKey('people', robot.id)).token, body: { outcome: 'banned' } });
});
