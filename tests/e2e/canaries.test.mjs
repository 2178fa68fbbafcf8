// Secrets with a name: passwords, tokens, keys, links and private words that are used once in every
// way, and then looked for wherever they have no business: logs, arguments and environments of the
// processes, core dumps, data, backups, exports, metrics, errors, and what others are shown.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { Native, call, makeRoom, must, post, refusedSocket, signIn, signUp } from './client.mjs';
import { openLink, signUpAs } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

const canary = (name) => keepSecret(`canary-${name}-${randomBytes(9).toString('hex')}`);

const password = canary('password');
const second = canary('second-password');
const settings = { pusher: canary('pusher-secret'), smtp: canary('smtp-password'), webhook: canary('webhook-secret') };
const words = canary('private-words');
const email = `${canary('mail')}@example.org`;

const credentials = [password, second, ...Object.values(settings)]; // and tokens, as they are made
let server;
let ann;
let bob;
let room;

before(async () => {
    server = await Server.plan({ settings: { log: 'debug' } });
    const file = join(server.base, 'kith.conf');
    const secret = (name) => {
        const path = join(server.base, name);
        writeFileSync(path, `${settings[name]}\n`, { mode: 0o600 });
        return path;
    };
    writeFileSync(file, [
        'pusher', '    app_id = "1"', '    key = "public"', `    secret = "${settings.pusher}"`,
        'smtp', `    password_file = "${secret('smtp')}"`,
        'webhook', '    urls = "https://localhost:1/hook"', `    secret_file = "${secret('webhook')}"`, '',
    ].join('\n'), { mode: 0o600 });
    const args = server.args.bind(server);
    server.args = () => ['--config', file, ...args()];
    await server.launch();
});
after(() => server.close());

const used = (secret) => {
    credentials.push(keepSecret(secret));
    return secret;
};

test('they are used in every way that there is', async () => {
    ann = await signUp(server, 'ann', { email, password });
    used(ann.token);
    bob = await signUpAs(server, 'bob', 'admin');
    used((await signIn(server, 'ann', password)).token);
    await call(server, 'POST', '/v1/sessions', { body: { login: 'ann', password: second } });
    const { token } = await must(server, 'PUT', '/v1/me/password', {
        token: ann.token, body: { password, new_password: second },
    });
    ann.token = used(token);
    used((await must(server, 'POST', '/v1/admin/keys', {
        token: bob.token, body: { name: 'a key', scopes: 'accounts' },
    })).token);
    await call(server, 'POST', '/v1/password-resets', { body: { login: 'ann' } });
    used(openLink(server, 'ann', 'reset'));
    room = await makeRoom(server, ann.token, 'private');
    await post(server, ann.token, room.id, words);
    const socket = await Native.open(server, ann.token);
    await assert.rejects(socket.request('room.get', { room: 999 }));
    await socket.close();
    await refusedSocket(`${server.socketUrl}/v1/ws?token=${ann.token}x`);
});

test('no process shows one in its arguments or its environment, or leaves a core', () => {
    for (const { pid } of server.daemons.values()) {
        for (const name of ['cmdline', 'environ'])
            assertNone(readFileSync(`/proc/${pid}/${name}`, 'latin1'), [...credentials, words], name);
        assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /^Max core file size +0 +0 /m);
    }
});

test('errors and metrics repeat none', async () => {
    const asked = [
        ['GET', `/v1/nothing/${ann.token}?token=${ann.token}`], ['GET', `/v1/me?token=${ann.token}x`],
        ['POST', '/v1/sessions', { login: 'ann', password: [password] }], ['GET', `/users/me?password=${password}`],
        ['POST', '/api/signin', { login: 'nobody', password }], ['POST', '/auth/login', { email, password: words }],
        ['PUT', '/v1/password-resets', { id: credentials.at(-1), password: 'x' }],
    ];
    for (const [method, path, body] of asked) {
        const reply = await fetch(server.url + path, { method, body: body && JSON.stringify(body) });
        assertNone(await reply.text(), [...credentials, words], path);
    }
    assertNone(await (await fetch(`${server.url}/metrics`)).text(), [...credentials, words, email], 'metrics');
});

test('others are shown none, and no address of mail', async () => {
    const carl = await signUp(server, 'carl');
    for (const path of ['/v1/accounts', `/v1/accounts/${ann.id}`, '/v1/rooms', '/v1/profiles', '/v1/people',
        '/v1/sessions', '/v1/search?text=canary', '/users/', '/api/users']) {
        const reply = await fetch(server.url + path, { headers: { authorization: `Bearer ${carl.token}` } });
        assertNone(await reply.text(), [...credentials, words, email], path);
    }
    const staff = await fetch(`${server.url}/v1/accounts`, { headers: { authorization: `Bearer ${bob.token}` } });
    assertNone(await staff.text(), [...credentials, words], 'for an admin');
});

test('nothing on disk has a credential, a backup no private words either', async () => {
    const backup = join(server.base, 'backup');
    kith('backup', backup);
    await server.stop();
    const exported = kith('export');
    assert.ok(exported.includes(words), 'an export is of what was said');
    assertNone(exported, credentials, 'export');
    assertNone(server.log(), [...credentials, words, email], 'log');
    for (const path of filesOf(server.data))
        assertNone(readFileSync(path, 'latin1'), credentials, path);
    for (const path of filesOf(backup))
        assertNone(readFileSync(path, 'latin1'), [...credentials, words, email], path);
});

function kith(...args) {
    const { status, stdout, stderr } = spawnSync(join(dirname(process.env.KITHD), 'kith'),
        ['--data', server.data, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
    assert.equal(status, 0, stderr);
    return stdout;
}

function assertNone(text, secrets, where) {
    for (const secret of secrets)
        assert.ok(!text.includes(secret), `${where} has ${secret.slice(0, 20)}…`);
}

const filesOf = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => !path.includes('/outbox/')); // mails, whose links are what they are for
