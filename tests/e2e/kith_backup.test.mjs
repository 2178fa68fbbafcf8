// kith backup and kith restore: of a running server, while people talk; what is damaged is named and not restored.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { history, makeRoom, must, post, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1;
const BYTES_MAX = 64 * 1024 * 1024;

function kith(data, ...args) {
    const { status, stdout, stderr } = spawnSync(KITH, ['--data', data, ...args],
        { encoding: 'utf8', maxBuffer: BYTES_MAX });
    return { status, stdout, stderr };
}

function told(data, ...args) {
    const { status, stdout, stderr } = kith(data, ...args);
    assert.equal(status, GOOD, stderr);
    return stdout;
}

const parsed = (text) => text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
const backUp = (folder, data = server.data) => JSON.parse(told(data, 'backup', '--json', folder));
const restore = (folder, data) => JSON.parse(told(data, 'restore', '--json', folder));

/** Of those who have applied all by the time that the server serves; how far each has noted that does not count. */
const digests = (data) => parsed(told(data, 'digest', '--json'))
    .filter(({ actor }) => actor !== 'search').map(({ actor, digest }) => [actor, digest]);
const made = (name) => join(server.base, name);

/** The same while this process goes on. */
async function backUpMeanwhile(folder) {
    const child = spawn(KITH, ['--data', server.data, 'backup', folder], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text) => { stderr += text; });
    const [status] = await once(child, 'close');
    assert.equal(status, GOOD, stderr);
}

let server, ann, room;

before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token);
    await post(server, ann.token, room.id, 'the first');
});

after(() => server.close());

async function upload(content) {
    const reply = await fetch(`${server.url}/v1/rooms/${room.id}/files?name=a.bin`,
        { method: 'POST', headers: { authorization: `Bearer ${ann.token}` }, body: content });
    assert.equal(reply.status, 201);
    const file = await reply.json();
    await must(server, 'POST', `/v1/rooms/${room.id}/messages`,
        { token: ann.token, body: { text: 'with a file', files: [{ id: file.id }] } });
    return file.id;
}

/** Says things until it is told to stop; `said` are those that were acknowledged. */
class Talker {
    constructor() {
        this.said = [];
        this.going = true;
        this.done = this.talk();
    }

    async talk() {
        for (let i = 0; this.going; i++) {
            await post(server, ann.token, room.id, `said ${i}`, `talk-${i}`);
            this.said.push(`talk-${i}`);
        }
    }

    async stop() {
        this.going = false;
        await this.done;
    }

    async until(count) {
        while (this.said.length < count)
            await sleep(5);
    }
}

test('all that was acknowledged before it began is in it, and the restored server goes on from there', async () => {
    const content = Buffer.concat([Buffer.alloc(4), randomBytes(5000)]);
    const file = await upload(content);
    const talker = new Talker();
    await talker.until(50);
    const before_it = [...talker.said];
    await backUpMeanwhile(made('live'));
    await talker.stop();

    restore(made('live'), made('restored'));
    const verdict = JSON.parse(told(made('restored'), 'journal', 'verify', '--json', '--anchor', join(made('live'), 'backup.json')));
    assert.deepEqual([verdict.sound, verdict.notes, verdict.noted], [true, 0, verdict.seq]);
    const there = new Set(parsed(told(made('restored'), 'export', '--type', 'room.posted')).map((record) => record.client_id));
    assert.deepEqual(before_it.filter((id) => !there.has(id)), []);

    const restored = await Server.start({ data: made('restored') });
    const messages = await history(restored, ann.token, room.id, '?limit=1'); // the same keys, the same tokens
    assert.ok(messages.length > 0);
    const got = await fetch(`${restored.url}/v1/rooms/${room.id}/files/${file}`,
        { headers: { authorization: `Bearer ${ann.token}` } });
    assert.deepEqual(Buffer.from(await got.arrayBuffer()), content);
    await post(restored, ann.token, room.id, 'and on');
    await restored.stop();
    const { stdout, stderr, status } = kith(made('restored'), 'replay', '--verify');
    assert.equal(status, GOOD, stdout + stderr);
    await restored.close();
});

test('a second one takes what is new, and both are the same history', async () => {
    await upload(Buffer.concat([Buffer.alloc(4), randomBytes(300_000)]));
    const first = backUp(made('again'));
    assert.equal(first.fresh, first.bytes);
    await post(server, ann.token, room.id, 'later');
    const second = backUp(made('again'));
    assert.ok(second.seq > first.seq);
    assert.ok(second.bytes - second.fresh > 300_000, JSON.stringify(second));
    restore(made('again'), made('again-restored'));
    assert.ok(told(made('again-restored'), 'export').includes('"later"'));
});

