// Bots on the bus: who is let in and who is not, what scopes allow, and that an end is an end.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { encode } from '@msgpack/msgpack';

import { Bot, addBot, startWithBots } from './bot.mjs';
import { eventually, history, makeRoom, must, post, signUp } from './client.mjs';
import { operate } from './operator.mjs';

let server, ann, room, echo;
before(async () => {
    server = await startWithBots();
    ann = await signUp(server, 'ann');
    room = await makeRoom(server, ann.token, 'private');
    echo = addBot(server, 'echo', 'messages rooms');
    await join(echo, room);
});
after(() => server.close());

const join = (bot, { id }) => must(server, 'POST', `/v1/rooms/${id}/members`,
    { token: ann.token, body: { account: bot.id } });
const bots = () => operate(server, 'bot', 'list', '--json').split('\n').filter(Boolean).map(JSON.parse);
const lines = (pattern) => server.log().split('\n').filter((line) => pattern.test(line));

const LINES_APART_MS = 9_000; // ten seconds, of another clock

/** The log has such lines, and not too often. */
function assertToldNowAndThen(pattern) {
    const times = lines(pattern).map((line) => Date.parse(line.split(' ')[0]));
    assert.ok(times.length > 0, `no line fits ${pattern}`);
    for (let i = 1; i < times.length; i++)
        assert.ok(times[i] - times[i - 1] > LINES_APART_MS, lines(pattern).join('\n'));
}

