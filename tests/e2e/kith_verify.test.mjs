// kith journal verify: of a running server and of a stopped one, against anchors, and what was changed is named.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeRoom, post, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1;
const COUNT = process.env.KITH_LONG ? 1000 : 50;
const SEED = Number(process.env.KITH_SEED ?? 20261122);

function verify(data, ...args) {
    const { status, stdout, stderr } = spawnSync(KITH, ['--data', data, 'journal', 'verify', '--json', ...args],
        { encoding: 'utf8' });
    return { status, stderr, ...JSON.parse(stdout || '{}') };
}

let server, ann, room;

before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token);
    for (let i = 0; i < 20; i++)
        await post(server, ann.token, room.id, `message ${i}`);
});

after(() => server.close());

const anchorOf = (data) => JSON.parse(readFileSync(join(data, 'anchor.json')));
const changed = (name) => join(server.base, name);

/** A copy of the stopped server's data, to be changed. */
function copy(name) {
    cpSync(server.data, changed(name), { recursive: true });
    return changed(name);
}

function segmentOf(data) {
    const [segment] = readdirSync(join(data, 'journal')).filter((name) => /^\d{20}$/.test(name));
    return join(data, 'journal', segment);
}

/** The log or table that holds most of the records. */
function largest(data) {
    const segment = segmentOf(data);
    const files = readdirSync(segment).filter((name) => /\.(ldb|log)$/.test(name));
    const sized = files.map((name) => [readFileSync(join(segment, name)).length, join(segment, name)]);
    return sized.sort(([a], [b]) => b - a)[0][1];
}

test('a running server is read without disturbing it, and what is acknowledged is there', async () => {
    const verdict = verify(server.data);
    assert.equal(verdict.status, GOOD, verdict.stderr);
    assert.equal(verdict.live, true);
    await post(server, ann.token, room.id, 'one more');
    const later = verify(server.data);
    assert.equal(later.status, GOOD);
    assert.ok(later.seq > verdict.seq);
    assert.notEqual(later.hash, verdict.hash);
});

test('an end in order is noted, and found again', async () => {
    await server.stop();
    const verdict = verify(server.data);
    assert.equal(verdict.status, GOOD, JSON.stringify(verdict.flaws));
    assert.equal(verdict.sound, true);
    assert.equal(verdict.noted, verdict.seq);
    const anchor = anchorOf(server.data);
    assert.deepEqual([anchor.seq, anchor.hash, anchor.clean], [verdict.seq, verdict.hash, true]);
});

test('what it prints for programs is an anchor for later runs', () => {
    const { hash, seq, root, first } = verify(server.data);
    const kept = changed('kept.json');
    writeFileSync(kept, JSON.stringify({ first, seq, hash, root }));
    assert.equal(verify(server.data, '--anchor', kept).status, GOOD);
    writeFileSync(kept, JSON.stringify({ seq, hash: hash.replace(/^./, (digit) => digit === '0' ? '1' : '0') }));
    const forged = verify(server.data, '--anchor', kept);
    assert.equal(forged.status, BAD);
    assert.deepEqual(forged.flaws.map(({ first: of, what }) => [of, what]), [[seq, 'not the one that was noted here']]);
    writeFileSync(kept, 'no anchor');
    assert.equal(verify(server.data, '--anchor', kept).status, BAD);
    assert.match(verify(server.data, '--anchor', changed('nowhere')).stderr, /is no anchor/);
});

test('a cut end is found by the anchor, and without it by the projections', () => {
    const data = copy('cut');
    const whole = verify(data);
    const file = largest(data);
    truncateSync(file, Math.floor(readFileSync(file).length / 2));
    const cut = verify(data);
    assert.equal(cut.status, BAD);
    assert.ok(cut.flaws.some(({ last, what }) => last === whole.seq && /missing/.test(what)), JSON.stringify(cut));
    rmSync(join(data, 'anchor.json'));
    const blind = verify(data);
    assert.equal(blind.status, BAD);
    assert.ok(blind.flaws.some(({ file: where, what }) => where === 'room' && /noted here/.test(what)),
        JSON.stringify(blind.flaws));
});

