// The configuration: the file that explains itself, what --check sees, and what SIGHUP takes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { call, eventually } from './client.mjs';
import { Server } from './server.mjs';

const KEPT = fileURLToPath(new URL('../../docs/kith.conf', import.meta.url));
const ORIGIN = 'https://pages.example.org';

let folder;

before(() => { folder = mkdtempSync(join(tmpdir(), 'kith-config-')); });

after(() => rmSync(folder, { recursive: true }));

function kithd(...args) {
    const { status, stdout, stderr } = spawnSync(process.env.KITHD, args, {
        encoding: 'utf8', cwd: folder,
    });
    return { status, stdout, stderr };
}

function write(name, text) {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
}

test('the file in docs/ is what --write-config prints, and every key is in it', () => {
    const { status, stdout } = kithd('--write-config');
    assert.equal(status, 0);
    assert.equal(stdout, readFileSync(KEPT, 'utf8'),
                 'write it again: kithd --write-config > docs/kith.conf');
    const help = kithd('--help').stdout;
    for (const [, key] of help.matchAll(/^ {2}([a-z][a-z0-9_.]+) {2,}/gm))
        assert.match(stdout, new RegExp(`^ *${key.split('.').at(-1)} = `, 'm'), key);
});

test('the file as it is printed passes, and sets what is the default anyway', () => {
    const { status, stderr } = kithd('--config', KEPT, '--check', '--http', '127.0.0.1:0');
    assert.equal(status, 0, stderr);
});

const faults = [
    ['an unknown key', 2, /`nonsense`/, ['--set', 'nonsense=1']],
    ['a word that is not taken', 2, /`log` takes error\|warn/, ['--set', 'log=loud']],
    ['an unknown role', 2, /`role` takes/, ['--role', 'kitchen']],
    ['a file that is not there', 2, /cannot read the configuration file/, ['--config', 'gone']],
    ['a folder that cannot be', 1, /`data`/, ['--data', '/proc/nobody/here']],
    ['an endpoint that is none', 1, /HOST:PORT/, ['--http', '8080']],
    ['the same of the raw socket', 1, /2004: .*HOST:PORT/, ['--line', '2004']],
    ['what is for tests, on a network', 2, /loopback/, [
        '--set', 'uuid_mode=documented', '--line', '0.0.0.0:2004',
    ]],
    ['a bus that is none', 1, /`bus`.*ipc:\/\//, ['--bus', 'carrier://pigeon']],
    ['tcp without keys', 1, /kith keygen/, ['--bus', 'tcp://127.0.0.1:7000']],
    ['an edge without keys', 1, /edge\.secret/, ['--role', 'edge', '--bus', 'tcp://127.0.0.1:7000']],
    ['a certificate that is not there', 1, /certificate/, [
        '--set', 'tls.listen=127.0.0.1:0', '--set', 'tls.certificate=gone', '--set', 'tls.key=gone']],
    ['a rate that is none', 1, /`rate.sign_up`/, ['--set', 'rate.sign_up=often']],
    ['proxies that are none', 1, /`trusted_proxies`/, ['--set', 'trusted_proxies=everybody']],
];

for (const [what, code, words, args] of faults)
    test(`--check sees ${what}`, () => {
        const { status, stderr } = kithd('--check', '--http', '127.0.0.1:0', ...args);
        assert.equal(status, code, stderr);
        assert.match(stderr, words);
    });

test('keys that others can read, and lists of guests with a fault, are refused', () => {
    const kith = join(dirname(process.env.KITHD), 'kith');
    const keys = join(folder, 'keys');
    const check = () => kithd('--check', '--role', 'broker', '--bus', 'tcp://127.0.0.1:7000',
                              '--set', `keys=${keys}`);
    assert.equal(spawnSync(kith, ['keygen', '--keys', keys]).status, 0);
    assert.equal(check().status, 0);
    const list = join(keys, 'authorized');
    const good = readFileSync(list, 'utf8');
    const key = good.match(/edge edge (\S+)/)[1];
    for (const [line, words] of [
        [`edge twice ${key}`, /line 6 has a name or a key of a line before/],
        ['edge zero 0000000000000000000000000000000000000000', /line 6 has a key that is none/],
        ['king one two', /line 6 has another role/],
        ['edge', /line 6 is not of the form/],
    ]) {
        writeFileSync(list, `${good}${line}\n`);
        const { status, stderr } = check();
        assert.equal(status, 1);
        assert.match(stderr, words);
    }
    writeFileSync(list, good);
    spawnSync('chmod', ['644', join(keys, 'broker.secret')]);
    assert.match(check().stderr, /broker\.secret can be read by others/);
});

test('SIGHUP takes over what is live, and a broken file changes nothing', async () => {
    const file = write('kith.conf', 'log\n    format = json\n');
    const server = await Server.plan({ split: false });
    const args = server.args.bind(server);
    server.args = () => ['--config', file, ...args()];
    await server.launch();
    const hup = () => server.daemons.get('all').signal('SIGHUP');
    const logged = (words) => eventually(() => server.log(), (log) => words.test(log), `${words}`);
    const allowed = async () => {
        const { headers } = await call(server, 'OPTIONS', '/v1/me', {
            headers: { origin: ORIGIN, 'access-control-request-method': 'GET' },
        });
        return headers.get('access-control-allow-credentials') === 'true';
    };
    assert.equal(await allowed(), false);

    writeFileSync(file, `origins = "${ORIGIN}"\njournal\n    sync = off\n`);
    hup();
    await logged(/the settings are reloaded/);
    await logged(/`journal.sync` has changed and needs a restart; it stays `on`/);
    assert.equal(await allowed(), true);

    writeFileSync(file, 'origins = ""\nnonsense = 1\n');
    hup();
    await logged(/nothing is reloaded: setting `nonsense` is not known/);
    assert.equal(await allowed(), true);

    const [first, ...rest] = server.log().split('\n');
    assert.deepEqual(Object.keys(JSON.parse(first)), ['time', 'level', 'part', 'message']);
    const text = /^\d{4}-\S+ ERROR kithd .*nothing is reloaded/; /* others may log behind it */
    assert.ok(rest.some((line) => text.test(line)), 'the format was text again');
    await server.close();
});
