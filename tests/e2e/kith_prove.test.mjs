// kith journal prove and check: evidence of one message, held without the journal, by kith and by hand.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeRoom, post, signUp } from './client.mjs';
import { Server } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const GOOD = 0, BAD = 1;

const kith = (...args) => spawnSync(KITH, args, { encoding: 'utf8' });
const folder = mkdtempSync(join(tmpdir(), 'kith-proof-'));
const file = (name, object) => {
    writeFileSync(join(folder, name), typeof object === 'string' ? object : JSON.stringify(object));
    return join(folder, name);
};

let server, seq, proof;

before(async () => {
    server = await Server.start();
    const ann = await signUp(server, 'ann');
    const room = await makeRoom(server, ann.token);
    for (let i = 0; i < 11; i++)
        await post(server, ann.token, room.id, `before ${i}`);
    await post(server, ann.token, room.id, 'what I am accused of');
    await post(server, ann.token, room.id, 'nobody else may see this');
    const { stdout } = kith('--bus', server.bus, 'tail', '--type', 'room.posted', '-n', '2', '--json');
    seq = JSON.parse(stdout.split('\n')[0]).seq;
});

after(async () => {
    rmSync(folder, { recursive: true });
    await server.close();
});

test('a running server gives evidence of one message, and of no other', () => {
    const { status, stdout, stderr } = kith('--data', server.data, 'journal', 'prove', String(seq));
    assert.equal(status, GOOD, stderr);
    proof = JSON.parse(stdout);
    assert.equal(proof.kith_proof, 1);
    const bytes = Buffer.from(proof.record, 'base64');
    assert.ok(!bytes.includes('what I am accused of'), 'it is sealed');
    assert.match(proof.key, /^[0-9a-f]{64}$/);
    assert.ok(!stdout.includes(Buffer.from('nobody else').toString('base64').slice(0, 12)));
});

test('it is checked without the journal', () => {
    const held = kith('journal', 'check', file('proof.json', proof));
    assert.equal(held.status, GOOD, held.stderr);
    assert.match(held.stdout, /what I am accused of/);
    assert.match(held.stdout, /^proven: /m);
    const { stdout } = kith('journal', 'check', file('proof.json', proof), '--json');
    assert.equal(JSON.parse(stdout).seq, seq);
});

test('it is checked by hand, as the guide says', () => {
    const script = `
import base64, hashlib, json, sys
proof = json.load(open(sys.argv[1]))
digest = lambda data: hashlib.blake2b(data, digest_size=32).digest()
node = digest(base64.b64decode(proof["record"]))
for step in proof["path"]:
    beside = bytes.fromhex(step.get("left") or step["right"])
    node = digest(b"\\x01" + (beside + node if step.get("left") else node + beside))
print(node.hex() == proof["anchor"]["root"])
`;
    const { stdout, stderr } = spawnSync('python3', ['-c', script, file('proof.json', proof)], { encoding: 'utf8' });
    assert.equal(stdout.trim(), 'True', stderr);
});

test('an anchor that was kept settles whose journal it is', () => {
    const { stdout } = kith('--data', server.data, 'journal', 'verify', '--json');
    const kept = file('kept.json', stdout);
    const of = kith('--data', server.data, 'journal', 'prove', String(seq), '--anchor', kept);
    assert.equal(of.status, GOOD, of.stderr);
    const held = kith('journal', 'check', file('of.json', of.stdout), '--anchor', kept);
    assert.equal(held.status, GOOD, held.stderr);
    assert.match(held.stdout, /anchor that was kept/);
    const { root, ...rootless } = JSON.parse(stdout);
    const forged = file('forged.json', { ...rootless, root: root.split('').reverse().join('') });
    assert.equal(kith('journal', 'check', join(folder, 'of.json'), '--anchor', forged).status, BAD);
    assert.equal(kith('--data', server.data, 'journal', 'prove', String(seq), '--anchor', forged).status, BAD);
    const bare = kith('journal', 'check', join(folder, 'of.json'), '--anchor', file('bare.json', rootless));
    assert.equal(bare.status, BAD);
    assert.match(bare.stderr, /has no root/);
});

test('what was changed proves nothing', () => {
    const bytes = Buffer.from(proof.record, 'base64');
    bytes[bytes.indexOf('sealed') + 20] ^= 1;
    const { path, anchor } = proof;
    const longer = [...path, { right: anchor.root }];
    const turned = path.map(({ left, right }, at) => at > 0 ? { left, right } : left ? { right: left } : { left: right });
    for (const changed of [{ record: bytes.toString('base64') }, { record: 'AAAA' }, { record: '?' },
        { path: path.slice(1) }, { path: longer }, { path: turned },
        { path: [{ left: 'zz'.repeat(32) }, ...path.slice(1)] },
        { anchor: { ...anchor, seq: seq - 1 } }, { anchor: { ...anchor, first: seq + 1 } },
        { anchor: { ...anchor, root: anchor.hash } }, { kith_proof: 2 }, { anchor: undefined }]) {
        const { status, stderr } = kith('journal', 'check', file('changed.json', { ...proof, ...changed }));
        assert.equal(status, BAD, JSON.stringify(changed));
        assert.match(stderr, /proves nothing/);
    }
    assert.equal(kith('journal', 'check', file('none.json', 'nothing')).status, BAD);
    assert.equal(kith('journal', 'check', join(folder, 'nowhere')).status, BAD);
});

test('what is not there cannot be proven', () => {
    for (const number of ['0', 'x', '999999']) {
        const { status, stdout } = kith('--data', server.data, 'journal', 'prove', number);
        assert.equal(status, BAD);
        assert.equal(stdout, '');
    }
});