test('a changed byte is told with its file', () => {
    const data = copy('byte');
    const file = largest(data);
    const bytes = readFileSync(file);
    bytes[Math.floor(bytes.length / 3)] ^= 1;
    writeFileSync(file, bytes);
    const { status, flaws } = verify(data);
    assert.equal(status, BAD);
    assert.ok(flaws.some(({ file: where }) => file.endsWith(where)), JSON.stringify(flaws));
    const { stdout } = spawnSync(KITH, ['--data', data, 'journal', 'verify'], { encoding: 'utf8' });
    assert.match(stdout, /^damaged: /m);
});

/** The same numbers for the same seed. */
function chance(seed) {
    let state = seed;
    return (below) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor(state / 2 ** 32 * below);
    };
}

/** One change of a file's bytes; none gives back what was there. */
const CHANGES = {
    bit(bytes, below) {
        const changed = Buffer.from(bytes);
        changed[below(bytes.length)] ^= 1 << below(8);
        return changed;
    },
    missing(bytes, below) {
        const at = below(bytes.length);
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(100))]);
    },
    swapped(bytes, below) {
        const length = 1 + below(Math.min(64, Math.floor(bytes.length / 2)));
        const one = below(bytes.length - 2 * length + 1);
        const other = one + length + below(bytes.length - one - 2 * length + 1);
        const changed = Buffer.from(bytes);
        bytes.copy(changed, one, other, other + length);
        bytes.copy(changed, other, one, one + length);
        return changed;
    },
    inserted(bytes, below) {
        const at = below(bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, at), Buffer.from([below(256)]), bytes.subarray(at)]);
    },
    truncated: (bytes, below) => bytes.subarray(0, below(bytes.length)),
};

test(`${COUNT} random changes of the journal's files, one at a time, are all found`, (t) => {
    const data = copy('random');
    const below = chance(SEED);
    const kinds = Object.keys(CHANGES), told = {};
    const files = readdirSync(segmentOf(data)).filter((name) => !/^LO/.test(name))
        .map((name) => join(segmentOf(data), name)).filter((file) => readFileSync(file).length > 1);
    for (let done = 0; done < COUNT;) {
        const file = files[below(files.length)], kind = kinds[below(kinds.length)];
        const bytes = readFileSync(file);
        const changed = CHANGES[kind](bytes, below);
        if (changed.equals(bytes))
            continue; // two runs that were alike
        writeFileSync(file, changed);
        const { status, sound } = verify(data);
        assert.deepEqual([status, sound], [BAD, false], `${kind}, change ${done} of seed ${SEED}: ${file}`);
        writeFileSync(file, bytes);
        told[kind] = (told[kind] ?? 0) + 1;
        done++;
    }
    assert.equal(verify(data).status, GOOD);
    t.diagnostic(JSON.stringify(told));
});

test('a server does not start on a journal that was cut before somebody says that it may', async () => {
    const data = copy('short');
    const whole = anchorOf(data);
    rmSync(join(data, 'journal'), { recursive: true });
    cpSync(join(changed('cut'), 'journal'), join(data, 'journal'), { recursive: true });
    await assert.rejects(Server.start({ data }), /anchor\.json knows another record.*kith restore.*rename/s);
    assert.equal(anchorOf(data).seq, whole.seq);
    renameSync(join(data, 'anchor.json'), join(data, 'anchor.refuted.json'));
    const short = await Server.start({ data });
    await short.stop();
    assert.equal(JSON.parse(readFileSync(join(data, 'anchor.refuted.json'))).seq, whole.seq);
    const verdict = verify(data);
    assert.equal(verdict.status, BAD);
    assert.ok(verdict.flaws.some(({ file }) => file === 'anchor.refuted.json'), JSON.stringify(verdict.flaws));
});
