// The example bots, as their authors would run them: with stock libraries and a key over tcp.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Example, addBot, startWithBots } from './bot.mjs';
import { call, eventually, history, makeRoom, must, post, signUp } from './client.mjs';

let server, ann;
before(async () => {
    server = await startWithBots({ settings: { 'bots.patience': 60_000, limits: 'off' } });
    ann = await signUp(server, 'ann');
});
after(() => server.close());

/** A room with ann and the bot. */
async function roomWith(bot) {
    const room = await makeRoom(server, ann.token, 'private');
    await must(server, 'POST', `/v1/rooms/${room.id}/members`,
        { token: ann.token, body: { account: bot.id } });
    return room;
}

const texts = async (room, sender) => (await history(server, ann.token, room.id))
    .filter((message) => message.sender === sender.id).map(({ text }) => text);

/** Post until the bot, which may not have followed yet, has answered this one. */
async function sayUntilAnswered(room, bot, text, answer) {
    let n = 0;
    await eventually(async () => {
        await post(server, ann.token, room.id, text, `${bot.login}-${++n}`);
        return texts(room, bot);
    }, (said) => said.includes(answer), `an answer to ${text}`, 30_000);
}

for (const [name, run] of [['echo.py', Example.python], ['echo.cjs', Example.node],
    ['echo', Example.built]]) {
    test(`${name} says again what it is told`, async () => {
        const bot = addBot(server, `a-${name.replace('.', '-')}`, 'messages');
        const room = await roomWith(bot);
        const example = run(server, bot, name);
        try {
            await sayUntilAnswered(room, bot, '/echo one two', 'one two');
            await post(server, ann.token, room.id, '/other three');
            await post(server, ann.token, room.id, '/echo four');
            await eventually(() => texts(room, bot), (said) => said.includes('four'), 'four', 30_000);
            assert.ok(!(await texts(room, bot)).includes('three'));
        } finally {
            await example.stop();
        }
        assert.doesNotMatch(example.said, /Error|Traceback/);
    });
}

test('bridge carries what others say into another room, and nothing back', async () => {
    const bot = addBot(server, 'bridge', 'messages');
    const from = await roomWith(bot), to = await roomWith(bot);
    const bridge = Example.built(server, bot, 'bridge',
        [from.id, ...Example.place(server, bot), to.id].map(String));
    try {
        let n = 0;
        const carried = await eventually(async () => {
            await post(server, ann.token, from.id, `"one" \u2192 ${++n}`);
            return texts(to, bot);
        }, (said) => said.length > 0, 'the first', 30_000);
        assert.match(carried[0], /^ann: "one" \u2192 \d+$/);
        await post(server, ann.token, to.id, 'not from there');
        await post(server, ann.token, from.id, 'the last');
        const all = await eventually(() => texts(to, bot), (said) => said.includes('ann: the last'),
            'the last', 30_000);
        assert.ok(!all.some((text) => text.includes('not from there')));
        assert.deepEqual(await texts(from, bot), []);
    } finally {
        await bridge.stop();
    }
});

/** Say this again and again until it is refused, which is once the bot judges; gives the error. */
async function sayUntilVetoed(room, text) {
    const { body } = await eventually(
        () => call(server, 'POST', `/v1/rooms/${room.id}/messages`, { token: ann.token, body: { text } }),
        ({ status }) => status === 403, `a veto of ${text}`, 30_000);
    return body.error;
}

for (const [name, run] of [['moderate.py', Example.python], ['moderate', Example.built]]) {
    test(`${name} lets no bad word pass`, async () => {
        const bot = addBot(server, `a-${name.replace('.', '-')}`, 'moderate');
        const room = await roomWith(bot);
        const example = run(server, bot, name, ['darn']);
        try {
            const { name: error, detail } = await sayUntilVetoed(room, 'well, darn it');
            assert.deepEqual([error, detail], ['vetoed', 'this is not said here']);
            assert.equal((await post(server, ann.token, room.id, 'hello')).text, 'hello');
            if (name === 'moderate.py')
                assert.equal((await post(server, ann.token, room.id, 'I SHOUT!!! at you')).text,
                    'I ******** at you');
        } finally {
            await example.stop();
        }
        assert.doesNotMatch(example.said, /Error|Traceback/);
    });
}
