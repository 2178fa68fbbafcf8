// What bots hear: every event once and in order, from any point of the past through to what happens
// now, however slow they are, and nothing that is not theirs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Bot, addBot, startWithBots } from './bot.mjs';
import { Native, eventually, makeRoom, must, post, signUp } from './client.mjs';
import { operate } from './operator.mjs';

const MESSAGES = 3_000; // of a flow
const ROOMS = 4;
const AT_ONCE = 50; // messages under way in a room
const WINDOW = 1024;

let server, ann;
before(async () => {
    server = await startWithBots();
    ann = await signUp(server, 'ann');
});
after(() => server.close());

const addTo = (room, bot) => must(server, 'POST', `/v1/rooms/${room.id}/members`,
    { token: ann.token, body: { account: bot.id } });

/** A bot in so many rooms of ann's. */
async function botInRooms(login, count, scopes = 'messages') {
    const bot = addBot(server, login, scopes);
    const rooms = [];
    for (let i = 0; i < count; i++) {
        rooms.push(await makeRoom(server, ann.token, 'private', `${login} ${i}`));
        await addTo(rooms[i], bot);
    }
    return { bot, rooms };
}

/** Say `count` things in a room, several at a time. */
async function talk(room, count) {
    const client = await Native.open(server, ann.token);
    let left = count;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0)
            await client.post(room.id, 'x'.repeat(200));
    }));
    await client.close();
}

const flow = (rooms, count) => Promise.all(rooms.map((room) => talk(room, count / ROOMS)));

/** Sequences rise in the journal, and have no gap in any room. */
function assertWhole(events) {
    const seen = new Map();
    let last = 0;
    for (const { seq, room, body } of events) {
        assert.ok(seq > last, `${seq} after ${last}`);
        last = seq;
        assert.equal(body.message.seq, (seen.get(room) ?? 0) + 1, `a gap or a double in room ${room}`);
        seen.set(room, body.message.seq);
    }
}

async function take(connection, count) {
    const events = [];
    while (events.length < count)
        events.push(await connection.next());
    return events;
}

test('a bot that starts at 0 while messages flow in its rooms hears each once, in order', async () => {
    const { bot, rooms } = await botInRooms('early', ROOMS);
    await flow(rooms, MESSAGES / 2);
    const flowing = flow(rooms, MESSAGES / 2);
    const connection = await Bot.open(server, bot);
    await connection.call('bot.follow', { types: 'room.posted' });
    const events = await take(connection, MESSAGES);
    await flowing;
    assertWhole(events);
    await connection.call('bus.ping');
    assert.deepEqual(connection.queue, []);
    await connection.close();
});

test('who does not acknowledge gets a window full, and the rest when it does', async () => {
    const { bot, rooms: [room] } = await botInRooms('stuck', 1);
    const connection = await Bot.open(server, bot);
    const other = await Bot.open(server, bot);
    for (const one of [connection, other])
        await one.call('bot.follow', { types: 'room.posted', rooms: [room.id] });
    await talk(room, WINDOW + 200);
    assertWhole(await take(other, WINDOW + 200));
    await connection.until(() => connection.queue.length === WINDOW, 'a window full');
    await connection.call('bus.ping');
    assert.equal(connection.queue.length, WINDOW);
    assertWhole(await take(connection, WINDOW + 200));
    await connection.close();
    await other.close();
});

test('a bot hears its rooms and nobody else\'s, from the moment it is in', async () => {
    const { bot, rooms: [home] } = await botInRooms('homely', 1);
    const elsewhere = await makeRoom(server, ann.token, 'private');
    const connection = await Bot.open(server, bot);
    await connection.call('bot.follow', { after: connection.welcome.head, types: 'room.' });
    await connection.refused('forbidden', 'bot.follow', { rooms: [elsewhere.id] });
    await connection.refused('forbidden', 'bot.follow', { accounts: [ann.id] });
    await post(server, ann.token, elsewhere.id, 'unheard');
    await post(server, ann.token, home.id, 'heard', 'ann-1');
    const heard = await connection.next();
    assert.equal(heard.body.message.text, 'heard');
    assert.equal(heard.body.message.client_id, undefined);
    await addTo(elsewhere, bot);
    assert.equal((await connection.next()).type, 'room.joined');
    await post(server, ann.token, elsewhere.id, 'heard too');
    assert.equal((await connection.next()).body.message.text, 'heard too');
    await must(server, 'DELETE', `/v1/rooms/${elsewhere.id}/members/${bot.id}`, { token: ann.token });
    assert.equal((await connection.next()).type, 'room.left');
    await post(server, ann.token, elsewhere.id, 'unheard again');
    await post(server, ann.token, home.id, 'the last');
    assert.equal((await connection.next()).body.message.text, 'the last');
    await connection.close();
});

