// What Pusher's clients are configured with: made at the first start, kept, shown to the
// operator and to nobody else; and what the settings open.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { must, signUp } from './client.mjs';
import { APP, Bare } from './pusher.mjs';
import { Server, keepSecret } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');

function kithPusher(server, ...more) {
    return spawnSync(KITH, ['--data', server.data, 'pusher', ...more], { encoding: 'utf8' });
}

test('they are made once, and kept', async () => {
    const server = await Server.plan();
    assert.equal(kithPusher(server).status, 1, 'before the first start there are none');
    await server.launch();
    const made = JSON.parse(kithPusher(server, '--json').stdout);
    keepSecret(made.secret);
    assert.match(made.app_id, /^[0-9]{7}$/);
    assert.match(made.key, /^[0-9a-f]{20}$/);
    assert.match(made.secret, /^[0-9a-f]{20}$/);
    const { stdout } = kithPusher(server);
    for (const text of Object.values(made))
        assert.ok(stdout.includes(text), text);
    assert.equal(statSync(join(server.data, 'pusher.app')).mode & 0o777, 0o600);

    const bare = await Bare.open(server, { path: `/app/${made.key}` });
    await bare.hello();
    await bare.close();
    await server.restart();
    assert.deepEqual(JSON.parse(kithPusher(server, '--json').stdout), made);
    await server.close();
});

test('what is set wins, and a reload names no secret', async () => {
    const server = await Server.plan({ settings: { 'pusher.key': 'chosen' } });
    const file = join(server.base, 'kith.conf');
    const secrets = ['first-secret-of-all', 'second-secret-of-all'].map(keepSecret);
    const write = (secret) => writeFileSync(file, `pusher\n    secret = "${secret}"\n`);
    write(secrets[0]);
    const args = server.args.bind(server);
    server.args = () => [...args(), '--config', file];
    await server.launch();
    await (await Bare.open(server, { path: '/app/chosen' })).hello();
    write(secrets[1]);
    process.kill(server.pid, 'SIGHUP');
    while (!server.log().includes('`pusher.secret` has changed'))
        await fetch(`${server.url}/readyz`);
    await server.close();
});

const faults = [
    ['pusher.secret=short', /`pusher\.secret`/],
    ['pusher.key=a/b', /`pusher\.key`/],
    ['pusher.app_id=a b', /`pusher\.app_id`/],
    ['pusher.cluster=a.b', /`pusher\.cluster`/],
    ['pusher.webhook=ftp://example.org', /`pusher\.webhook`/],
    ['pusher.activity_timeout=0', /`pusher\.activity_timeout`/],
];
for (const [setting, why] of faults) {
    test(`${setting} is refused`, () => {
        const { status, stderr } = spawnSync(process.env.KITHD, ['--check', '--set', setting], { encoding: 'utf8' });
        assert.equal(status, 2);
        assert.match(stderr, why);
        assert.ok(!stderr.includes(setting.split('=')[1]) || setting.includes('timeout'), 'without its value');
    });
}

test('channels that are open to all who are signed in', async () => {
    const server = await Server.start({
        settings: { ...APP, 'pusher.open_to_all': 'private-news presence-lobby-*' },
    });
    const ann = await signUp(server, 'ann');
    const bare = await Bare.open(server);
    await bare.hello();
    const ask = (name) => fetch(`${server.url}/api/pusher/auth`, {
        method: 'POST', headers: { authorization: `Bearer ${ann.token}` },
        body: new URLSearchParams({ socket_id: bare.id, channel_name: name }),
    });
    for (const name of ['private-news-2', 'presence-lobby', 'presence-other'])
        assert.equal((await ask(name)).status, 403, name);
    for (const name of ['private-news', 'presence-lobby-1']) {
        const right = await (await ask(name)).json();
        bare.say('pusher:subscribe', { channel: name, ...right });
        const { event, data } = await bare.next();
        assert.equal(event, 'pusher_internal:subscription_succeeded', name);
        assert.deepEqual(data.presence?.ids, name.startsWith('presence') ? [String(ann.id)] : undefined);
    }
    await must(server, 'DELETE', '/v1/session', { token: ann.token });
    assert.equal((await bare.closed).code, 4009, 'as Kith signed, so Kith ends it');
    await server.close();
});

test('the server asks who is silent', async () => {
    const server = await Server.start({ settings: { ...APP, 'pusher.activity_timeout': 1 } });
    const bare = await Bare.open(server);
    assert.equal((await bare.hello()).activity_timeout, 1);
    assert.equal((await bare.next()).event, 'pusher:ping');
    bare.say('pusher:pong', {});
    await bare.expectSilence();
    await bare.close();
    await server.close();
});

test('a file that says nothing of the kind is not taken', async () => {
    const server = await Server.start({ base: mkdtempSync(join(tmpdir(), 'kith-pusher-')) });
    const file = join(server.data, 'pusher.app');
    assert.ok(keepSecret(readFileSync(file, 'utf8').match(/secret = (\w+)/)[1]));
    writeFileSync(file, 'nothing of the kind\n');
    assert.equal(kithPusher(server).status, 1);
    await server.close();
    const { status, stderr } = spawnSync(process.env.KITHD, [...server.args(), '--check'], { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /pusher\.app/);
    rmSync(server.base, { recursive: true });
});
