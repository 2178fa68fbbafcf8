// What the server gives up before it serves: root's powers, files that are not its business, and
// calls that no server makes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
    chmodSync, chownSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { call, eventually, must, signUp } from './client.mjs';
import { Server } from './server.mjs';

const NOBODY = 'nobody';
const BIND_LOW_PORTS = 1 << 10; // CAP_NET_BIND_SERVICE
const isRoot = process.getuid() === 0;

const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function makeFolder() {
    folders.push(mkdtempSync(join(tmpdir(), 'kith-sandbox-')));
    return folders.at(-1);
}

/** A row of /proc/…/status, of a process or of one of its threads. */
function statusRow(path, name) {
    const row = readFileSync(join(path, 'status'), 'utf8').match(new RegExp(`^${name}:\\s*(.*)$`, 'm'));
    return row?.[1];
}

const threadsOf = (pid) => readdirSync(`/proc/${pid}/task`).map((id) => `/proc/${pid}/task/${id}`);

test('every thread is in the sandbox, and none is without it', async () => {
    const server = await Server.start();
    const threads = [...server.daemons.values()].flatMap(({ pid }) => threadsOf(pid));
    assert.ok(threads.length > 4);
    for (const thread of threads) {
        assert.equal(statusRow(thread, 'NoNewPrivs'), '1');
        assert.equal(statusRow(thread, 'Seccomp'), '2', 'a filter');
    }
    await server.close();

    const open = await Server.start({ settings: { sandbox: 'off' } });
    for (const thread of threadsOf(open.pid))
        assert.equal(statusRow(thread, 'Seccomp'), statusRow('/proc/self', 'Seccomp'));
    await open.close();
});

test('a reload reads beside the files that were named at the start, and nowhere else', async () => {
    const ours = makeFolder();
    const foreign = makeFolder();
    const origin = 'https://pages.example.org';
    const file = join(ours, 'kith.conf');
    const secret = (folder, name) => {
        writeFileSync(join(folder, name), 'x'.repeat(40), { mode: 0o600 });
        return join(folder, name);
    };
    const issuer = (path) => `issuer\n    name = "i"\n    secret_file = "${path}"\n`;
    const server = await Server.plan({ split: false });
    writeFileSync(file, issuer(secret(ours, 'one')));
    const args = server.args.bind(server);
    server.args = () => ['--config', file, ...args()];
    await server.launch();
    const reload = (text) => {
        writeFileSync(file, text);
        server.daemons.get('all').signal('SIGHUP');
    };
    const logged = (words) => eventually(() => server.log(), (log) => words.test(log), `${words}`);

    reload(`origins = "${origin}"\n${issuer(secret(ours, 'two'))}`);
    await logged(/the settings are reloaded/);
    const { headers } = await call(server, 'OPTIONS', '/v1/me', {
        headers: { origin, 'access-control-request-method': 'GET' },
    });
    assert.equal(headers.get('access-control-allow-credentials'), 'true');
    if (!/no Landlock/.test(server.log())) {
        reload(issuer(secret(foreign, 'three')));
        await logged(/three: Permission denied/);
    }
    await server.close();
});

test('root becomes who is named, and keeps its low ports only', { skip: !isRoot }, async () => {
    const server = await Server.plan({ settings: { user: NOBODY }, split: false });
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, NOBODY]).stdout));
    chmodSync(server.base, 0o711);
    chownSync(server.base, uid, gid);
    await server.launch();
    const process = `/proc/${server.pid}`;
    assert.equal(statusRow(process, 'Uid'), Array(4).fill(uid).join('\t'));
    assert.equal(statusRow(process, 'Gid'), Array(4).fill(gid).join('\t'));
    for (const set of ['CapEff', 'CapPrm'])
        assert.equal(Number.parseInt(statusRow(process, set), 16), BIND_LOW_PORTS);
    assert.ok(!statusRow(process, 'Groups').split(' ').includes('0'), 'root is no group of it');
    assert.equal(statSync(server.data).uid, uid);
    assert.equal(statSync(server.data).mode & 0o777, 0o700);
    const { token } = await signUp(server, 'ann');
    assert.equal((await must(server, 'GET', '/v1/me', { token })).login, 'ann');
    await server.close();
});

test('whoever cannot become who is named does not start', async () => {
    const server = await Server.plan({ settings: { user: 'no-such-account' }, split: false });
    await assert.rejects(server.launch(), /this machine has no account `no-such-account`/);
    await server.close();
});
