// /metrics, as Prometheus scrapes it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, makeRoom, must, numbers, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server, ann, room;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token);
});
after(() => server.close());

async function scrape(headers = {}) {
    const reply = await fetch(`${server.url}/metrics`, { headers });
    return { status: reply.status, type: reply.headers.get('content-type'), text: await reply.text() };
}

test('every line is of the text format, and every number has a help and a type', async () => {
    const { type, text } = await scrape();
    assert.match(type, /^text\/plain; version=0\.0\.4/);
    const typed = new Set();
    for (const line of text.trimEnd().split('\n')) {
        const [, kind, name] = line.match(/^# (HELP|TYPE) ([a-z_]+) \S/) ?? [];
        if (kind === 'TYPE')
            typed.add(name);
        if (kind)
            continue;
        const [, family] = line.match(/^([a-z_]+)(?:\{[a-z]+="[^"]*"\})? -?[0-9.]+$/) ?? [];
        assert.ok(family, line);
        assert.ok(typed.has(family) || typed.has(family.replace(/_(bucket|sum|count)$/, '')), line);
    }
});

test('what happens is counted', async () => {
    const before = await numbers(server);
    const client = await Native.open(server, ann.token);
    for (let i = 0; i < 5; i++)
        await post(server, ann.token, room.id, `m${i}`);
    await refused(server, 'not_found', 'GET', '/v1/rooms/999', ann);
    await client.heardText('m4');
    const after = await numbers(server);
    const grew = (name) => (after[name] ?? 0) - (before[name] ?? 0);
    assert.equal(after['kith_connections{dialect="native"}'], 1);
    assert.equal(after.kith_up, 1);
    assert.equal(after['kith_actor_ready{actor="room"}'], 1);
    assert.ok(grew('kith_deliveries_total{dialect="native"}') >= 5);
    assert.equal(grew('kith_edge_refused_total{reason="not_found"}'), 1);
    assert.equal(grew('kith_refused_total{reason="not_found"}'), 1);
    assert.ok(grew('kith_commit_seconds_count') >= 1);
    assert.ok(grew('kith_commit_records_sum') >= 5);
    assert.ok(grew('kith_journal_head') >= 5);
    assert.ok(after.process_resident_memory_bytes > 1e6);
    await client.close();
});

test('an event is rendered once a dialect, and once for its sender, however many hear it', async () => {
    const clients = [];
    for (let i = 0; i < 12; i++)
        clients.push(await Native.open(server, ann.token));
    const bob = await signUp(server, 'bob-of-metrics');
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
    await must(server, 'PUT', '/v1/notifications/preferences/message', // which would be heard, too
        { token: bob.token, body: { wish: 'off' } });
    for (let i = 0; i < 12; i++)
        clients.push(await Native.open(server, bob.token));
    await clients[0].heard(({ type, body }) => // who comes is told once a second, to all of them
        type === 'presence.changed' && body.account === bob.id && body.online);
    const before = await numbers(server);
    for (let i = 0; i < 10; i++)
        await post(server, ann.token, room.id, `rendered ${i}`, `r${i}`); // its sender sees the id
    await Promise.all(clients.map((client) => client.heardText('rendered 9')));
    const after = await numbers(server);
    const grew = (name) => after[name] - before[name];
    assert.equal(grew('kith_deliveries_total{dialect="native"}'), 240);
    assert.equal(grew('kith_renderings_total{dialect="native"}'), 20);
    await Promise.all(clients.map((client) => client.close()));
});

test('what a proxy forwards is not shown', async () => {
    for (const header of ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Real-IP', 'Forwarded', 'Via'])
        assert.equal((await scrape({ [header]: 'for=192.0.2.1' })).status, 404, header);
    assert.equal((await call(server, 'POST', '/metrics')).status, 404);
});

test('only those whom the setting names see it', async () => {
    const closed = await Server.start({ settings: { 'metrics.from': '192.0.2.0/24' } });
    assert.equal((await fetch(`${closed.url}/metrics`)).status, 404);
    await closed.close();
});
