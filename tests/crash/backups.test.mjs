// Backups under load, killed in between, and what is restored of them.
//
// A restored folder starts, has everything that was acknowledged before its backup began, and nothing
// that the server does not have: each room's history is the beginning of the server's.  Then a backup
// is killed at each of its steps, and a restore at each of its own: the next one finds its way.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { history, makeRoom, post, signUp } from '../e2e/client.mjs';
import { Server } from '../e2e/server.mjs';

const CYCLES = Number(process.env.BACKUP_CYCLES ?? 3);
const STEPS_A_RUN = Number(process.env.BACKUP_CYCLES ?? 3) > 10 ? 1 : 7; // each of them, or some
const SENDERS = 8;
const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const workshop = mkdtempSync(join(tmpdir(), 'kith-backups-'));
const library = join(workshop, 'die.so');
let obstacle = null;

before(() => {
    const source = fileURLToPath(new URL('die.c', import.meta.url));
    const built = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'], { encoding: 'utf8' });
    const asks = spawnSync('ldd', [KITH], { encoding: 'utf8' });
    obstacle = built.status !== 0 ? String(built.stderr ?? built.error)
        : /lib[at]san/.test(asks.stdout) ? 'a sanitizer wants to be loaded first' : null;
});
after(() => rmSync(workshop, { recursive: true, force: true }));

const kith = (args, env = {}) => spawnSync(KITH, args, { encoding: 'utf8', env: { ...process.env, ...env } });
const backupTo = (server, folder, env) => kith(['--data', server.data, 'backup', folder], env);
const restoreFrom = (folder, data, env) => kith(['--data', data, 'restore', folder], env);

function mustWork({ status, stdout, stderr }) {
    assert.equal(status, 0, `${stdout}${stderr}`);
}

/** The room's messages, of a server that runs, from a sequence on. */
async function whole(server, { token, room }, from = 0) {
    const all = [];
    for (let page = null; page === null || page.length > 0; all.push(...page))
        page = await history(server, token, room, `?after=${from + all.length}&limit=10000`);
    return all.map(({ id, seq, text }) => [id, seq, text]);
}

/** Starts on what is restored; what it has must be the beginning of what there is. */
async function assertRestored(folder, data, world, acknowledged) {
    mustWork(restoreFrom(folder, data));
    const copy = await Server.start({ data, split: false });
    try {
        const restored = await whole(copy, world);
        assert.ok(restored.length >= acknowledged, `${acknowledged} were acknowledged, ${restored.length} are restored`);
        assert.deepEqual(restored, (await whole(world.server, world)).slice(0, restored.length));
    } finally {
        await copy.close();
        rmSync(data, { recursive: true, force: true });
    }
}

async function makeWorld(settings = {}) {
    const server = await Server.start({ split: false, settings: { limits: 'off', ...settings } });
    const { token } = await signUp(server, 'ann');
    const room = (await makeRoom(server, token)).id;
    return { server, token, room, acks: 0, over: false };
}

async function send(world) {
    while (!world.over) {
        const { seq } = await post(world.server, world.token, world.room, `x${'.'.repeat(200)}`);
        world.acks = Math.max(world.acks, seq);
    }
}

const ended = (child) => new Promise((resolve) => child.once('exit', (code) => resolve(code)));

/** One that is killed at any moment, or comes to its end. */
async function backupBriefly(world, folder) {
    const child = spawn(KITH, ['--data', world.server.data, 'backup', folder], { stdio: 'ignore' });
    const end = ended(child);
    await sleep(Math.random() * 150);
    child.kill('SIGKILL');
    await end;
}

test(`${CYCLES} backups under load, others killed before them`, async () => {
    const world = await makeWorld({ 'journal.segment_size': '256K' });
    const senders = Array.from({ length: SENDERS }, () => send(world));
    const folder = join(workshop, 'backup');
    for (let cycle = 0; cycle < CYCLES; cycle++) {
        await backupBriefly(world, folder);
        const acknowledged = world.acks;
        const child = spawn(KITH, ['--data', world.server.data, 'backup', folder], { stdio: 'ignore' });
        assert.equal(await ended(child), 0);
        await assertRestored(folder, join(workshop, 'restored'), world, acknowledged);
    }
    world.over = true;
    await Promise.all(senders);
    await world.server.close();
});

/** Run `use(env)` so that it dies at each of its steps, until it does not come so far any more. */
async function dieAtEach(use, check) {
    let deaths = 0;
    for (let step = 1; ; step += STEPS_A_RUN) {
        const { signal, status, stderr } = use({ LD_PRELOAD: library, DIE_AT: String(step) });
        if (signal === null) {
            assert.equal(status, 0, stderr);
            return deaths;
        }
        deaths++;
        await check(step);
    }
}

test('a backup dies at each of its steps, and the next one is whole', async (t) => {
    if (obstacle !== null)
        return t.skip(obstacle);
    const world = await makeWorld();
    await post(world.server, world.token, world.room, 'the first');
    const folder = join(workshop, 'steps'), data = join(workshop, 'of-steps');
    mustWork(backupTo(world.server, folder));
    let count = 1;
    const deaths = await dieAtEach((env) => backupTo(world.server, folder, env), async (step) => {
        const left = restoreFrom(folder, data); // the last one, the next one, or none that is whole
        assert.ok(left.status === 0 || /no whole backup/.test(left.stderr), `${step}: ${left.stderr}`);
        rmSync(data, { recursive: true, force: true });
        await post(world.server, world.token, world.room, `after step ${step}`);
        mustWork(backupTo(world.server, folder));
        count++;
    });
    await assertRestored(folder, data, world, count);
    t.diagnostic(`${deaths} deaths`);
    await world.server.close();
});

test('a restore dies at each of its steps, and the next one is whole', async (t) => {
    if (obstacle !== null)
        return t.skip(obstacle);
    const world = await makeWorld();
    await post(world.server, world.token, world.room, 'the only one');
    const folder = join(workshop, 'source');
    mustWork(backupTo(world.server, folder));
    const data = join(workshop, 'half');
    let deaths = 0;
    await dieAtEach((env) => restoreFrom(folder, data, env), () => {
        const isWhole = existsSync(join(data, 'journal')); // it comes last
        if (!isWhole)
            mustWork(restoreFrom(folder, data));
        mustWork(kith(['--data', data, 'journal', 'verify']));
        rmSync(data, { recursive: true, force: true });
        deaths++;
    });
    t.diagnostic(`${deaths} deaths`);
    await world.server.close();
});
