// Two-second drops: clients of every socket dialect, each on a cable that is cut at random while
// messages flow.  What each shows after it is back is all that was said, in order, each once.
//
// Who can resume does; the others have their document's history call.  With KITH_LONG there are
// a hundred clients of each and twenty cuts.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { post } from './client.mjs';
import { Cable } from './people/cable.mjs';
import { clients } from './people/all.mjs';
import { settings, meetDirectly } from './people/rooms.mjs';
import { Server } from './server.mjs';

const { crowd, cuts, everyMs } = process.env.KITH_LONG
    ? { crowd: 100, cuts: 20, everyMs: 50 } : { crowd: 8, cuts: 2, everyMs: 20 };
const CUT_MS = 2_000;
const CALM_MS = 1_000; // at most, between two cuts
const PATIENCE_MS = 30_000;

let server;
/** Whose WebSocket is cut just as Engine.IO's client has stopped polling for it, is silent until
 *  it misses a heartbeat: the package knows no other way out. */
const heartbeats = { 'socketio.heartbeat_ms': 5_000, 'socketio.heartbeat_timeout_ms': 5_000 };

before(async () => {
    server = await Server.start({ settings: { ...settings, ...heartbeats } });
});
after(() => server.close());

const random = (list) => list[Math.floor(Math.random() * list.length)];

/** Somebody's client on a cable of its own, in the room. */
async function onCable(Client, owner, room) {
    const client = new Client(server, owner.login);
    Object.assign(client, { password: owner.password, email: owner.email });
    client.cable = await Cable.to(server);
    await client.signIn();
    await client.connect();
    await client.enter(room);
    client.stay();
    return client;
}

/** Cut its cable so many times, each for two seconds; it is over once it hears again. */
async function shake(client) {
    for (let n = 0; n < cuts; n++) {
        await sleep(Math.random() * CALM_MS);
        client.cable.cut(random(Cable.ways));
        await sleep(CUT_MS);
        client.cable.mend();
    }
    const had = client.heard.length;
    await client.until(() => client.heard.length > had, 'word after the last cut', PATIENCE_MS);
}

/** Say numbered things until the work is over; gives all that was said. */
async function talkWhile(work, room) {
    let isOver = false;
    const said = [];
    const over = work.finally(() => { isOver = true; });
    while (!isOver) {
        const text = `line ${said.length + 1}`;
        await post(server, room.token, room.id, text);
        said.push(text);
        await sleep(everyMs);
    }
    await over;
    return said;
}

/** As `deepEqual`, but tells only where they part. */
function assertWhole(texts, said) {
    const at = said.findIndex((text, n) => text !== texts[n]);
    const around = (list) => list.slice(Math.max(at - 2, 0), at + 3).join();
    assert.ok(at < 0, `after line ${at}: ${around(texts)}, not ${around(said)}`);
    assert.equal(texts.length, said.length);
}

/** People of one kind of client: all of them are cut, and none misses anything. */
async function drop(name, Client) {
    const people = [1, 2].map((n) => new Client(server, `${name.replace(/\W/g, '_')}_${n}`));
    for (const person of people) {
        await person.signUp();
        await person.signIn();
    }
    const room = await meetDirectly(server, people);
    const all = [];
    for (let n = 0; n < crowd; n++) // not all at once: hashing passwords is slow
        all.push(await onCable(Client, people[n % 2], room));
    const said = await talkWhile(Promise.all(all.map(shake)), room);
    await post(server, room.token, room.id, 'the last line');
    await Promise.all(all.map((client) => client.sees('the last line')));
    all.forEach((client) => assertWhole(client.texts(), [...said, 'the last line']));
    await Promise.all(all.map((client) => client.leave()));
    all.forEach(({ cable }) => cable.close());
}

suite(`${crowd} clients of each, cut ${cuts} times`, { concurrency: !process.env.KITH_LONG }, () => {
    for (const [name, Client] of Object.entries(clients))
        test(name, () => drop(name, Client));
});