test('projections of the stopped server and of the restored one are the same', async () => {
    await server.stop();
    const { seq } = backUp(made('again'));
    restore(made('again'), made('twin'));
    const twin = await Server.start({ data: made('twin') });
    await twin.close();
    assert.equal(JSON.parse(told(made('twin'), 'journal', 'verify', '--json')).seq, seq);
    assert.deepEqual(digests(made('twin')), digests(server.data));
    await server.launch();
});

test('b2sum knows the files, and kith journal verify the journal in it', () => {
    const { status, stdout } = spawnSync('b2sum', ['--check', '--quiet', 'digests'], { cwd: made('again'), encoding: 'utf8' });
    assert.equal(status, GOOD, stdout);
    told(made('again'), 'journal', 'verify');
});

test('nothing in it can be read by others', () => {
    for (const name of readdirSync(made('again'), { recursive: true })) {
        const { mode } = statSync(join(made('again'), name));
        if (!/\.ldb$/.test(name))
            assert.equal(mode & 0o077, 0, name);
    }
    assert.equal(statSync(made('again')).mode & 0o077, 0);
});

test('the settings and the secrets that they name are in it, if they are named', () => {
    const config = made('kith.conf'), password = made('smtp.password'), keys = made('other-keys');
    writeFileSync(password, 'hush');
    mkdirSync(keys);
    writeFileSync(join(keys, 'authorized'), '# nobody');
    writeFileSync(config, `smtp\n    password_file = "${password}"\nkeys = "${keys}"\n`);
    told(server.data, 'backup', '--config', config, made('settings'));
    assert.equal(readFileSync(join(made('settings'), 'config', 'smtp.password_file'), 'utf8'), 'hush');
    assert.ok(readFileSync(join(made('settings'), 'config', 'kith.conf'), 'utf8').includes('password_file'));
    assert.equal(readFileSync(join(made('settings'), 'keys', 'authorized'), 'utf8'), '# nobody');
    const { stderr } = kith(server.data, 'backup', made('settings'));
    assert.match(stderr, /the settings are not in it/);
    assert.ok(!existsSync(join(made('settings'), 'config')));
    writeFileSync(config, 'smtp\n    password_file = "/nowhere/at/all"\n');
    assert.match(kith(server.data, 'backup', '--config', config, made('settings')).stderr, /nowhere\/at\/all/);
    writeFileSync(config, 'nonsense = "1"\n');
    assert.match(kith(server.data, 'backup', '--config', config, made('settings')).stderr, /nonsense/);
});

// ---- broken off ----

test('a kill -9 leaves the server as it was and the last backup whole, and the next one comes about', async () => {
    const { seq } = backUp(made('killed'));
    for (let i = 0; i < 3; i++) {
        await upload(Buffer.concat([Buffer.alloc(4), randomBytes(200_000)]));
        const child = spawn(KITH, ['--data', server.data, 'backup', made('killed')], { stdio: 'ignore' });
        const ended = once(child, 'close');
        while (child.exitCode === null && !existsSync(join(made('killed'), 'incoming', 'files')))
            await new Promise(setImmediate);
        child.kill('SIGKILL');
        await ended;
        if (existsSync(join(made('killed'), 'backup.json')))
            assert.ok(restore(made('killed'), made(`killed-${i}`)).seq >= seq);
        await post(server, ann.token, room.id, `after kill ${i}`);
    }
    backUp(made('killed'));
    assert.deepEqual(readdirSync(made('killed')).filter((name) => /incoming|outgoing/.test(name)), []);
    restore(made('killed'), made('killed-last'));
    assert.ok(told(made('killed-last'), 'export').includes('after kill 2'));
});

test('without backup.json it is none, and the next one makes it whole', async () => {
    backUp(made('headless'));
    rmSync(join(made('headless'), 'backup.json'));
    mkdirSync(join(made('headless'), 'outgoing')); // where a crash in the last moment leaves it
    const { status, stderr } = kith(made('nothing'), 'restore', made('headless'));
    assert.equal(status, BAD);
    assert.match(stderr, /there is no backup\.json, so this is no whole backup/);
    assert.ok(!existsSync(made('nothing')));
    backUp(made('headless'));
    restore(made('headless'), made('headless-restored'));
});

// ---- damaged ----

function fileOf(folder, fits) {
    return readdirSync(folder, { recursive: true }).find((name) => fits(name));
}

function flip(path, at) {
    const bytes = readFileSync(path);
    bytes[Math.floor(bytes.length * at)] ^= 1;
    rmSync(path); // it may be a second name of the server's own
    writeFileSync(path, bytes);
}

