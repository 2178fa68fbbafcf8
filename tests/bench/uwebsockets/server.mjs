// uWebSockets within Node: its own publish and subscribe, in C++, are all that happens to a
// message here.  It stores nothing.   node server.mjs PORT

import uWS from 'uwebsockets';

const decoder = new TextDecoder();

const server = uWS.App()
    .ws('/*', {
        compression: uWS.DISABLED,
        maxBackpressure: 0, // however much a slow client leaves
        idleTimeout: 0,
        upgrade: (res, req, context) =>
            res.upgrade({ room: req.getUrl() }, req.getHeader('sec-websocket-key'),
                req.getHeader('sec-websocket-protocol'), req.getHeader('sec-websocket-extensions'), context),
        open: (ws) => ws.subscribe(ws.getUserData().room),
        message: (ws, message, binary) => server.publish(ws.getUserData().room, message, binary),
    })
    .listen('127.0.0.1', Number(process.argv[2]), (socket) => socket || process.exit(1));

process.on('SIGTERM', () => process.exit(0));
