// main.mjs - a message's way from being sent to being acknowledged, with bots that judge it and without.

import { Example, addBot, startWithBots } from '../../e2e/bot.mjs';
import { Native, call, eventually, makeRoom, must, signUp } from '../../e2e/client.mjs';

const messages = Number(process.argv[2]);
const server = await startWithBots({ settings: { limits: 'off', 'bots.patience': 5000 } });
const ann = await signUp(server, 'ann');

const enter = (room, bot) => must(server, 'POST', `/v1/rooms/${room}/members`,
    { token: ann.token, body: { account: bot.id } });

/** Milliseconds of each of so many messages, by their size. */
async function time(room) {
    const client = await Native.open(server, ann.token);
    const took = [];
    for (let n = -messages / 10; n < messages; n++) {
        const begun = performance.now();
        await client.post(room, `message ${n}`);
        if (n >= 0)
            took.push(performance.now() - begun);
    }
    await client.close();
    return took.sort((one, other) => one - other);
}

async function tell(name, room) {
    const took = await time(room);
    const at = (share) => took[Math.floor(took.length * share)].toFixed(3);
    console.log(`${name.padEnd(44)} p50 ${at(0.5)} ms   p99 ${at(0.99)} ms`);
}

/** The example bot, once it judges in these rooms. */
async function guard(login, rooms) {
    const bot = addBot(server, login, 'moderate');
    for (const room of rooms)
        await enter(room, bot);
    const example = Example.built(server, bot, 'moderate', ['never-said']);
    await eventually(() => call(server, 'POST', `/v1/rooms/${rooms[0]}/messages`,
        { token: ann.token, body: { text: 'never-said' } }), ({ status }) => status === 403, 'a veto', 30_000);
    return example;
}

const rooms = [];
for (let n = 0; n < 4; n++)
    rooms.push((await makeRoom(server, ann.token, 'private')).id);
await tell('no bot judges', rooms[0]);
const first = await guard('first', [rooms[1], rooms[2]]);
await tell('a bot judges, in other rooms', rooms[0]);
await tell('a bot judges', rooms[1]);
const second = await guard('second', [rooms[2]]);
await tell('two bots judge, one after the other', rooms[2]);
await Promise.all([first, second].map((bot) => bot.stop()));
await server.close();
