// Who hears what, on every kind of socket: nothing for who was never in the room, nothing more
// for who was put out of it, and nothing within a second for whose session has ended.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import { Native, must, post, signIn, signUp } from './client.mjs';
import { clients } from './people/all.mjs';
import { knock, meetDirectly, settings } from './people/rooms.mjs';
import { Server } from './server.mjs';

const ENDED_WITHIN_MS = 1_000;

let server;
before(async () => { server = await Server.start({ settings }); });
after(() => server.close());

let count = 0;

/** Somebody new, connected; `native`: another session of the same account, from outside. */
async function arrive(Client) {
    const person = new Client(server, `person${count++}`);
    await person.signUp();
    await person.signIn();
    await person.connect();
    const { token, account } = await signIn(server, person.login, person.password);
    return Object.assign(person, { native: token, id: account.id });
}

/** Try to come into a room; however the server refuses, or does not answer, it is over then. */
function tryToEnter(person, room) {
    const refused = new Promise((resolve) => {
        person.socket?.on?.('disconnect', resolve);
        person.heardError = resolve;
    });
    const entered = person.enter(room).catch(() => {});
    return Promise.race([entered, refused, person.gone].filter(Boolean));
}

async function privateRoom(owner, ...others) {
    const room = await must(server, 'POST', '/v1/rooms',
        { token: owner.native, body: { kind: 'private', name: 'a room' } });
    for (const { id: account } of others)
        await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: owner.native, body: { account } });
    return { ...room, token: owner.native };
}

const say = (owner, room, text) => post(server, owner.native, room.id, text);

for (const [name, Client] of Object.entries(clients)) {
    suite(name, { concurrency: true }, () => {
        test('who was never in a direct room hears nothing of it', async () => {
            const [ann, bob, eve] = [await arrive(Client), await arrive(Client), await arrive(Client)];
            const room = await meetDirectly(server, [ann, bob]);
            await bob.enter(room);
            await tryToEnter(eve, room);
            await knock(server, room, [bob]);
            await say(ann, room, 'between us');
            await bob.sees('between us');
            assert.deepEqual(eve.texts(), []);
            await Promise.all([ann, bob, eve].map((person) => person.close()));
        });

        test('whose session has ended hears nothing a second later', async () => {
            const [ann, bob] = [await arrive(Client), await arrive(Client)];
            const room = await meetDirectly(server, [ann, bob]);
            await bob.enter(room);
            await knock(server, room, [bob]);
            await must(server, 'DELETE', '/v1/sessions', { token: bob.native });
            const ended = Date.now();
            if (Client.document !== '000')
                await bob.until(() => bob.isGone, 'end of the socket', ENDED_WITHIN_MS);
            assert.ok(Date.now() - ended < ENDED_WITHIN_MS);
            const witness = await Native.open(server, bob.native);
            await say(ann, room, 'after');
            await witness.heardText('after');
            assert.ok(!bob.texts().includes('after'));
            await Promise.all([ann.close(), bob.close(), witness.close()]);
        });

        test('who is put out of a room hears no more of it', {
            skip: !Client.kinds.includes('private') && 'knows direct rooms only',
        }, async () => {
            const [ann, bob, eve] = [await arrive(Client), await arrive(Client), await arrive(Client)];
            const room = await privateRoom(ann, bob, eve);
            await bob.enter(room);
            await eve.enter(room);
            await knock(server, room, [bob, eve]);
            await must(server, 'DELETE', `/v1/rooms/${room.id}/members/${eve.id}`, { token: ann.native });
            await say(ann, room, 'among us');
            await bob.sees('among us');
            assert.ok(!eve.texts().includes('among us'));
            await Promise.all([ann, bob, eve].map((person) => person.close()));
        });
    });
}
