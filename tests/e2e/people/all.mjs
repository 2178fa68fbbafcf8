// all.mjs - every kind of client that shows a room live, by the name of its document.

import { ChatApiPerson } from './chatapi.mjs';
import { ChatBackendLinePerson, ChatBackendSocketPerson } from './chatbackend.mjs';
import { MatchaPerson } from './matcha.mjs';
import { Matcha42Person } from './matcha42.mjs';
import { NativePerson } from './native.mjs';
import { NativeSocketIoPerson } from './native_sio.mjs';
import { PusherChatPerson } from './pusher_chat.mjs';

export const clients = {
    'Matcha (000)': MatchaPerson,
    'ChatAPI (001)': ChatApiPerson,
    'ChatBackend (002), Socket.IO': ChatBackendSocketPerson,
    'ChatBackend (002), raw': ChatBackendLinePerson,
    'Pusher chat (003)': PusherChatPerson,
    'matcha42 (004)': Matcha42Person,
    'the native WebSocket': NativePerson,
    'native Socket.IO': NativeSocketIoPerson,
};
