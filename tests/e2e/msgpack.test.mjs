// The subprotocol kith.v1.msgpack, spoken with a stock codec, beside clients that speak JSON.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encode } from '@msgpack/msgpack';

import { Native, makeRoom, must, nativeUrl, Refusal, signUp } from './client.mjs';
import { PACKED, Packed } from './packed.mjs';
import { Server } from './server.mjs';

let server, alice, bob, room;

before(async () => {
    server = await Server.start();
    alice = await signUp(server, 'alice');
    bob = await signUp(server, 'bob');
    room = await makeRoom(server, alice.token);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
});
after(() => server.close());

async function open(kind, who, options) {
    const client = await kind.open(server, who.token, options);
    after(() => client.socket.terminate());
    return client;
}

test('the server takes the first offer that it knows, and JSON without one', async () => {
    const offers = [
        [[PACKED], PACKED], [['kith.v1.json', PACKED], 'kith.v1.json'],
        [[PACKED, 'kith.v1.json'], PACKED], [['other', PACKED], PACKED], [['kith.v1.json'], 'kith.v1.json'],
    ];
    for (const [protocol, chosen] of offers) {
        const kind = chosen === PACKED ? Packed : Native;
        const client = await open(kind, alice, { protocol });
        assert.equal(client.socket.protocol, chosen);
        assert.equal(client.welcome.body.account, alice.id);
    }
    assert.equal((await open(Native, alice)).socket.protocol, '');
});

test('both encodings say the same, in answers and events', async () => {
    const [packed, plain] = [await open(Packed, alice), await open(Native, alice)];
    const message = await packed.post(room.id, 'grüße 💾', 'c1');
    assert.equal(message.client_id, 'c1');
    const isIt = (event) => event.body?.message?.id === message.id;
    const [one, other] = [await packed.heard(isIt), await plain.heard(isIt)];
    assert.deepEqual(one, other);
    for (const [type, body] of [['room.get', { room: room.id }], ['account.get', {}],
        ['room.history', { room: room.id, after: 0 }], ['room.members', { room: room.id }]]) {
        const [a, b] = [await packed.request(type, body), await plain.request(type, body)];
        assert.deepEqual(a.body, b.body, type);
    }
});

test("nobody else's client id comes, and nothing hidden", async () => {
    const [hers, his] = [await open(Packed, alice), await open(Packed, bob)];
    const message = await hers.post(room.id, 'secretly numbered', 'c2');
    const heard = await his.heardText('secretly numbered');
    assert.equal(heard.body.message.client_id, undefined);
    assert.equal('repeated' in message, false);
    const again = await hers.post(room.id, 'secretly numbered', 'c2');
    assert.deepEqual(again, message);
});

test('refusals are the same as in JSON', async () => {
    const [packed, plain] = [await open(Packed, alice), await open(Native, alice)];
    const wrong = [
        ['room.get', { room: 99_999 }], ['room.get', { room: 0 }], ['room.get', {}],
        ['room.get', { room: room.id, colour: 'red' }], ['room.create', { kind: 'round' }],
        ['no.such', {}], ['room.history', { room: room.id, forward: true }],
    ];
    for (const [type, body] of wrong) {
        const [a, b] = await Promise.all([packed, plain].map((client) =>
            client.request(type, body).catch((error) => error)));
        assert.ok(a instanceof Refusal, type);
        assert.deepEqual([a.name, a.status, a.detail], [b.name, b.status, b.detail], type);
    }
    for (const body of [{ room: 'one' }, { room: 1.5 }, { room: -1 }, { room: 2 ** 53 }, { room: [1] }])
        await assert.rejects(packed.request('room.get', body), { name: 'invalid' });
    await assert.rejects(packed.request('room.get', [1]), { name: 'invalid' });
});

test('what was missed comes on resume', async () => {
    const first = await open(Packed, bob);
    const since = first.welcome.as_of;
    first.socket.terminate();
    await must(server, 'POST', `/v1/rooms/${room.id}/messages`, {
        token: alice.token, body: { text: 'while away' },
    });
    const second = await open(Packed, bob, { since });
    assert.equal(second.welcome.body.resumed, true);
    await second.heardText('while away');
});

test('what a client says before its welcome is done then', async () => {
    const client = new Packed(nativeUrl(server, alice.token));
    after(() => client.socket.terminate());
    await new Promise((resolve) => client.socket.on('open', resolve));
    const { body } = await client.request('room.get', { room: room.id });
    assert.equal(body.id, room.id);
});

const closes = [
    ['a text frame', '{"id":1,"type":"room.ids"}', 1003],
    ['no MessagePack', Buffer.from([0xc1]), 1007],
    ['a cut map', Buffer.from([0x82, 0xa2, 0x69, 0x64]), 1007],
    ['something behind the map', Buffer.concat([encode({ id: 1, type: 'room.ids' }), Buffer.from([0])]), 1007],
    ['an array', Buffer.from(encode([1, 2])), 1007],
    ['a count that the frame cannot hold', Buffer.from([0xdf, 0x05, 0xf5, 0xe1, 0x00]), 1007],
    ['a nest', Buffer.concat([Buffer.from([0x81, 0xa1, 0x61]), Buffer.alloc(60_000, 0x91), Buffer.from([0xc0])]), 1007],
    ['no id', Buffer.from(encode({ type: 'room.ids' })), 1008],
    ['an id that is no whole number', Buffer.from(encode({ id: 1.5, type: 'room.ids' })), 1008],
    ['no type', Buffer.from(encode({ id: 1 })), 1008],
];
for (const [what, frame, code] of closes)
    test(`${what} closes with ${code}`, async () => {
        const client = await open(Packed, alice);
        client.socket.send(frame);
        assert.equal((await client.closed).code, code);
    });

test('a binary frame on JSON closes with 1003', async () => {
    const client = await open(Native, alice);
    client.socket.send(Buffer.from(encode({ id: 1, type: 'room.ids' })));
    assert.equal((await client.closed).code, 1003);
});