test('with `observe` it hears all that clients may see, and no secret', async () => {
    const bot = addBot(server, 'witness', 'observe');
    const connection = await Bot.open(server, bot);
    await connection.call('bot.follow', { after: connection.welcome.head });
    const carl = await signUp(server, 'carl', { email: 'carl@example.org' });
    const room = await makeRoom(server, carl.token, 'private');
    await post(server, carl.token, room.id, 'to nobody', 'carl-1');
    const types = [];
    let last;
    do {
        last = await connection.next();
        types.push(last.type);
    } while (last.body.message?.text !== 'to nobody');
    assert.ok(types.includes('room.created') && types.includes('room.joined'));
    assert.ok(!types.some((type) => /^(account\.registered|session\.)/.test(type)));
    assert.equal(last.body.message.client_id, undefined);
    await connection.refused('forbidden', 'room.post', { room: room.id, text: 'x' });
    await connection.close();
});

test('the kinds that it hears are those of its scopes, also when they change', async () => {
    const { bot, rooms: [room] } = await botInRooms('changing', 1, 'people');
    const connection = await Bot.open(server, bot);
    await connection.call('bot.follow', { after: connection.welcome.head, types: 'room.posted' });
    await post(server, ann.token, room.id, 'unheard');
    await connection.call('bus.ping'); // by now it was passed over
    operate(server, 'bot', 'scopes', 'changing', '--scopes', 'messages');
    await post(server, ann.token, room.id, 'heard');
    assert.equal((await connection.next()).body.message.text, 'heard');
    await connection.close();
});

test('what is not recorded comes to bots too', async () => {
    const { bot, rooms: [room] } = await botInRooms('watcher', 1);
    const connection = await Bot.open(server, bot);
    const { head } = await connection.call('bot.follow', { after: connection.welcome.head });
    assert.ok(head >= connection.welcome.head);
    await must(server, 'PUT', `/v1/rooms/${room.id}/typing`, { token: ann.token, body: {} });
    const typing = await connection.next();
    assert.deepEqual([typing.type, typing.seq, typing.body.account], ['room.typing', 0, ann.id]);
    await connection.close();
});

test('commands and mentions reach it as calls, with all else or alone', async () => {
    const { bot, rooms: [room] } = await botInRooms('helper', 1, 'messages');
    const alone = await Bot.open(server, bot);
    const all = await Bot.open(server, bot);
    const { head } = alone.welcome;
    await alone.call('bot.follow', { after: head, types: 'bot.called' });
    await all.call('bot.follow', { after: head, types: 'bot.called room.posted' });
    const said = ['/weather  in Oslo', 'how is it?', '@helper are you there?', '/', '/ no word', '/time'];
    for (const text of said)
        await post(server, ann.token, room.id, text);
    await all.call('room.post', { room: room.id, text: '/weather by itself' });
    await post(server, ann.token, room.id, '/last');
    const seen = ({ type, body }) => [type, body.command, body.words, body.mentioned, body.message.text];
    const calls = [
        ['bot.called', 'weather', 'in Oslo', undefined, said[0]],
        ['bot.called', undefined, undefined, true, said[2]],
        ['bot.called', 'time', undefined, undefined, said[5]],
        ['bot.called', 'last', undefined, undefined, '/last'],
    ];
    assert.deepEqual((await take(alone, calls.length)).map(seen), calls);
    const events = await take(all, said.length + 2);
    assert.deepEqual(events.filter(({ type }) => type === 'bot.called').map(seen), calls);
    assert.deepEqual(events.map(({ body }) => body.message.text), [...said, '/weather by itself', '/last']);
    await alone.close();
    await all.close();
});
