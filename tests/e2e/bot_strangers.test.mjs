// Strangers at the bots' door: who has no key that is let in, or breaks off, costs nothing that
// stays, and disturbs nobody.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { Dealer, curveKeyPair } from 'zeromq';

import { Bot, PYTHON, addBot, startWithBots } from './bot.mjs';
import { eventually, makeRoom, signUp } from './client.mjs';
import { operate } from './operator.mjs';

const STRANGERS = process.env.KITH_LONG ? 100_000 : 2_000;
const WARM_UP = 1_000; // until what is reused is there
const GROWTH_BYTES = 12 * 1024 * 1024;
const DESCRIPTORS = 4; // those of other people's connections
const KNOCK = new URL('strangers.py', import.meta.url).pathname;

// What AddressSanitizer keeps of freed memory is no growth.
process.env.ASAN_OPTIONS = [process.env.ASAN_OPTIONS, 'quarantine_size_mb=1'].filter(Boolean).join(':');

const PING_MS = 10_000; // a bot that says nothing for a minute is forgotten

let server, friend, pinging;
before(async () => {
    server = await startWithBots();
    const ann = await signUp(server, 'ann');
    await makeRoom(server, ann.token);
    friend = await Bot.open(server, addBot(server, 'friend', 'messages rooms'));
    pinging = setInterval(() => void friend.call('bus.ping'), PING_MS);
});
after(async () => {
    clearInterval(pinging);
    await friend.close();
    await server.close();
});

/** So many strangers, eight at a time; how many there were of each kind. */
async function knockAll(count) {
    const { hostname, port } = new URL(server.door);
    const run = spawn(PYTHON, [KNOCK, hostname, port, server.brokerKey, String(count)],
        { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    run.stdout.on('data', (data) => { said += data; });
    const [code] = await once(run, 'close');
    assert.equal(code, 0, said);
    return JSON.parse(said).kinds;
}

const descriptors = () => readdirSync(`/proc/${server.pid}/fd`).length;
const memory = () => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`))[1]);
const toldOf = () => server.log().split('\n').filter((line) => /refused for keys/.test(line));

test(`${STRANGERS} handshakes that are denied leave memory and descriptors as they were`, async (t) => {
    const opened = descriptors();
    await knockAll(WARM_UP);
    const held = memory();
    const began = Date.now();
    const kinds = await knockAll(STRANGERS);
    t.diagnostic(`${JSON.stringify(kinds)} in ${(Date.now() - began) / 1000} s`);
    await friend.call('bus.ping');
    const growth = memory() - held;
    t.diagnostic(`memory grew by ${growth} bytes`);
    assert.ok(growth < GROWTH_BYTES, `memory grew by ${growth} bytes`);
    await eventually(descriptors, (count) => count <= opened + DESCRIPTORS, 'closed descriptors', 60_000);
    assert.equal((await friend.call('room.list')).rooms.length, 0);
    assert.ok(toldOf().length > 0 && toldOf().length <= 2 + (Date.now() - began) / 5_000, toldOf().join('\n'));
});

/** Knock as a stock client does; done when that was refused. */
async function knock({ publicKey, secretKey }) {
    const stranger = new Dealer({ linger: 0, curvePublicKey: publicKey, curveSecretKey: secretKey,
        curveServerKey: readFileSync(server.brokerKey, 'utf8').trim() });
    const refused = new Promise((resolve) => {
        stranger.events.on('handshake:error:auth', resolve);
    });
    stranger.connect(server.door);
    await refused;
    stranger.close();
}

test('a stock client is told that its key is of nobody, or of nobody any more', async () => {
    await knock(curveKeyPair());
    const bot = addBot(server, 'brief', 'messages');
    await (await Bot.open(server, bot)).close();
    operate(server, 'bot', 'revoke', 'brief');
    await knock(bot);
    await friend.call('bus.ping');
});
