// A plain Socket.IO server as its documentation has it: rooms, and what is said in one goes
// to all of it.  It stores nothing.   node server.mjs PORT

import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false });

io.on('connection', (socket) => {
    const room = `room ${socket.handshake.auth.room}`;
    socket.join(room);
    socket.on('room.post', (message, done) => {
        io.to(room).emit('room.posted', message);
        done({});
    });
});

process.on('SIGTERM', () => process.exit(0));
http.listen(Number(process.argv[2]), '127.0.0.1');