test('kith bot lets one in, lists it and changes what it may', async () => {
    const bot = addBot(server, 'clerk', 'messages');
    assert.deepEqual(bots().find(({ login }) => login === 'clerk'), {
        account: bot.account, login: 'clerk', session: bot.session, created: bot.created,
        key: bot.publicKey, scopes: 'messages',
    });
    const connection = await Bot.open(server, bot);
    assert.match(await connection.refused('forbidden', 'room.list'), /lacks the scope `rooms`/);
    operate(server, 'bot', 'scopes', 'clerk', '--scopes', 'rooms');
    assert.deepEqual((await connection.call('room.list')).rooms, []);
    assert.match(await connection.refused('forbidden', 'room.history', { room: room.id }), /`messages`/);
    assert.equal(bots().find(({ login }) => login === 'clerk').scopes, 'rooms');
    assert.throws(() => operate(server, 'bot', 'add', 'clerk', bot.file, '--scopes', 'rooms'), /exists/);
    assert.throws(() => operate(server, 'bot', 'add', 'ann', `${bot.file}-2`, '--scopes', 'rooms'),
        /not a bot's/);
    assert.throws(() => operate(server, 'bot', 'add', 'other', bot.file, '--scopes', 'rooms'),
        /another bot's/);
    assert.throws(() => operate(server, 'bot', 'scopes', 'clerk', '--scopes', 'nonsense'), /no scope/);
    await connection.close();
});

for (const bare of [false, true]) {
    test(`a bot speaks as itself, ${bare ? 'over ipc' : 'over tcp with its key'}`, async () => {
        const connection = await Bot.open(server, echo, { bare });
        const { version, account, scopes, silence_ms, window } = connection.welcome;
        assert.deepEqual([version, account, scopes], [1, echo.id, 'messages rooms']);
        assert.ok(silence_ms >= 10_000 && window > 0);
        const message = await connection.call('room.post',
            { room: room.id, text: 'beep', client_id: `b-${bare}` });
        assert.equal(message.sender, echo.id);
        const again = await connection.call('room.post',
            { room: room.id, text: 'beep', client_id: `b-${bare}` });
        assert.deepEqual(again, message);
        assert.ok((await history(server, ann.token, room.id)).some(({ id }) => id === message.id));
        await connection.close();
    });
}

test('what it says is read as strictly as any client', async () => {
    const connection = await Bot.open(server, echo);
    await connection.refused('unknown_type', 'room.explode');
    await connection.refused('unknown_field', 'room.post', { room: room.id, text: 'x', colour: 1 });
    await connection.refused('unknown_field', 'room.post', { room: room.id, text: 'x', extra: '{' });
    assert.match(await connection.refused('invalid', 'room.post', { room: room.id }), /text/);
    await connection.refused('not_found', 'room.history', { room: 999_999 });
    await connection.close();
});

test('what belongs to edges, actors and operators is not for bots', async () => {
    const connection = await Bot.open(server, echo);
    for (const [type, body] of [['bus.subscribe', {}], ['bus.read', { from: 1 }], ['bus.metrics', {}],
        ['bus.ready', {}], ['presence.announce', {}], ['bot.list', {}], ['account.create', { login: 'x' }],
        ['session.open', { login: 'ann', password: 'secret' }]])
        await connection.refused('forbidden', type, body);
    await connection.close();
});

test('others\' client ids are not its affair', async () => {
    await post(server, ann.token, room.id, 'secretly', 'ann-1');
    const connection = await Bot.open(server, echo);
    const { messages } = await connection.call('room.history', { room: room.id });
    assert.deepEqual(messages.filter(({ sender }) => sender === ann.id).map((m) => m.client_id), [undefined]);
    assert.ok(messages.filter(({ sender }) => sender === echo.id).every((m) => m.client_id));
    await connection.close();
});

test('before it has said hello it is nobody', async () => {
    const connection = new Bot(server, { pair: echo });
    await connection.refused('unauthenticated', 'room.list');
    await connection.refused('unauthenticated', 'bus.ping');
    await connection.call('bot.hello');
    await connection.call('bus.ping');
    await connection.close();
    const bare = new Bot(server, { bare: true });
    await bare.refused('not_found', 'bot.hello', { account: ann.id });
    await bare.refused('not_found', 'bot.hello');
    await bare.close();
});

test('a key is good for its own bot only', async () => {
    const other = addBot(server, 'other', 'messages');
    const connection = new Bot(server, { pair: echo });
    await connection.refused('forbidden', 'bot.hello', { account: other.id });
    await connection.close();
});

test('a key that nobody has let in opens nothing, and the log says so once', async () => {
    const friend = await Bot.open(server, echo);
    const strangers = Array.from({ length: 20 }, () => new Bot(server));
    for (const stranger of strangers)
        void stranger.send(encode(['call', 0, 'bot.hello', {}]));
    await eventually(() => lines(/refused for keys/).length, (count) => count > 0, 'a line in the log');
    for (let i = 0; i < 10; i++)
        await friend.call('bus.ping');
    assertToldNowAndThen(/refused for keys/);
    for (const stranger of strangers)
        stranger.close();
    await friend.close();
});

test('who speaks garbage is cut off, told of once, and disturbs nobody', async () => {
    const bot = addBot(server, 'garbler', 'messages');
    const friend = await Bot.open(server, echo);
    const garbler = await Bot.open(server, bot);
    const garbage = [Buffer.alloc(0), Buffer.from('hello?'), encode(['call', 1]), encode([]),
        encode(['call', -1, 'bus.ping', {}]), encode(['answer', 1, 'ok', 1, {}]),
        Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), Buffer.alloc(70_000, 0x91)];
    for (let i = 0; i < 50; i++)
        for (const bytes of garbage)
            await garbler.send(bytes);
    await garbler.refused('unauthenticated', 'bus.ping'); // it was forgotten
    await garbler.call('bot.hello');
    assertToldNowAndThen(/malformed/);
    await friend.call('bus.ping');
    await friend.close();
    await garbler.close();
});

test('a bot without the scope is told of once', async () => {
    const bot = addBot(server, 'idler', 'people');
    const connection = await Bot.open(server, bot);
    for (let i = 0; i < 30; i++)
        await connection.refused('forbidden', 'room.post', { room: room.id, text: 'x' });
    assertToldNowAndThen(new RegExp(`account ${bot.id}: .*lacks the scope`));
    await connection.close();
});

test('a bot that is revoked is cut off at once, and its key opens nothing more', async () => {
    const bot = addBot(server, 'brief', 'messages rooms');
    await join(bot, room);
    const connection = await Bot.open(server, bot);
    const second = await Bot.open(server, bot, { bare: true });
    await connection.call('bot.follow', { after: connection.welcome.head });
    operate(server, 'bot', 'revoke', 'brief');
    await connection.until(() => connection.asides.includes('session_ended'), 'its end');
    await second.until(() => second.asides.includes('session_ended'), 'its end');
    await post(server, ann.token, room.id, 'behind its back');
    await connection.refused('session_ended', 'room.list');
    await connection.refused('session_ended', 'bot.hello');
    assert.deepEqual(connection.queue, []);
    await second.refused('not_found', 'bot.hello', { account: bot.id });
    assert.ok(!bots().some(({ login }) => login === 'brief'));
    assert.throws(() => operate(server, 'bot', 'revoke', 'brief'), /no such thing/i);
    await connection.close();
    await second.close();
    const renewed = addBot(server, 'brief', 'messages'); // the pair is there: the same key again
    assert.equal(renewed.account, bot.account);
    await (await Bot.open(server, renewed)).close();
});

test('a ban ends it as a revocation does', async () => {
    const bot = addBot(server, 'rude', 'messages');
    const connection = await Bot.open(server, bot);
    operate(server, 'account', 'ban', 'rude');
    await connection.until(() => connection.asides.includes('session_ended'), 'its end');
    await connection.refused('session_ended', 'bot.hello');
    await connection.close();
});

test('one bot has so many connections and no more', async () => {
    const bot = addBot(server, 'many', 'messages');
    const connections = [];
    for (let i = 0; i < 16; i++)
        connections.push(await Bot.open(server, bot));
    const last = new Bot(server, { pair: bot });
    await last.refused('too_many', 'bot.hello');
    await connections[0].close();
    await eventually(() => last.call('bot.hello').then(() => true, () => false), Boolean, 'a place');
    await Promise.all([last, ...connections.slice(1)].map((one) => one.close()));
});

test('bots are known again after a restart', async () => {
    const before = await Bot.open(server, echo);
    await server.restart();
    await eventually(() => before.call('bus.ping').then(() => '', ({ name }) => name),
        (name) => name === 'unauthenticated', 'the new broker');
    await before.call('bot.hello');
    await before.call('room.post', { room: room.id, text: 'back' });
    await before.close();
    const late = await Bot.open(server, addBot(server, 'late', 'messages'));
    await late.close();
});
