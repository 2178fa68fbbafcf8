// Web Push, at least once: what was on its way when the server was killed comes again, and can be
// told to be the same.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { must, post, signUp } from './client.mjs';
import { PushService } from './push_service.mjs';
import { Server } from './server.mjs';

let service, server;
before(async () => {
    service = await PushService.open();
    server = await Server.start({ settings: service.settings });
});
after(async () => {
    await server.close();
    await service.close();
});

test('what nobody has answered for comes again, under the same topic', async () => {
    const [ann, bob] = await Promise.all(['ann', 'bob'].map((login) => signUp(server, login)));
    const { id: room } = await must(server, 'POST', '/v1/direct', {
        token: ann.token, body: { account: bob.id },
    });
    const browser = service.browser();
    await must(server, 'POST', '/v1/push/subscriptions', { token: bob.token, body: browser.wish });
    const { key } = await must(server, 'GET', '/v1/push/key');

    service.answer = () => new Promise(() => {});
    await post(server, ann.token, room, 'hello');
    await browser.hears(1);
    await server.kill();
    service.answer = () => 201;
    await server.launch();

    const [first, again] = await browser.hears(2);
    assert.deepEqual(again, first);
    const [{ topic }, { topic: same, key: stillKey }] = browser.pushes;
    assert.equal(same, topic);
    assert.equal(stillKey, key, 'the key outlives the process');
});

test('what waits outlives the server, and the browsers do', async () => {
    const [cleo, dan] = await Promise.all(['cleo', 'dan'].map((login) => signUp(server, login)));
    const { id: room } = await must(server, 'POST', '/v1/direct', {
        token: cleo.token, body: { account: dan.id },
    });
    const browsers = [service.browser(), service.browser()];
    for (const { wish } of browsers)
        await must(server, 'POST', '/v1/push/subscriptions', { token: dan.token, body: wish });
    await post(server, cleo.token, room, 'hello');
    await server.kill(); // whatever has left by now
    await server.launch();
    for (const browser of browsers)
        assert.equal((await browser.hears(1))[0].text, 'hello');
    const { subscriptions } = await must(server, 'GET', '/v1/push/subscriptions', dan);
    assert.equal(subscriptions.length, 2);
});
