// kith account, kith room, kith key: what an operator does to a running server.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { Native, call, makeRoom, must, refused, signIn, signUp } from './client.mjs';
import { Server, keepSecret } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1, USAGE = 2;

let server, ann;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann', { email: 'ann@example.org' });
});
after(() => server.close());

/** Run a command on the server; `input` is what it reads. */
function kith(args, { input = '', status = GOOD } = {}) {
    const done = spawnSync(KITH, ['--data', server.data, '--bus', server.bus, ...args],
        { encoding: 'utf8', input });
    assert.equal(done.status, status, `kith ${args.join(' ')}: ${done.stdout}${done.stderr}`);
    return done.stdout;
}

const shown = (name) => JSON.parse(kith(['account', 'show', name, '--json']));

test('accounts are made, listed and shown', async () => {
    const password = keepSecret('from-a-pipe-1');
    kith(['account', 'create', 'boss', '--role', 'admin', '--email', 'boss@example.org', '--password'],
        { input: `${password}\n` });
    const boss = await signIn(server, 'boss', password);
    assert.equal(boss.account.role, 'admin');
    const listed = kith(['account', 'list']).split('\n');
    assert.match(listed[0], /^id +login +role/);
    assert.ok(listed.some((line) => /ann .*ann@example\.org/.test(line)));
    const accounts = kith(['account', 'list', '--json']).trim().split('\n').map(JSON.parse);
    assert.ok(accounts.some(({ login, role }) => login === 'boss' && role === 'admin'));
    assert.match(kith(['account', 'show', 'ann']), /login +ann\n/);
    assert.equal(shown(`#${ann.id}`).login, 'ann');
    assert.match(spawnSync(KITH, ['--bus', server.bus, 'account', 'show', 'nobody'],
        { encoding: 'utf8' }).stderr, /no such thing/i);
});

test('an account without a password gets one by a link', async () => {
    kith(['account', 'create', 'newbie']);
    await must(server, 'POST', '/v1/password-resets', { body: { login: 'newbie' } });
    const id = keepSecret(kith(['account', 'link', 'newbie', 'reset']).trim());
    const password = keepSecret('chosen-later-1');
    await must(server, 'PUT', '/v1/password-resets', { body: { id, password } });
    await signIn(server, 'newbie', password);
    kith(['account', 'link', 'newbie', 'reset'], { status: BAD });
    kith(['account', 'link', 'newbie', 'wedding'], { status: USAGE });
});

test('an e-mail is proven by its link, or by an operator\'s word', async () => {
    assert.equal(shown('ann').verified ?? false, false);
    const id = keepSecret(kith(['account', 'link', 'ann', 'verify']).trim());
    await must(server, 'POST', '/v1/email-verifications', { body: { id } });
    assert.equal(shown('ann').verified, true);
    await signUp(server, 'bea', { email: 'bea@example.org' });
    kith(['account', 'verify', 'bea']);
    assert.equal(shown('bea').verified, true);
});

test('a ban ends sessions at once, and says why', async () => {
    const rude = await signUp(server, 'rude');
    const client = await Native.open(server, rude.token);
    kith(['account', 'ban', 'rude', '--until', '2099-12-31', '--reason', 'spam']);
    assert.equal((await client.closed).code, 4401);
    const error = await refused(server, 'banned', 'POST', '/v1/sessions',
        { body: { login: 'rude', password: rude.password } });
    assert.match(error.detail, /spam/);
    kith(['account', 'unban', 'rude']);
    await signIn(server, 'rude', rude.password);
    kith(['account', 'ban', 'rude', '--until', 'tomorrow'], { status: USAGE });
});

test('roles are given and accounts deleted', async () => {
    const cleo = await signUp(server, 'cleo');
    kith(['account', 'role', 'cleo', 'moderator']);
    assert.equal((await must(server, 'GET', '/v1/me', cleo)).role, 'moderator');
    kith(['account', 'role', 'cleo', 'king'], { status: USAGE });
    kith(['account', 'delete', 'cleo']);
    assert.equal((await call(server, 'GET', '/v1/me', cleo)).status, 401);
});

test('rooms are listed and shown', async () => {
    const room = await makeRoom(server, ann.token, 'private', 'a secret place');
    assert.match(kith(['room', 'list']), new RegExp(`\\b${room.gid}\\b.*a secret place`));
    const wild = await makeRoom(server, ann.token, 'open', 'wild\u001b[31m\n\u009b');
    for (const seen of [kith(['room', 'list']), kith(['room', 'show', String(wild.id)])])
        assert.match(seen, /wild\\u001b\[31m\\u000a\\u009b\n/, 'no name steers a terminal');
    const page = kith(['room', 'show', String(room.id)]);
    assert.match(page, /name +a secret place/);
    assert.match(page, new RegExp(`#${ann.id} +owner`));
    kith(['room', 'show', 'kitchen'], { status: USAGE });
    kith(['room', 'show', '999'], { status: BAD });
});

test('a key does what its scopes say, until it is revoked', async () => {
    const token = keepSecret(kith(['key', 'create', 'shop', '--scopes', 'accounts rooms']).trim());
    await must(server, 'GET', `/v1/accounts/${ann.id}`, { token });
    await refused(server, 'forbidden', 'POST', `/v1/admin/accounts/${ann.id}/sessions`,
        { token, body: {} });
    const [row] = kith(['key', 'list']).split('\n').filter((line) => line.includes('shop'));
    kith(['key', 'revoke', row.split(' ')[0]]);
    assert.equal((await call(server, 'GET', `/v1/accounts/${ann.id}`, { token })).status, 401);
    kith(['key', 'create', 'shop', '--scopes', 'everything'], { status: BAD });
    kith(['key', 'create', 'shop'], { status: USAGE });
});

test('what is missing is said', () => {
    const alone = (...args) => spawnSync(KITH, args, { encoding: 'utf8' });
    assert.match(alone('account', 'list').stderr, /say where/);
    assert.match(alone('--bus', server.bus, 'account', 'show').stderr, /account show LOGIN/);
    assert.match(alone('--bus', server.bus, 'account', 'link', 'ann', 'verify').stderr, /--data/);
    assert.equal(alone('--bus', 'ipc:///nowhere/bus', 'account', 'list').status, BAD);
});

test('bash completes commands and options', () => {
    const complete = (...words) => spawnSync('bash', ['-c',
        `source <("${KITH}" completion); COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')});`
        + `COMP_CWORD=${words.length - 1}; _kith; echo "\${COMPREPLY[@]}"`], { encoding: 'utf8' })
        .stdout.trim().split(' ');
    assert.deepEqual(complete('kith', 'acc'), ['account']);
    assert.ok(complete('kith', 'account', '').includes('show'));
    assert.deepEqual(complete('kith', 'account', 'list', '--js'), ['--json']);
});
