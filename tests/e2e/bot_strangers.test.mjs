// Strangers at the bots' door: whoever has a key of nobody's costs nothing that stays.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { Dealer, curveKeyPair } from 'zeromq';

import { Bot, addBot, startWithBots } from './bot.mjs';
import { eventually, makeRoom, signUp } from './client.mjs';

const STRANGERS = process.env.KITH_LONG ? 100_000 : 2_000;
const WARM_UP = 1_000; // until what is reused is there
const AT_ONCE = 50;
const GROWTH_BYTES = 12 * 1024 * 1024;
const DESCRIPTORS = 4; // those of other people's connections

// What AddressSanitizer keeps of freed memory is no growth.
process.env.ASAN_OPTIONS = [process.env.ASAN_OPTIONS, 'quarantine_size_mb=1'].filter(Boolean).join(':');

let server, friend;
before(async () => {
    server = await startWithBots();
    const ann = await signUp(server, 'ann');
    await makeRoom(server, ann.token);
    friend = await Bot.open(server, addBot(server, 'friend', 'messages rooms'));
});
after(async () => {
    await friend.close();
    await server.close();
});

/** Knock once with a key of nobody's; done when that was refused. */
async function knock(serverKey) {
    const { publicKey, secretKey } = curveKeyPair();
    const stranger = new Dealer({ linger: 0, curvePublicKey: publicKey, curveSecretKey: secretKey,
        curveServerKey: serverKey });
    const refused = new Promise((resolve) => {
        stranger.events.on('handshake:error:auth', resolve);
    });
    stranger.connect(server.door);
    await refused;
    stranger.close();
}

async function knockAll(count) {
    const serverKey = readFileSync(server.brokerKey, 'utf8').trim();
    let left = count;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0)
            await knock(serverKey);
    }));
}

const descriptors = () => readdirSync(`/proc/${server.pid}/fd`).length;
const memory = () => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`))[1]);

test(`${STRANGERS} handshakes that are denied leave memory and descriptors as they were`, async (t) => {
    const opened = descriptors();
    await knockAll(WARM_UP);
    const held = memory();
    await knockAll(STRANGERS);
    await friend.call('bus.ping');
    const growth = memory() - held;
    t.diagnostic(`memory grew by ${growth} bytes`);
    assert.ok(growth < GROWTH_BYTES, `memory grew by ${growth} bytes`);
    await eventually(descriptors, (count) => count <= opened + DESCRIPTORS, 'closed descriptors', 30_000);
    assert.equal((await friend.call('room.list')).rooms.length, 0);
});