const DAMAGES = {
    'a changed log of the journal': [(folder) => {
        const name = fileOf(folder, (path) => /^journal\/\d+\/\d+\.log$/.test(path));
        flip(join(folder, name), 0.5);
        return name;
    }, /it is not as it was/],
    'a missing upload': [(folder) => {
        const name = fileOf(folder, (path) => /^files\/..\/.{40}/.test(path));
        rmSync(join(folder, name));
        return name;
    }, /it is missing/],
    'a changed key': [(folder) => {
        flip(join(folder, 'token.key'), 0);
        return 'token.key';
    }, /it is not as it was/],
    'another list of files': [(folder) => {
        writeFileSync(join(folder, 'digests'), readFileSync(join(folder, 'digests'), 'utf8').replace(/^./, 'x'));
        return 'digests';
    }, /not the file that backup\.json knows/],
    'a backup.json that is none': [(folder) => {
        writeFileSync(join(folder, 'backup.json'), '{"kith_backup":7}');
        return 'backup.json';
    }, /cannot be read/],
};

for (const [what, [damage, words]] of Object.entries(DAMAGES))
    test(`${what} is named, and nothing is restored`, () => {
        const folder = made(`damaged ${what}`);
        cpSync(made('again'), folder, { recursive: true });
        const name = damage(folder);
        const { status, stderr } = kith(made('nothing'), 'restore', folder);
        assert.equal(status, BAD);
        assert.match(stderr, words);
        assert.ok(stderr.includes(name), stderr);
        assert.ok(!existsSync(made('nothing')));
    });

test('a journal that is another than backup.json knows is refused though every hash fits', () => {
    const folder = made('forged');
    cpSync(made('again'), folder, { recursive: true });
    const header = JSON.parse(readFileSync(join(folder, 'backup.json'), 'utf8'));
    header.hash = header.hash.replace(/^./, (digit) => digit === '0' ? '1' : '0');
    writeFileSync(join(folder, 'backup.json'), JSON.stringify(header));
    const { status, stderr } = kith(made('nothing'), 'restore', folder);
    assert.equal(status, BAD);
    assert.match(stderr, /not the one that was noted here \(.*backup\.json\)/);
    assert.ok(!existsSync(made('nothing')));
});

test('a damaged journal is not backed up, and the last backup stays', async () => {
    const sick = made('sick');
    backUp(sick);
    const before_it = readFileSync(join(sick, 'backup.json'), 'utf8');
    const data = made('sick-data');
    restore(sick, data);
    const [segment] = readdirSync(join(data, 'journal')).filter((name) => /^\d{20}$/.test(name));
    const log = readdirSync(join(data, 'journal', segment)).find((name) => /\.log$/.test(name));
    flip(join(data, 'journal', segment, log), 0.5);
    const { status, stderr } = kith(data, 'backup', sick);
    assert.equal(status, BAD);
    assert.match(stderr, /damaged/);
    assert.equal(readFileSync(join(sick, 'backup.json'), 'utf8'), before_it);
    restore(sick, made('sick-restored'));
});

// ---- the wrong places ----

test('a folder that is not empty is not restored into', () => {
    const { status, stderr } = kith(server.data, 'restore', made('again'));
    assert.equal(status, BAD);
    assert.match(stderr, /is not empty/);
});

test('a folder with other things in it is not backed up into', () => {
    mkdirSync(made('photos'));
    writeFileSync(join(made('photos'), 'cat.png'), '');
    const { status, stderr } = kith(server.data, 'backup', made('photos'));
    assert.equal(status, BAD);
    assert.match(stderr, /neither empty nor a backup/);
    assert.deepEqual(readdirSync(made('photos')), ['cat.png']);
});

test('the data folder itself is no place for it', () => {
    const inner = join(server.data, 'inner');
    mkdirSync(inner);
    const { status, stderr } = kith(server.data, 'backup', inner);
    rmSync(inner, { recursive: true });
    assert.equal(status, BAD);
    assert.match(stderr, /lies in the data folder/);
});

test('a folder with the backup of another server is left alone', async () => {
    const other = await Server.start();
    await signUp(other, 'zoe');
    const { status, stderr } = kith(other.data, 'backup', made('again'));
    assert.equal(status, BAD);
    assert.match(stderr, /the backup of another journal/);
    await other.close();
    told(made('again'), 'journal', 'verify');
});

test('a folder without a journal has nothing to be kept', () => {
    mkdirSync(made('empty'));
    const { status, stderr } = kith(made('empty'), 'backup', made('of-empty'));
    assert.equal(status, BAD);
    assert.match(stderr, /There is nothing of Kith here/);
});
