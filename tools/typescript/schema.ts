// The schema of Kith as types.  Printed by `kith schema --typescript` from the tables
// in schema/; change those, not this file.  Times are microseconds since 1970, UTC.

/** A person, as others see them. */
export interface Account {
    /** Dense, from 1 */
    id: number;
    /** Unique name to sign in with */
    login: string;
    /** Name shown to others */
    username: string;
    /** Empty unless it is one's own */
    email: string;
    /** When they signed up */
    created: number;
    /** Any connection of theirs is open; false to those who may not know */
    online: boolean;
    /** When they were last here; 0 to those who may not know */
    last_seen?: number;
    /** Public name of the account; it signs nobody in */
    uuid?: string;
    /** user, moderator, admin, bot or system */
    role?: 'user' | 'moderator' | 'admin' | 'bot' | 'system';
    /** The e-mail is proven; shown to oneself and staff */
    verified?: boolean;
    /** May not sign in; shown to staff */
    banned?: boolean;
    /** When the account was deleted */
    deleted?: number;
}

/** What the session actor keeps of an account. */
export interface AccountRow {
    /** Dense, from 1 */
    id: number;
    /** Unique name to sign in with */
    login: string;
    /** Name shown to others */
    username: string;
    /** Unique if there is one */
    email?: string;
    /** When they signed up */
    created: number;
    /** Sessions with a lower number have ended */
    not_before?: number;
    /** When their last connection closed */
    last_seen?: number;
    /** Public name of the account */
    uuid?: string;
    /** user if missing */
    role?: 'user' | 'moderator' | 'admin' | 'bot' | 'system';
    /** The e-mail is proven */
    verified?: boolean;
    /** May not sign in before; the highest time: for good */
    banned_until?: number;
    /** Of the ban */
    reason?: string;
    /** When the account was deleted */
    deleted?: number;
    /** Said to be online until then */
    online_until?: number;
    /** Of the link that proves the e-mail; single use */
    verify_nonce?: string;
    /** When that link expires */
    verify_expires?: number;
    /** Of the link that resets the password; single use */
    reset_nonce?: string;
    /** When that link expires */
    reset_expires?: number;
    /** The session below `not_before` that is good all the same; 0: none */
    kept?: number;
    /** When the last of its tokens that outlive others expires */
    tokens_until?: number;
    /** When the key of what is personal was destroyed */
    redacted?: number;
}

/** What the session actor keeps of a session. */
export interface SessionRow {
    /** Dense, from 1; the token's jti */
    id: number;
    /** Whose it is */
    account: number;
    /** When it was opened */
    created: number;
    /** When its token expires */
    expires: number;
    /** When it was revoked; 0 while it is good */
    ended?: number;
    /** What it was opened on, or the name of the key */
    device?: string;
    /** Of an API key: all that it may; empty for a person's session */
    scopes?: string;
    /** It was opened by a foreign issuer's token */
    foreign?: boolean;
    /** Of a bot on the bus: its public key */
    key?: string;
}

/** What bots that judge had to say of a command before it was decided. */
export interface Verdict {
    /** veto or transform */
    ruling: 'allow' | 'veto' | 'transform';
    /** Account of the bot that said so; 0: none did in time */
    bot?: number;
    /** What is said in place of what was sent */
    text?: string;
    /** Why it may not be said */
    reason?: string;
}

/** A bot that may come by the bus. */
export interface Bot {
    /** Its account */
    account: number;
    /** Its login */
    login: string;
    /** Number of its session, which ends when it is revoked */
    session: number;
    /** When it was let in */
    created: number;
    /** Its public key (CURVE), as Z85 */
    key: string;
    /** All that it may */
    scopes: string;
}

/** One of an account's sessions, or an API key. */
export interface Session {
    /** Its number */
    id: number;
    /** Whose it is */
    account: number;
    /** When it was opened */
    created: number;
    /** When its token expires */
    expires: number;
    /** What it was opened on, or the name of the key */
    device?: string;
    /** Of an API key: all that it may */
    scopes?: string;
    /** The one that asks */
    current?: boolean;
}

/** Whether a person is here. */
export interface Presence {
    /** Who */
    account: number;
    /** Any connection of theirs is open */
    online: boolean;
    /** When they were last here, if they are not */
    last_seen?: number;
}

/** An account that comes from another system. */
export interface AccountImport {
    /** Unique */
    login: string;
    /** The login if missing */
    username?: string;
    /** Unique if there is one */
    email?: string;
    /** The e-mail is proven */
    verified?: boolean;
    /** Argon2id string ($argon2id$…); none: no sign-in by password */
    verifier?: string;
    /** user, moderator, admin or bot; user if missing */
    role?: 'user' | 'moderator' | 'admin' | 'bot' | 'system';
}

/** What became of one account of an import. */
export interface Imported {
    /** As it was given */
    login: string;
    /** Its id; 0 if it was refused */
    account?: number;
    /** Why it was refused, by the error's name */
    error?: string;
}

/** A session that must be refused although its token has not expired. */
export interface EndedSession {
    /** Its number */
    session: number;
    /** When its token expires and it can be forgotten */
    expires: number;
}

/** An account whose earlier sessions have all ended. */
export interface NotBefore {
    /** The account */
    account: number;
    /** Sessions with a lower number have ended */
    session: number;
    /** When the last of their tokens expires */
    expires: number;
    /** But this one is good; 0: none */
    kept?: number;
}

/** A place to talk. */
export interface Room {
    /** Dense, from 1 */
    id: number;
    /** Random name: letters and digits without l I 1 0 O */
    gid: string;
    /** open: whoever has the id; private: members; direct: exactly two */
    kind: 'open' | 'private' | 'direct';
    /** Title */
    name?: string;
    /** When it was made */
    created: number;
    /** Account that made it */
    creator: number;
    /** Direct rooms: the account that asked for it */
    first?: number;
    /** Direct rooms: the other one */
    second?: number;
    /** Sequence of the last message, 0 if there is none */
    seq: number;
    /** What it is about */
    topic?: string;
    /** How many are in it */
    members?: number;
    /** The match of the matchmaker that it was opened for */
    match?: number;
}

/** A person's place in a room. */
export interface Membership {
    /** The room */
    room: number;
    /** The person */
    account: number;
    /** owner, moderator, member, or reader of an open room */
    role: 'owner' | 'member' | 'reader' | 'moderator';
    /** Since when */
    joined: number;
    /** May not post before */
    muted_until?: number;
}

/** A person is asked into a room. */
export interface Invitation {
    /** The room */
    room: number;
    /** Who is asked */
    account: number;
    /** Who asked */
    by: number;
    /** When */
    time: number;
    /** Title of the room */
    name?: string;
}

/** A person must stay out of a room. */
export interface RoomBan {
    /** The room */
    room: number;
    /** Who */
    account: number;
    /** Who said so */
    by?: number;
    /** When */
    time: number;
    /** Until when; 0: for good */
    until?: number;
    /** Why */
    reason?: string;
}

/** Names a file of the room. */
export interface FileRef {
    /** Its id */
    id: string;
}

/** An attachment, stored once by its content. */
export interface File {
    /** base64url of BLAKE2b-256 of the content */
    id: string;
    /** As the sender called it */
    name: string;
    /** Media type, found from the content */
    type: string;
    /** Bytes */
    size: number;
}

/** A room that has a file. */
export interface FilePlace {
    /** The room */
    room: number;
    /** The file */
    id: string;
}

/** What the room actor keeps of a room's file. */
export interface FileRow {
    /** As it was last uploaded */
    file: File;
    /** When that was */
    added?: number;
    /** Messages that carry it */
    uses?: number;
}

/** How many reacted so. */
export interface Reaction {
    /** The reaction */
    emoji: string;
    /** How many people */
    count: number;
    /** In an answer: the asker among them */
    mine?: boolean;
}

/** How much of a room a person has not read. */
export interface Unread {
    /** The room */
    room: number;
    /** Sequence of its last message */
    seq: number;
    /** Read up to this sequence */
    read: number;
    /** seq minus read */
    unread: number;
    /** How many of those mention the person */
    mentions: number;
}

/** How far a member has read. */
export interface ReadMarker {
    /** The room */
    room: number;
    /** The member */
    account: number;
    /** Read up to this sequence; 0: nothing yet */
    seq: number;
    /** When */
    time: number;
}

/** One message in a room. */
export interface Message {
    /** Unique over all rooms */
    id: number;
    /** The room */
    room: number;
    /** 1, 2, 3 … in its room, without a gap */
    seq: number;
    /** Account that sent it */
    sender: number;
    /** The sender's login */
    login: string;
    /** The sender's shown name */
    username: string;
    /** What was said; empty once it is deleted */
    text: string;
    /** When the server took it */
    time: number;
    /** Sequence of the message that it answers */
    reply_to?: number;
    /** Sequence of the message that began the thread */
    thread?: number;
    /** Of a message that began a thread: messages in it */
    replies?: number;
    /** Accounts that are mentioned */
    mentions?: number[];
    /** All in the room are mentioned */
    everyone?: boolean;
    /** Attachments */
    files?: File[];
    /** Reactions, in the order in which they first came */
    reactions?: Reaction[];
    /** When it was last changed */
    edited?: number;
    /** When it was deleted */
    deleted?: number;
    /** When it was pinned */
    pinned?: number;
    /** As the sender gave it */
    client_id?: string;
}

/** A family of numbers for Prometheus, or a number of the family before it. */
export interface Metric {
    /** Of a family */
    name?: string;
    /** Of a family */
    kind?: 'counter' | 'gauge' | 'histogram';
    /** Of a family: what it counts */
    help?: string;
    /** Of a family: its values are microseconds here and seconds there */
    seconds?: boolean;
    /** Of a number; of a histogram also sum and count */
    labels?: string;
    /** Of a number */
    value?: number;
}

/** What actors keep of an account. */
export interface Person {
    /** Unique name */
    login: string;
    /** Name shown to others */
    username: string;
    /** user if missing */
    role?: 'user' | 'moderator' | 'admin' | 'bot' | 'system';
    /** The account was deleted */
    gone?: boolean;
    /** Public name of the account */
    uuid?: string;
    /** Matching: when they were last known to be here */
    seen?: number;
    /** Matching: may not sign in before */
    banned_until?: number;
}

/** What a command with a client id came to; a repeat finds it. */
export interface Receipt {
    /** When it was done */
    time: number;
    /** Room that it made or changed */
    room: number;
    /** Sequence of the message that it posted */
    seq?: number;
    /** Hash of what was said */
    content?: number;
}

/** What others have added to a message since it was posted. */
export interface Annex {
    /** The message */
    seq: number;
    /** Messages in the thread that it began */
    replies?: number;
    /** When it was pinned */
    pinned?: number;
    /** In the order in which they first came */
    reactions?: Reaction[];
}

/** The pinned messages of a room. */
export interface Pins {
    /** Their sequences, ascending */
    messages?: number[];
}

/** Something that a person should know; one that is not read yet grows while more of the same comes. */
export interface Notification {
    /** Unique over all people; it stays while the notification grows */
    id: number;
    /** What has happened */
    kind: 'message' | 'like' | 'unlike' | 'match' | 'visit' | 'connect' | 'note' | 'system' | 'report' | 'fake' | 'digest';
    /** Account that it comes from, of several the last; 0: the server */
    from?: number;
    /** Its login */
    from_login?: string;
    /** Its shown name */
    from_username?: string;
    /** The room of the messages, or of a match */
    room?: number;
    /** Sequence of the last message */
    seq?: number;
    /** The beginning of the last message, or what the note says */
    text?: string;
    /** How many came since the last was read */
    count: number;
    /** One of the messages mentions the person, or answers them */
    mention?: boolean;
    /** When the last came */
    time: number;
    /** When it was read; 0: not yet */
    read?: number;
    /** Its place in the inbox, where the highest is the latest */
    place?: number;
}

/** Whether a person wants to know. */
export interface Preference {
    /** Of what */
    kind: 'message' | 'like' | 'unlike' | 'match' | 'visit' | 'connect' | 'note' | 'system' | 'report' | 'fake' | 'digest';
    /** on, off, or of messages those only that mention or answer one */
    wish: 'on' | 'mentions' | 'off';
    /** The same for Web Push, of what is wanted at all */
    push: 'on' | 'mentions' | 'off';
}

/** A browser in which a person is told by Web Push. */
export interface PushSubscription {
    /** Dense, from 1 */
    id: number;
    /** Where its pushes go */
    endpoint: string;
    /** What the person calls it */
    device?: string;
    /** The session that it belongs to, and ends with */
    session: number;
    /** When it was made, or last renewed */
    created: number;
    /** When that session's token does */
    expires: number;
}

/** A notification that is to be pushed. */
export interface PushWaiting {
    /** Which */
    id: number;
    /** When the last of it came */
    time: number;
}

/** What the notifier keeps of a subscription. */
export interface PushRow {
    /** Whose */
    account: number;
    /** Where to, and until when */
    subscription: PushSubscription;
    /** The push service took what was sent last */
    proven?: boolean;
    /** How often in a row it did not */
    tries?: number;
    /** Not to be tried before */
    due?: number;
    /** Its place among those for which something waits; 0: nothing does */
    place?: number;
    /** What does, the oldest first */
    waiting?: PushWaiting[];
}

/** A push on its way to whoever carries it. */
export interface PushOrder {
    /** Where to */
    endpoint: string;
    /** A push of the same topic takes its place */
    topic: string;
    /** A word of RFC 8030 */
    urgency: string;
    /** Seconds for which the push service may keep it */
    life?: number;
    /** What the browser is told, a JSON object */
    message: Uint8Array;
}

/** Whether a person wants to know of a room's messages. */
export interface RoomWish {
    /** The room */
    room: number;
    /** on, mentions or off; missing: as the preference for messages is */
    wish?: 'on' | 'mentions' | 'off';
    /** Until when; 0: for good */
    until?: number;
}

/** A mail that is to be sent. */
export interface Mail {
    /** Its number; the Message-ID has it */
    id: number;
    /** To whom */
    account: number;
    /** The address */
    email: string;
    /** Shown name of the person */
    username: string;
    /** What its link is for; a digest's ends digests */
    purpose: 'verify' | 'reset' | 'digest';
    /** When the link expires, and the mail with it */
    expires: number;
    /** How often it was tried in vain */
    tries?: number;
    /** Not to be tried before */
    due?: number;
    /** Of a digest: its lines */
    text?: string;
}

/** What a person is interested in. */
export interface Tag {
    /** In small letters */
    name: string;
    /** In a list of tags: how many profiles have it */
    count?: number;
}

/** A picture of a person. */
export interface Photo {
    /** https address, which the server never fetches, or a path of its own */
    url: string;
    /** The one to show first */
    main?: boolean;
    /** Of one that is stored here */
    id?: string;
}

/** How the asker and another person stand to each other. */
export interface Relation {
    /** The other one */
    account: number;
    /** Since when the asker likes them */
    liked?: number;
    /** Since when the asker dislikes them */
    disliked?: number;
    /** Since when they like the asker */
    likes?: number;
    /** Since when both like each other */
    matched?: number;
    /** When the asker last visited their profile */
    visited?: number;
    /** When they last visited the asker's */
    visits?: number;
    /** Since when the asker blocks them */
    blocked?: number;
    /** When the asker last reported them */
    reported?: number;
    /** open or closed; missing: nobody has opened it yet */
    chat?: 'open' | 'closed';
    /** Who closed the chat, and can open it again */
    closed_by?: number;
}

/** A person, as others get to know them. */
export interface Profile {
    /** Whose */
    account: number;
    /** Their login */
    login?: string;
    /** Their shown name */
    username?: string;
    /** First name */
    first_name?: string;
    /** Last name */
    last_name?: string;
    /** female, male, or in their own words */
    gender?: string;
    /** The gender that they look for; missing: any */
    preference?: string;
    /** Where they live, in their own words */
    city?: string;
    /** YYYY-MM-DD; reckoned if they only told their age; shown to themselves */
    birth?: string;
    /** In years, as of today */
    age?: number;
    /** In their own words */
    description?: string;
    /** Interests */
    tags?: Tag[];
    /** Photos, one of them the main one */
    photos?: Photo[];
    /** Latitude in millionths of a degree; shown to themselves */
    lat?: number;
    /** Longitude; the same */
    lon?: number;
    /** Recommended to nobody, and shown only to those they have a match or a chat with */
    hidden?: boolean;
    /** When they last changed it; missing: never filled in */
    updated?: number;
    /** See docs/fame.md */
    fame?: number;
    /** How many people like them */
    likes?: number;
    /** How many people have visited the profile */
    visits?: number;
    /** Kilometres from the asker, rounded up; missing: nobody knows */
    distance?: number;
    /** How the asker stands to them */
    relation?: Relation;
}

/** What a score is the sum of. */
export interface Why {
    /** For being near */
    distance: number;
    /** For what both are interested in */
    tags: number;
    /** For being liked by others */
    fame: number;
    /** For having been here lately */
    recency: number;
}

/** Somebody to get to know. */
export interface Recommendation {
    /** Who */
    profile: Profile;
    /** How well they fit */
    score: number;
    /** Why */
    why: Why;
    /** How many interests both have */
    common_tags: number;
}

/** A rule that keeps somebody out of recommendations. */
export interface Hiding {
    /** Which */
    rule: 'self' | 'no_profile' | 'hidden' | 'banned' | 'blocked' | 'reported' | 'liked' | 'disliked' | 'preference' | 'their_preference' | 'age' | 'distance' | 'fame' | 'tags';
}

/** Somebody who came, or whom one met. */
export interface Encounter {
    /** Its place in the list: `before` of what comes after it */
    number: number;
    /** Who */
    account: number;
    /** Their login */
    login?: string;
    /** Their shown name */
    username?: string;
    /** When */
    time: number;
}

/** Somebody says that a person should not be here. */
export interface Report {
    /** Dense, from 1 */
    id: number;
    /** About whom */
    account: number;
    /** Who says so */
    by: number;
    /** Why */
    reason: 'fake' | 'spam' | 'harassment' | 'nudity' | 'underage' | 'other';
    /** In their own words */
    text?: string;
    /** When */
    time: number;
    /** What became of it; missing: nothing yet */
    outcome?: 'dismissed' | 'warned' | 'banned';
    /** Who decided */
    moderator?: number;
    /** What they noted */
    note?: string;
    /** When */
    resolved?: number;
}

/** What the matching actor holds a person against others by. */
export interface StandingRow {
    /** The profile was filled in */
    filled?: boolean;
    /** The profile is hidden */
    hidden?: boolean;
    /** Day of birth, counted from 1900-01-01, which is 1; 0: unknown */
    born?: number;
    /** Hash of the gender; 0: unknown */
    gender?: number;
    /** Hash of the gender that is looked for; 0: any */
    preference?: number;
    /** Millionths of a degree; 0 and 0: unknown */
    lat?: number;
    /** The same */
    lon?: number;
    /** Hashes of the tags */
    tags?: number[];
    /** People who like them */
    likes?: number;
    /** People who have visited the profile */
    visits?: number;
    /** People with whom it is mutual */
    matches?: number;
    /** People who block them */
    blocks?: number;
    /** Reports that led to a warning or a ban */
    upheld?: number;
}

/** How one person stands to another; numbers are places in the lists. */
export interface Stance {
    /** Since when they like them */
    liked?: number;
    /** Of that */
    like?: number;
    /** Since when they dislike them */
    disliked?: number;
    /** Since when it is mutual */
    matched?: number;
    /** Of that */
    match?: number;
    /** When they last visited their profile */
    visited?: number;
    /** Of that */
    visit?: number;
    /** Since when they block them */
    blocked?: number;
    /** Of that */
    block?: number;
    /** When they last reported them */
    reported?: number;
    /** Id of that report */
    report?: number;
    /** Among all whom they like, have visited or block; 0: none of that */
    place?: number;
    /** Counts for nothing: they are deleted or banned */
    withdrawn?: boolean;
}

/** How many others a person likes, has visited or blocks, be it in the past. */
export interface BondRow {
    /** That many places are taken */
    count?: number;
    /** So many, from the first on, count for nothing */
    withdrawn?: number;
}

/** Whether two may chat. */
export interface ChatRow {
    /** open or closed */
    state: 'open' | 'closed';
    /** Who made it so */
    by: number;
}

/** What a ticket says of its person: a text, or a number. */
export interface TicketProperty {
    /** Its name */
    name: string;
    /** The text; missing: it is a number */
    text?: string;
    /** The number */
    number?: number;
}

/** What a ticket asks of a property of everybody else in its match, who must have it. */
export interface TicketCondition {
    /** Name of the property */
    name: string;
    /** It is this text; missing: it is a number, … */
    text?: string;
    /** … at least this one, … */
    min?: number;
    /** … and at most this one */
    max?: number;
    /** Both bounds move apart by so much each second */
    widen?: number;
    /** But by no more than this in all */
    widest?: number;
    /** Seconds after which it is asked no more; 0: it always is */
    drop_after?: number;
}

/** What a ticket asks of the profiles of everybody else in its match, as recommendations do. */
export interface TicketPeople {
    /** At least so old */
    age_min?: number;
    /** At most so old */
    age_max?: number;
    /** At most so many kilometres away */
    distance_max?: number;
    /** So many more each second */
    distance_widen?: number;
    /** But no more than this in all */
    distance_widest?: number;
    /** At least so much fame */
    fame_min?: number;
    /** At most so much */
    fame_max?: number;
    /** Have all of these tags; with commas between */
    tags?: string;
    /** Whatever anybody prefers; else by gender and preference, both ways */
    any?: boolean;
}

/** A person waits for others, or has waited; see docs/matchmaker.md. */
export interface Ticket {
    /** Dense, from 1 */
    id: number;
    /** Who waits */
    account: number;
    /** For what: only tickets of one queue meet */
    queue: string;
    /** open, matched or closed */
    state: 'open' | 'matched' | 'closed';
    /** Why it was closed */
    reason?: 'cancelled' | 'expired' | 'left' | 'removed';
    /** Fewest people of a match */
    min: number;
    /** Most of them */
    max: number;
    /** Seconds for which only `max` will do */
    patience?: number;
    /** What it says of its person */
    properties?: TicketProperty[];
    /** What it asks of the others */
    conditions?: TicketCondition[];
    /** What it asks of their profiles */
    people?: TicketPeople;
    /** It stays open when its person goes offline */
    stay?: boolean;
    /** Since when */
    opened: number;
    /** Until when at most */
    expires: number;
    /** When it was matched or closed */
    closed?: number;
    /** Its match */
    match?: number;
    /** The room of the match; missing for the moment until it is open */
    room?: number;
    /** Who is in the match */
    accounts?: number[];
}

/** Tickets that were matched. */
export interface Match {
    /** Dense, from 1 */
    id: number;
    /** For what */
    queue: string;
    /** Which, ascending */
    tickets: number[];
    /** Whose, in the same order */
    accounts: number[];
    /** Which of the accounts may be away */
    stays?: number[];
    /** When */
    time: number;
}

/** A queue of the matchmaker in which somebody waits. */
export interface Queue {
    /** Its name */
    name: string;
    /** How many tickets are open in it */
    tickets: number;
    /** Since when the first of them is */
    oldest: number;
}

/** A notification on its way to a server of the operator's. */
export interface Webhook {
    /** Its number */
    id: number;
    /** Where to */
    url: string;
    /** What is posted, a JSON object */
    body: string;
    /** When it was told */
    asked: number;
    /** Until when it is tried */
    expires: number;
    /** How often it was tried in vain */
    tries?: number;
    /** Not to be tried before */
    due?: number;
    /** Why it was not taken the last time */
    reason?: string;
}

/** What is known of the journal's end, kept outside of it. */
export interface Anchor {
    /** The oldest record at hand */
    first?: number;
    /** Of the last record; 0: there was none */
    seq: number;
    /** BLAKE2b-256 of it, in hexadecimal */
    hash: string;
    /** Of the tree over the records from `first` to `seq` */
    root?: string;
    /** When this was written */
    time?: number;
    /** The server had ended in order */
    clean?: boolean;
}

/** The copy of one projection in a snapshot. */
export interface SnapshotPart {
    /** Whose it is */
    actor: string;
    /** Of its rows */
    format?: number;
    /** The last record that it has applied */
    seq: number;
    /** It needs all records behind this one: the others it has applied, and reacted to */
    base: number;
    /** BLAKE2b-256 of record `seq`, in hexadecimal, as the chain has it */
    hash?: string;
    /** Of that record */
    time?: number;
    /** BLAKE2b-256 over its rows, in hexadecimal, of the copy as it was read back */
    digest: string;
    /** How many there are */
    rows?: number;
    /** Of them */
    bytes?: number;
    /** How long copying and reading back took */
    microseconds?: number;
}

/** Copies of all projections, from which they can be made when the journal was cut. */
export interface Snapshot {
    /** The name of its folder */
    number: number;
    /** The least of its parts': all records behind this one are needed */
    base: number;
    /** When it was complete */
    time?: number;
    /** One for each actor */
    parts: SnapshotPart[];
}

/** A line of `kith export`: a record, with the event's fields beside these as `body`. */
export interface Exported {
    /** Its place in the journal */
    seq: number;
    /** When it was decided */
    time: number;
    /** Name of the event */
    type?: string;
    /** Of its body */
    version?: number;
    /** Whose event it is */
    actor?: 'broker' | 'session' | 'room' | 'edge' | 'search' | 'matching' | 'notifier';
    /** Never falls */
    epoch?: number;
    /** Sequence of the event that this one reacts to */
    cause?: number;
    /** Who reacted */
    causer?: 'broker' | 'session' | 'room' | 'edge' | 'search' | 'matching' | 'notifier';
    /** The account that asked */
    principal?: number;
    /** Who hears this room hears it */
    room?: number;
    /** Who hears this account hears it */
    account?: number;
    /** As the sender gave it */
    client_id?: string;
    /** Of the key that seals its personal fields */
    key_id?: number;
    /** BLAKE2b-256 of the record before; zeros in the first */
    previous?: Uint8Array;
    /** BLAKE2b-256 of this one */
    hash?: Uint8Array;
    /** Its bytes in base64, where the other fields do not make them */
    record?: string;
}

/** What backup.json says: the folder that it lies in is a whole backup. */
export interface Backup {
    /** The version of this format */
    kith_backup: number;
    /** The oldest record */
    first?: number;
    /** The last record */
    seq: number;
    /** BLAKE2b-256 of it, in hexadecimal */
    hash: string;
    /** When it was made */
    time: number;
    /** That it has, besides this one and `digests` */
    files: number;
    /** Of them */
    bytes: number;
    /** BLAKE2b-256 of the file `digests`, in hexadecimal */
    digests: string;
}

/** What stands beside, on the way up a tree of hashes: one of the two. */
export interface ProofStep {
    /** Hash of the left neighbour, in hexadecimal */
    left?: string;
    /** Or of the right one */
    right?: string;
}

/** Evidence that a record is in a journal. */
export interface Proof {
    /** The version of this format */
    kith_proof: number;
    /** The record's bytes, in base64 */
    record: string;
    /** Opens what is sealed in it, and nothing else; in hexadecimal */
    key?: string;
    /** From the record's hash to the root, upwards */
    path: ProofStep[];
    /** What the path leads to */
    anchor: Anchor;
}

/** A command that waits for the pool when a recording begins. */
export interface TapeWaiting {
    /** Of its order */
    ticket: number;
    /** Its envelope, without secrets */
    call: Uint8Array;
}

/** An actor as it is when the recording of its inputs begins: broker/RECORDING.md. */
export interface TapeBegin {
    /** Of the recording */
    format: number;
    /** Which */
    actor: 'broker' | 'session' | 'room' | 'edge' | 'search' | 'matching' | 'notifier';
    /** The server's version */
    build?: string;
    /** The last record that its rows reflect */
    applied?: number;
    /** In which it decides */
    epoch?: number;
    /** The actor's time */
    now?: number;
    /** Own events that are decided and not committed: those that come first */
    pending?: number;
    /** The last ticket that was given out */
    tickets?: number;
    /** Commands that wait for the pool */
    waiting?: TapeWaiting[];
    /** It reacts to others' events */
    reacting?: boolean;
    /** It has done so before */
    ever?: boolean;
    /** All up to here is reacted to, be it pending */
    seen?: number;
    /** And this far it is committed */
    done?: number;
    /** The last whose reaction is not committed */
    open?: number;
    /** Pending events on which a reaction rests that came to nothing */
    rests?: number;
    /** Settings that it decides by */
    reveal_emails?: boolean;
    /** The same */
    public_uuids?: boolean;
    /** The same */
    proven_only?: boolean;
    /** The same: mails are sent */
    mails?: boolean;
    /** The same: pushes are */
    pushes?: boolean;
    /** The same, in microseconds */
    digest_after?: number;
    /** The same */
    digest_every?: number;
    /** The same: where webhooks go */
    hook_urls?: string;
    /** The same */
    push_trusted?: string;
    /** The same, in seconds */
    push_wait?: number;
    /** Its soft state, one of the next three */
    soft?: Uint8Array;
}

/** Who is connected. */
export interface SessionTape {
    /** Peer numbers of the edges; 0: free */
    edges?: number[];
    /** Pairs: an account, and a bit for each edge that has it */
    people?: number[];
    /** Accounts whose coming or going is yet to be told */
    untold?: number[];
    /** Pairs: an account that says to be online, and until when */
    said?: number[];
    /** The same, of each account the one that counts */
    said_last?: number[];
    /** As `said`, of those who have a ticket */
    awaited?: number[];
    /** As `said_last` */
    awaited_last?: number[];
}

/** The matchmaker's lobby, whose tickets are in the rows. */
export interface MatchingTape {
    /** Threes: a ticket, when it is due, and 1 if it stands aside */
    waiters?: number[];
    /** Accounts whose likes and matches are to be looked at */
    doubts?: number[];
}

/** A push that is on its way. */
export interface TapeFlight {
    /** For which browser */
    subscription: number;
    /** Nothing has reached it before */
    shy?: boolean;
    /** Of the notification */
    id: number;
    /** When the last of it came */
    time: number;
}

/** Who is connected, and what is on its way. */
export interface NotifierTape {
    /** Accounts that are connected */
    present?: number[];
    /** Before which there is no digest; 0: not known yet */
    digests_begin?: number;
    /** Mails are sent */
    mails?: boolean;
    /** The next to be looked at */
    mail_cursor?: number;
    /** Numbers of those that are on their way */
    mailing?: number[];
    /** Webhooks are */
    hooks?: boolean;
    /** The next to be looked at */
    hook_cursor?: number;
    /** Numbers of those that are on their way */
    hooking?: number[];
    /** How many are on their way to each server */
    hook_busy?: number[];
    /** Pushes are */
    pushes?: boolean;
    /** Who was looked at last */
    push_place?: number;
    /** Those that are on their way */
    flights?: TapeFlight[];
}

/** How an actor's part of a recording goes. */
export interface Recording {
    /** Whose */
    actor: 'broker' | 'session' | 'room' | 'edge' | 'search' | 'matching' | 'notifier';
    /** Of the recording */
    name: string;
    /** It goes on */
    going?: boolean;
    /** So far */
    bytes?: number;
    /** So far */
    inputs?: number;
    /** It decides nothing, and has nothing to record */
    idle?: boolean;
    /** Why it has ended */
    reason?: string;
}

/** An answer without content. */
export interface Nothing {
}

/** A session; the edge adds the token. */
export interface SignedIn {
    /** Number of the session */
    session: number;
    /** When its token expires */
    expires: number;
    /** Whose session it is */
    account: Account;
    /** Of an API key */
    scopes?: string;
    /** To sign in with from now on */
    token: string;
}

/** Sessions or keys by ascending number. */
export interface SessionList {
    /** All of them */
    sessions: Session[];
}

/** Whose a credential is. */
export interface FoundSession {
    /** Number of the session */
    session: number;
    /** Whose */
    account: number;
    /** When it expires */
    expires: number;
}

/** Those of the accounts asked for that the asker may know of. */
export interface PresenceList {
    /** Who is here */
    people: Presence[];
}

/** What became of an import, in its order. */
export interface ImportList {
    /** One for each */
    accounts: Imported[];
}

/** A link that an account waits for; the edge or the tool signs it. */
export interface AccountLink {
    /** Whose */
    account: number;
    /** verify or reset */
    purpose: 'verify' | 'reset' | 'digest';
    /** Empty: none is open */
    nonce?: string;
    /** When it expires */
    expires?: number;
}

/** Accounts by ascending id. */
export interface AccountList {
    /** One page */
    accounts: Account[];
}

/** All that must be refused although it has not expired. */
export interface EndedList {
    /** Single sessions */
    sessions: EndedSession[];
    /** Accounts whose earlier sessions have all ended */
    accounts: NotBefore[];
}

/** Rooms by ascending id. */
export interface RoomList {
    /** One page */
    rooms: Room[];
}

/** All rooms of an account. */
export interface RoomIds {
    /** Room ids */
    rooms: number[];
}

/** Members by ascending account. */
export interface MemberList {
    /** One page */
    members: Membership[];
}

/** Invitations by ascending room. */
export interface InvitationList {
    /** One page */
    invitations: Invitation[];
}

/** Bans by ascending account. */
export interface BanList {
    /** One page */
    bans: RoomBan[];
}

/** Rooms by ascending id. */
export interface UnreadList {
    /** One page */
    rooms: Unread[];
}

/** Read markers by ascending account. */
export interface MarkerList {
    /** One page */
    readers: ReadMarker[];
}

/** Who reacted so, by ascending account. */
export interface ReactorList {
    /** One page */
    accounts: number[];
}

/** Messages found, newest first. */
export interface HitList {
    /** One page */
    messages: Message[];
    /** `before` of the next page; 0: there is no more */
    next?: number;
}

/** Messages by ascending sequence. */
export interface MessageList {
    /** One page */
    messages: Message[];
}

/** Bots by ascending account. */
export interface BotList {
    /** One page */
    bots: Bot[];
}

/** The broker's greeting to a bot. */
export interface BotWelcome {
    /** Of the protocol of docs/bus.md */
    version: number;
    /** The bot's account */
    account: number;
    /** All that it may */
    scopes: string;
    /** Sequence of the last committed record: follow after it for what comes from now on */
    head: number;
    /** Sequence of the oldest record that there is */
    first?: number;
    /** Who says nothing for so long is forgotten */
    silence_ms: number;
    /** Events that are sent before one of them is acknowledged */
    window: number;
}

/** The events come from here on. */
export interface BotFollowed {
    /** Sequence of the last committed record */
    head: number;
}

/** What the broker counts. */
export interface MetricList {
    /** All of them */
    metrics: Metric[];
}

/** A question has gone to all edges. */
export interface EdgesAsked {
    /** How many will answer */
    edges: number;
}

/** A connection of an edge. */
export interface EdgePeer {
    /** Its number there */
    connection: number;
    /** Whose */
    account?: number;
    /** What it speaks */
    dialect: string;
    /** Where it comes from, as far as `trace.addresses` lets it be told */
    address?: string;
    /** Since when it is there */
    opened: number;
    /** Bytes that wait to be taken by it */
    queued: number;
    /** How long the oldest of them has waited, at most */
    waits_us: number;
}

/** How an edge stands. */
export interface EdgeStanding {
    /** What it counts */
    metrics: Metric[];
    /** Those with the most that waits */
    slowest?: EdgePeer[];
}

/** What an edge knows of one message and one connection. */
export interface Sighting {
    /** What became of it there */
    what: 'received' | 'delivered' | 'resumed' | 'waiting' | 'cut_off' | 'filtered' | 'not_subscribed' | 'behind' | 'hidden' | 'gone';
    /** When */
    time: number;
    /** When a received one was answered, or when the connection ended */
    until?: number;
    /** Its number on the edge; 0: a request */
    connection?: number;
    /** Whose */
    account?: number;
    /** What it speaks */
    dialect: string;
    /** Where it comes from, as far as `trace.addresses` lets it be told */
    address?: string;
    /** With which the connection was closed */
    code?: number;
}

/** What an edge remembers of one message. */
export interface EdgeTrace {
    /** How far back it remembers */
    since: number;
    /** It remembers having shown it */
    shown: boolean;
    /** By connection */
    sightings?: Sighting[];
    /** Further ones that were left out */
    more?: number;
}

/** An upload that may begin. */
export interface FileOffered {
    /** The room */
    room: number;
    /** What it is called */
    name: string;
}

/** Notifications, latest first. */
export interface NotificationList {
    /** One page */
    notifications: Notification[];
    /** How many of all are not read */
    unread: number;
    /** `before` of the next page; 0: there is no more */
    next?: number;
}

/** Rooms by ascending id. */
export interface RoomWishList {
    /** One page */
    rooms: RoomWish[];
}

/** How much news there is. */
export interface UnreadNotifications {
    /** How many notifications are not read */
    unread: number;
}

/** What a person wants to know of. */
export interface PreferenceList {
    /** One for each kind */
    preferences: Preference[];
}

/** A person's browsers. */
export interface PushSubscriptionList {
    /** All of them, the one renewed last at the end */
    subscriptions: PushSubscription[];
}

/** What a browser has to know of the server before it subscribes. */
export interface PushKey {
    /** The public key of its pushes (VAPID), as base64url */
    key: string;
}

/** A note was sent. */
export interface NoteSent {
    /** To whom */
    account: number;
    /** When */
    time: number;
}

/** An upload of a photo that may begin. */
export interface PhotoOffered {
    /** It is to be the main one */
    main?: boolean;
    /** Id of the photo in whose place it comes */
    replaces?: string;
    /** Bytes that are announced */
    size: number;
}

/** What may go of what is stored. */
export interface UnusedFiles {
    /** Nobody has them any more */
    files?: FileRef[];
    /** Those who have them could forget them */
    places?: FilePlace[];
}

/** Profiles that the asker may see, by ascending account. */
export interface ProfileList {
    /** All of them */
    profiles: Profile[];
}

/** People to get to know, in the order that was asked for. */
export interface RecommendationList {
    /** One page */
    people: Recommendation[];
    /** `cursor` of the next page; missing: there is no more */
    next?: string;
}

/** Which rules keep somebody out of one's recommendations. */
export interface WhyNot {
    /** Who */
    account: number;
    /** None: they are recommended */
    recommended: boolean;
    /** All that do */
    rules: Hiding[];
}

/** People by time, the latest first. */
export interface EncounterList {
    /** One page */
    people: Encounter[];
    /** `before` of the next page; missing: there is no more */
    next?: number;
}

/** Tags, the most used first. */
export interface TagList {
    /** One page */
    tags: Tag[];
}

/** Reports by ascending id. */
export interface ReportList {
    /** One page */
    reports: Report[];
}

/** Queues by name. */
export interface QueueList {
    /** One page */
    queues: Queue[];
    /** How many tickets are open in all queues */
    tickets: number;
}

/** Webhooks by ascending number. */
export interface WebhookList {
    /** One page */
    webhooks: Webhook[];
}

/** The actors that were asked to record. */
export interface RecordingList {
    /** All of them, by number */
    asked: number[];
    /** What each has told of the last recording */
    parts: Recording[];
}

/** Every command and query: what it takes, and what it is answered with. */
export interface Calls {
    /** Sign out: the session ends. */
    'session.close': {
        body: {
        };
        answer: Nothing;
    };
    /** A new password; all earlier sessions end. */
    'password.change': {
        body: {
            /** The present password */
            password: string;
            /** The new one */
            new_password: string;
        };
        answer: SignedIn;
    };
    /** Be online for the next five minutes without a connection, or no longer. */
    'presence.online': {
        body: {
            /** Online, or not */
            online?: boolean;
        };
        answer: Nothing;
    };
    /** A fresh token for the same session, good for another 30 days. */
    'session.renew': {
        body: {
        };
        answer: SignedIn;
    };
    /** End one of one's own sessions. */
    'session.revoke': {
        body: {
            /** Its number */
            session: number;
        };
        answer: Nothing;
    };
    /** End all of one's own sessions but this one. */
    'session.revoke_others': {
        body: {
        };
        answer: Nothing;
    };
    /** A new shown name. */
    'account.rename': {
        body: {
            /** The name */
            username: string;
        };
        answer: Account;
    };
    /** Another e-mail, unverified until its link is used; none to have none. */
    'email.change': {
        body: {
            /** The present password */
            password: string;
            /** The new address */
            email?: string;
        };
        answer: Account;
    };
    /** Send the link that verifies the e-mail again. */
    'email.ask': {
        body: {
        };
        answer: Nothing;
    };
    /** Delete one's own account, for good. */
    'account.delete': {
        body: {
            /** The present password */
            password: string;
        };
        answer: Nothing;
    };
    /** An account for somebody else. */
    'account.create': {
        body: {
            /** Unique */
            login: string;
            /** The login if missing */
            username?: string;
            /** Unique if there is one */
            email?: string;
            /** Empty: no sign-in by password until it is reset */
            password: string;
            /** user if missing */
            role?: 'user' | 'moderator' | 'admin' | 'bot' | 'system';
        };
        answer: Account;
    };
    /** Accounts from another system, with their Argon2id strings. */
    'account.import': {
        body: {
            /** They are taken or refused one by one */
            accounts?: AccountImport[];
        };
        answer: ImportList;
    };
    /** What an account may; for admins. */
    'account.set_role': {
        body: {
            /** Whose */
            account: number;
            /** user, moderator, admin or bot */
            role: 'user' | 'moderator' | 'admin' | 'bot' | 'system';
        };
        answer: Account;
    };
    /** Ends an account's sessions and lets it sign in no more. */
    'account.ban': {
        body: {
            /** Whose */
            account: number;
            /** Until when; 0: for good */
            until?: number;
            /** Why */
            reason?: string;
        };
        answer: Nothing;
    };
    /** It may sign in again. */
    'account.unban': {
        body: {
            /** Whose */
            account: number;
        };
        answer: Nothing;
    };
    /** Delete somebody's account, for good. */
    'account.remove': {
        body: {
            /** Whose */
            account: number;
        };
        answer: Nothing;
    };
    /** An account's e-mail is proven, somebody says. */
    'account.verify': {
        body: {
            /** Whose */
            account: number;
        };
        answer: Nothing;
    };
    /** A person's token, for the app's own backend. */
    'session.mint': {
        body: {
            /** Whose */
            account: number;
            /** What the session is for */
            device?: string;
        };
        answer: SignedIn;
    };
    /** An API key; for admins. */
    'key.create': {
        body: {
            /** What it is for */
            name: string;
            /** Words of scopes.def, separated by spaces */
            scopes: string;
            /** A bot's account to act as; the system's if missing */
            account?: number;
        };
        answer: SignedIn;
    };
    /** An API key ends. */
    'key.revoke': {
        body: {
            /** Its number */
            session: number;
        };
        answer: Nothing;
    };
    /** All API keys. */
    'key.list': {
        body: {
        };
        answer: SessionList;
    };
    /** An account by its login. */
    'account.find': {
        body: {
            /** The login */
            login: string;
        };
        answer: Account;
    };
    /** One's own sessions. */
    'session.list': {
        body: {
        };
        answer: SessionList;
    };
    /** Who of these is here; those with whom one shares no room are left out. */
    'presence.get': {
        body: {
            /** About whom */
            accounts?: number[];
        };
        answer: PresenceList;
    };
    /** One account. */
    'account.get': {
        body: {
            /** Whose; one's own if missing */
            account?: number;
        };
        answer: Account;
    };
    /** All accounts by id. */
    'account.list': {
        body: {
            /** Only higher ids */
            after?: number;
            /** At most so many (100) */
            limit?: number;
            /** Only these, in this order */
            accounts?: number[];
        };
        answer: AccountList;
    };
    /** Make a room; the caller owns it. */
    'room.create': {
        body: {
            /** open or private */
            kind: 'open' | 'private' | 'direct';
            /** Title */
            name?: string;
            /** Makes a retry safe */
            client_id?: string;
        };
        answer: Room;
    };
    /** The one direct room of two people; made if need be. */
    'room.direct': {
        body: {
            /** The other one */
            account: number;
        };
        answer: Room;
    };
    /** The direct room of two people as room.direct has it, and the other one is told, if they listen. */
    'room.request': {
        body: {
            /** The other one */
            account: number;
        };
        answer: Room;
    };
    /** Join an open room, or add somebody to a private room that one is in. */
    'room.join': {
        body: {
            /** The room */
            room: number;
            /** Whom to add; oneself if missing */
            account?: number;
        };
        answer: Membership;
    };
    /** Hear an open room as a reader, unless one is in it already. */
    'room.enter': {
        body: {
            /** The room */
            room: number;
        };
        answer: Membership;
    };
    /** The room with this gid; whoever shows that hears an open room as a reader, unless they are in it already. */
    'room.find': {
        body: {
            /** The room's gid */
            gid: string;
        };
        answer: Membership;
    };
    /** Leave a room; direct rooms are for good, and the last owner hands the room over first. */
    'room.leave': {
        body: {
            /** The room */
            room: number;
            /** Oneself; somebody else: the same as room.kick */
            account?: number;
        };
        answer: Nothing;
    };
    /** Say something; in an open room whoever has its id may, and hears it from then on. */
    'room.post': {
        body: {
            /** The room */
            room: number;
            /** What to say; of files their caption, or their name */
            text: string;
            /** Makes a retry safe for 24 hours */
            client_id?: string;
            /** Sequence of the message that it answers */
            reply_to?: number;
            /** Sequence of the message whose thread it is for */
            thread?: number;
            /** Attachments: files that were uploaded to this room */
            files?: FileRef[];
        };
        answer: Message;
    };
    /** A new title; for owners and moderators. */
    'room.rename': {
        body: {
            /** The room */
            room: number;
            /** Title */
            name?: string;
        };
        answer: Room;
    };
    /** What it is about; for owners and moderators. */
    'room.set_topic': {
        body: {
            /** The room */
            room: number;
            /** Topic */
            topic?: string;
        };
        answer: Room;
    };
    /** The room and all in it is gone; for owners. */
    'room.delete': {
        body: {
            /** The room */
            room: number;
        };
        answer: Nothing;
    };
    /** What a member may; owners give any role, several may be owners. */
    'room.set_role': {
        body: {
            /** The room */
            room: number;
            /** Whose */
            account: number;
            /** owner, moderator or member */
            role: 'owner' | 'member' | 'reader' | 'moderator';
        };
        answer: Membership;
    };
    /** Ask a person in; a member of the room may. */
    'room.invite': {
        body: {
            /** The room */
            room: number;
            /** Whom */
            account: number;
        };
        answer: Invitation;
    };
    /** Turn down an invitation, or take one back that one has made. */
    'room.decline': {
        body: {
            /** The room */
            room: number;
            /** Who was asked; oneself if missing */
            account?: number;
        };
        answer: Nothing;
    };
    /** Put somebody out; owners and moderators, those below them. */
    'room.kick': {
        body: {
            /** The room */
            room: number;
            /** Whom */
            account: number;
        };
        answer: Nothing;
    };
    /** Put somebody out, and keep them out. */
    'room.ban': {
        body: {
            /** The room */
            room: number;
            /** Whom */
            account: number;
            /** Until when; 0: for good */
            until?: number;
            /** Why */
            reason?: string;
        };
        answer: Nothing;
    };
    /** They may come again. */
    'room.unban': {
        body: {
            /** The room */
            room: number;
            /** Whom */
            account: number;
        };
        answer: Nothing;
    };
    /** A member may read but not post. */
    'room.mute': {
        body: {
            /** The room */
            room: number;
            /** Whom */
            account: number;
            /** Until when; 0: no longer muted */
            until?: number;
        };
        answer: Membership;
    };
    /** Say that one is writing, or has stopped. */
    'room.typing': {
        body: {
            /** The room */
            room: number;
            /** Writing */
            typing?: boolean;
        };
        answer: Nothing;
    };
    /** All up to this sequence is read; never goes back. */
    'room.read': {
        body: {
            /** The room */
            room: number;
            /** Read up to here */
            seq: number;
        };
        answer: ReadMarker;
    };
    /** Other words; one's own messages only. */
    'message.edit': {
        body: {
            /** The room */
            room: number;
            /** The message */
            seq: number;
            /** What it says from now on */
            text: string;
        };
        answer: Message;
    };
    /** Take a message back; moderators any. */
    'message.delete': {
        body: {
            /** The room */
            room: number;
            /** The message */
            seq: number;
        };
        answer: Message;
    };
    /** React to a message. */
    'message.react': {
        body: {
            /** The room */
            room: number;
            /** The message */
            seq: number;
            /** How */
            emoji: string;
        };
        answer: Message;
    };
    /** Take a reaction back. */
    'message.unreact': {
        body: {
            /** The room */
            room: number;
            /** The message */
            seq: number;
            /** Which */
            emoji: string;
        };
        answer: Message;
    };
    /** Pin a message; for owners and moderators. */
    'message.pin': {
        body: {
            /** The room */
            room: number;
            /** The message */
            seq: number;
        };
        answer: Message;
    };
    /** Unpin it. */
    'message.unpin': {
        body: {
            /** The room */
            room: number;
            /** The message */
            seq: number;
        };
        answer: Message;
    };
    /** One room. */
    'room.get': {
        body: {
            /** The room */
            room: number;
        };
        answer: Room;
    };
    /** The direct room with somebody, if there is one. */
    'room.between': {
        body: {
            /** The other one */
            account: number;
        };
        answer: Room;
    };
    /** The rooms that one is in. */
    'room.list': {
        body: {
            /** Only higher ids */
            after?: number;
            /** At most so many (100) */
            limit?: number;
        };
        answer: RoomList;
    };
    /** The ids of all rooms that one is in. */
    'room.ids': {
        body: {
        };
        answer: RoomIds;
    };
    /** Who is in a room. */
    'room.members': {
        body: {
            /** The room */
            room: number;
            /** Only higher account ids */
            after?: number;
            /** At most so many (100) */
            limit?: number;
        };
        answer: MemberList;
    };
    /** Messages of a room, oldest first: the newest page, or a page before or after a sequence. */
    'room.history': {
        body: {
            /** The room */
            room: number;
            /** Only lower sequences, the newest of them */
            before?: number;
            /** The same by the id of a message of this room */
            before_id?: number;
            /** Only higher sequences, the oldest of them */
            after?: number;
            /** This sequence in the middle of the page */
            around?: number;
            /** Only at or after this time, the oldest of them */
            since?: number;
            /** At most so many (50) */
            limit?: number;
        };
        answer: MessageList;
    };
    /** Rooms that one is asked into. */
    'room.invitations': {
        body: {
            /** Only higher room ids */
            after?: number;
            /** At most so many (100) */
            limit?: number;
        };
        answer: InvitationList;
    };
    /** Who must stay out; for owners and moderators. */
    'room.bans': {
        body: {
            /** The room */
            room: number;
            /** Only higher account ids */
            after?: number;
            /** At most so many (100) */
            limit?: number;
        };
        answer: BanList;
    };
    /** What one has not read, for each of one's rooms. */
    'room.unread': {
        body: {
            /** Only this one */
            room?: number;
            /** Only higher room ids */
            after?: number;
            /** At most so many (100) */
            limit?: number;
        };
        answer: UnreadList;
    };
    /** How far the members have read. */
    'room.readers': {
        body: {
            /** The room */
            room: number;
            /** Only higher account ids */
            after?: number;
            /** At most so many (100) */
            limit?: number;
        };
        answer: MarkerList;
    };
    /** The messages of a thread, oldest first. */
    'room.thread': {
        body: {
            /** The room */
            room: number;
            /** The message that began it */
            seq: number;
            /** Only higher sequences */
            after?: number;
            /** At most so many (50) */
            limit?: number;
        };
        answer: MessageList;
    };
    /** The pinned messages, by ascending sequence. */
    'room.pins': {
        body: {
            /** The room */
            room: number;
        };
        answer: MessageList;
    };
    /** One message. */
    'message.get': {
        body: {
            /** The room */
            room: number;
            /** The message */
            seq: number;
        };
        answer: Message;
    };
    /** One's own message with this client id, of the last 24 hours; an empty list if there is none. */
    'message.sent': {
        body: {
            /** As one gave it */
            client_id: string;
        };
        answer: MessageList;
    };
    /** Who reacted so. */
    'message.reactors': {
        body: {
            /** The room */
            room: number;
            /** The message */
            seq: number;
            /** How */
            emoji: string;
            /** Only higher account ids */
            after?: number;
            /** At most so many (100) */
            limit?: number;
        };
        answer: ReactorList;
    };
    /** A file of a room; only its readers may. */
    'file.get': {
        body: {
            /** The room */
            room: number;
            /** The file */
            id: string;
        };
        answer: File;
    };
    /** Whether one may upload a file for a room; asked before the content is taken. */
    'file.offer': {
        body: {
            /** The room */
            room: number;
            /** What it is called */
            name: string;
        };
        answer: FileOffered;
    };
    /** Messages in one's rooms that have all these words, or words that begin so; newest first. */
    'search.messages': {
        body: {
            /** Words */
            text: string;
            /** Only in this room */
            room?: number;
            /** Only older than the message with this id */
            before?: number;
            /** At most so many (20) */
            limit?: number;
        };
        answer: HitList;
    };
    /** Send a note to a person with whom one has an open chat or a match. */
    'notification.send': {
        body: {
            /** To whom */
            account: number;
            /** What it says; nothing is a nudge */
            text?: string;
            /** Makes a retry safe for 24 hours */
            client_id?: string;
        };
        answer: NoteSent;
    };
    /** One's notifications are read: one, those of a room, or all. */
    'notification.read': {
        body: {
            /** This one */
            id?: number;
            /** The one of this room's messages */
            room?: number;
        };
        answer: UnreadNotifications;
    };
    /** Take one notification out of the inbox, or all. */
    'notification.clear': {
        body: {
            /** This one; all if missing */
            id?: number;
        };
        answer: Nothing;
    };
    /** Whether one wants to know of something. */
    'notification.prefer': {
        body: {
            /** Of what */
            kind: 'message' | 'like' | 'unlike' | 'match' | 'visit' | 'connect' | 'note' | 'system' | 'report' | 'fake' | 'digest';
            /** on, off, or of messages `mentions` */
            wish: 'on' | 'mentions' | 'off';
            /** The same for Web Push, of what one wants at all; as it was if missing */
            push?: 'on' | 'mentions' | 'off';
        };
        answer: PreferenceList;
    };
    /** A word of the server's own to one person; for admins and API keys. */
    'notification.tell': {
        body: {
            /** To whom */
            account: number;
            /** What it says */
            text: string;
            /** Makes a retry safe for 24 hours */
            client_id?: string;
        };
        answer: NoteSent;
    };
    /** Be told by Web Push, in this browser, as long as this session lasts; again renews it. */
    'push.subscribe': {
        body: {
            /** `endpoint` of the browser's PushSubscription, with https */
            endpoint: string;
            /** Its `keys.p256dh` */
            p256dh: string;
            /** Its `keys.auth` */
            auth: string;
            /** What one calls it */
            device?: string;
        };
        answer: PushSubscription;
    };
    /** Be told in that browser no more. */
    'push.unsubscribe': {
        body: {
            /** Which, by its number, or … */
            id?: number;
            /** … by its endpoint */
            endpoint?: string;
        };
        answer: Nothing;
    };
    /** The browsers in which one is told by Web Push. */
    'push.list': {
        body: {
        };
        answer: PushSubscriptionList;
    };
    /** Send a webhook again that nobody took; for admins. */
    'webhook.retry': {
        body: {
            /** Which */
            id: number;
        };
        answer: Nothing;
    };
    /** Webhooks that nobody took, the last 1,000; for admins. */
    'webhook.failed': {
        body: {
            /** Only higher numbers */
            after?: number;
            /** At most so many (50) */
            limit?: number;
        };
        answer: WebhookList;
    };
    /** Whether one wants to know of a room's messages, whatever one's preference for messages is. */
    'notification.mute': {
        body: {
            /** A room that one is in */
            room: number;
            /** on, mentions or off; missing: as the preference is */
            wish?: 'on' | 'mentions' | 'off';
            /** Until when; for good if missing */
            until?: number;
        };
        answer: RoomWish;
    };
    /** The rooms of whose messages one wants to know otherwise than of others. */
    'notification.mutes': {
        body: {
            /** Only rooms with higher ids */
            after?: number;
            /** At most so many (50) */
            limit?: number;
        };
        answer: RoomWishList;
    };
    /** One's notifications, latest first. */
    'notification.list': {
        body: {
            /** Only those whose `place` is lower */
            before?: number;
            /** Only those that are not read */
            unread?: boolean;
            /** At most so many (50) */
            limit?: number;
        };
        answer: NotificationList;
    };
    /** How many of one's notifications are not read. */
    'notification.unread': {
        body: {
        };
        answer: UnreadNotifications;
    };
    /** What one wants to know of. */
    'notification.preferences': {
        body: {
        };
        answer: PreferenceList;
    };
    /** Change one's profile: only what is sent changes. */
    'profile.update': {
        body: {
            /** First name */
            first_name?: string;
            /** Last name */
            last_name?: string;
            /** female, male, or in one's own words */
            gender?: string;
            /** The gender that one looks for; any: whichever */
            preference?: string;
            /** Where one lives, in one's own words */
            city?: string;
            /** YYYY-MM-DD */
            birth?: string;
            /** Instead of `birth` */
            age?: number;
            /** In one's own words */
            description?: string;
            /** Interests: all of them */
            tags?: Tag[];
            /** Photos: all of them; the first is the main one if none is marked */
            photos?: Photo[];
            /** Latitude in millionths of a degree, with `lon` */
            lat?: number;
            /** Longitude, with `lat` */
            lon?: number;
            /** Be recommended to nobody */
            hidden?: boolean;
            /** Names of fields to empty, with spaces between; `position` is lat and lon */
            clear?: string;
        };
        answer: Profile;
    };
    /** A profile, and how one stands to its person. */
    'profile.get': {
        body: {
            /** Whose; one's own if missing */
            account?: number;
        };
        answer: Profile;
    };
    /** The profiles of these people; those that one may not see are left out. */
    'profile.list': {
        body: {
            /** Whose */
            accounts?: number[];
        };
        answer: ProfileList;
    };
    /** Take a photo out of one's profile; nothing stays of it. */
    'photo.remove': {
        body: {
            /** The photo */
            id: string;
        };
        answer: Profile;
    };
    /** Have a photo shown first. */
    'photo.set_main': {
        body: {
            /** The photo */
            id: string;
        };
        answer: Profile;
    };
    /** A photo of a profile; only who may see that may see it. */
    'photo.get': {
        body: {
            /** Whose */
            account: number;
            /** The photo */
            id: string;
        };
        answer: File;
    };
    /** Whether one may upload a photo; asked before the content is taken. */
    'photo.offer': {
        body: {
            /** It is to be the main one */
            main?: boolean;
            /** Id of the photo in whose place it comes */
            replaces?: string;
        };
        answer: PhotoOffered;
    };
    /** Say that one has looked at a profile; again within a minute it does nothing. */
    'people.visit': {
        body: {
            /** Whose */
            account: number;
        };
        answer: Nothing;
    };
    /** Like a person; if they like one too it is a match. */
    'people.like': {
        body: {
            /** Whom */
            account: number;
        };
        answer: Relation;
    };
    /** Take a like or a dislike back. */
    'people.unlike': {
        body: {
            /** Whom */
            account: number;
        };
        answer: Relation;
    };
    /** Have a person recommended no more; takes a like back. */
    'people.dislike': {
        body: {
            /** Whom */
            account: number;
        };
        answer: Relation;
    };
    /** Open the chat with a person; who closed it can open it again. */
    'people.connect': {
        body: {
            /** With whom */
            account: number;
        };
        answer: Relation;
    };
    /** Close the chat with a person: it takes no messages. */
    'people.disconnect': {
        body: {
            /** With whom */
            account: number;
        };
        answer: Relation;
    };
    /** Neither sees the other any more, nor hears of them. */
    'people.block': {
        body: {
            /** Whom */
            account: number;
        };
        answer: Relation;
    };
    /** Take a block back. */
    'people.unblock': {
        body: {
            /** Whom */
            account: number;
        };
        answer: Relation;
    };
    /** Tell the moderators of a person; while that is open, again does nothing. */
    'people.report': {
        body: {
            /** Whom */
            account: number;
            /** Why */
            reason: 'fake' | 'spam' | 'harassment' | 'nudity' | 'underage' | 'other';
            /** In one's own words */
            text?: string;
        };
        answer: Report;
    };
    /** People to get to know. */
    'people.recommend': {
        body: {
            /** best if missing */
            sort?: 'best' | 'distance' | 'age' | 'fame' | 'tags';
            /** `next` of the page before */
            cursor?: string;
            /** At most so many (20) */
            limit?: number;
            /** At least so old */
            age_min?: number;
            /** At most so old */
            age_max?: number;
            /** At most so many kilometres away */
            distance_max?: number;
            /** At least so much fame */
            fame_min?: number;
            /** At most so much */
            fame_max?: number;
            /** Have all of these tags; with commas between */
            tags?: string;
            /** A search: whatever anybody prefers, and also those whom one has liked, disliked or reported */
            any?: boolean;
        };
        answer: RecommendationList;
    };
    /** Which rules keep somebody out of one's recommendations. */
    'people.why_not': {
        body: {
            /** Whom */
            account: number;
            /** At least so old */
            age_min?: number;
            /** At most so old */
            age_max?: number;
            /** At most so many kilometres away */
            distance_max?: number;
            /** At least so much fame */
            fame_min?: number;
            /** At most so much */
            fame_max?: number;
            /** Have all of these tags; with commas between */
            tags?: string;
            /** A search: whatever anybody prefers, and also those whom one has liked, disliked or reported */
            any?: boolean;
        };
        answer: WhyNot;
    };
    /** Who has visited one's profile: each person's last visit. */
    'people.visits': {
        body: {
            /** Only lower numbers */
            before?: number;
            /** At most so many (50) */
            limit?: number;
        };
        answer: EncounterList;
    };
    /** Who likes one, or whom one likes. */
    'people.likes': {
        body: {
            /** Whom one likes */
            given?: boolean;
            /** Only lower numbers */
            before?: number;
            /** At most so many (50) */
            limit?: number;
        };
        answer: EncounterList;
    };
    /** With whom it is mutual. */
    'people.matches': {
        body: {
            /** Only lower numbers */
            before?: number;
            /** At most so many (50) */
            limit?: number;
        };
        answer: EncounterList;
    };
    /** Whom one blocks. */
    'people.blocks': {
        body: {
            /** Only lower numbers */
            before?: number;
            /** At most so many (50) */
            limit?: number;
        };
        answer: EncounterList;
    };
    /** The tags of profiles, the most used first. */
    'people.tags': {
        body: {
            /** Only those that begin so */
            prefix?: string;
            /** At most so many (50) */
            limit?: number;
        };
        answer: TagList;
    };
    /** Reports that wait for a decision; for moderators. */
    'report.list': {
        body: {
            /** Those that are decided, too */
            all?: boolean;
            /** Only higher ids */
            after?: number;
            /** At most so many (50) */
            limit?: number;
        };
        answer: ReportList;
    };
    /** Decide a report; a ban ends the person's sessions. For moderators. */
    'report.resolve': {
        body: {
            /** Which */
            report: number;
            /** dismissed, warned or banned */
            outcome: 'dismissed' | 'warned' | 'banned';
            /** Of a ban: until when; 0: for good */
            until?: number;
            /** To remember why */
            note?: string;
        };
        answer: Report;
    };
    /** Wait in a queue to be matched with others; one waits in one queue at a time. */
    'ticket.open': {
        body: {
            /** For what: only tickets of one queue meet */
            queue: string;
            /** Fewest people of a match, oneself among them; `max` if missing */
            min?: number;
            /** Most of them; `min` if missing, and 2 if both are */
            max?: number;
            /** Seconds for which only `max` will do */
            patience?: number;
            /** What one says of oneself */
            properties?: TicketProperty[];
            /** What one asks of the others */
            conditions?: TicketCondition[];
            /** What one asks of their profiles */
            people?: TicketPeople;
            /** Stay open when one goes offline */
            stay?: boolean;
            /** Wait for so long at most (300) */
            seconds?: number;
            /** Makes a retry safe: one's last ticket with it is answered again */
            client_id?: string;
        };
        answer: Ticket;
    };
    /** Wait no longer; whoever is matched already gets that as the answer. */
    'ticket.close': {
        body: {
            /** Only if it is this one */
            ticket?: number;
        };
        answer: Ticket;
    };
    /** One's last ticket, open or not. */
    'ticket.get': {
        body: {
        };
        answer: Ticket;
    };
    /** Queues in which somebody waits; for moderators. */
    'queue.list': {
        body: {
            /** At most so many (100) */
            limit?: number;
        };
        answer: QueueList;
    };
}

/** The calls that change nothing. */
export const queries: ReadonlySet<keyof Calls> = new Set<keyof Calls>([
    'key.list',
    'account.find',
    'session.list',
    'presence.get',
    'account.get',
    'account.list',
    'room.get',
    'room.between',
    'room.list',
    'room.ids',
    'room.members',
    'room.history',
    'room.invitations',
    'room.bans',
    'room.unread',
    'room.readers',
    'room.thread',
    'room.pins',
    'message.get',
    'message.sent',
    'message.reactors',
    'file.get',
    'file.offer',
    'search.messages',
    'push.list',
    'webhook.failed',
    'notification.mutes',
    'notification.list',
    'notification.unread',
    'notification.preferences',
    'profile.get',
    'profile.list',
    'photo.get',
    'photo.offer',
    'people.recommend',
    'people.why_not',
    'people.visits',
    'people.likes',
    'people.matches',
    'people.blocks',
    'people.tags',
    'report.list',
    'ticket.get',
    'queue.list',
]);

/** Every event that a client hears. */
export interface Events {
    /** Somebody came or went. */
    'presence.changed': {
        /** Who */
        account: number;
        /** Here, or gone */
        online: boolean;
    };
    /** A new shown name. */
    'account.renamed': {
        /** Whose */
        account: number;
        /** The name */
        username: string;
    };
    /** Another e-mail, not proven yet. */
    'email.changed': {
        /** Whose */
        account: number;
        /** The address; empty: none any more */
        email?: string;
    };
    /** An e-mail is proven; who had claimed it without proof loses it. */
    'email.verified': {
        /** Whose */
        account: number;
        /** The address */
        email: string;
    };
    /** An account may other things. */
    'role.changed': {
        /** Whose */
        account: number;
        /** What it is now */
        role: 'user' | 'moderator' | 'admin' | 'bot' | 'system';
    };
    /** A room was made. */
    'room.created': {
        /** The room */
        room: Room;
    };
    /** Somebody is in a room now. */
    'room.joined': {
        /** Who, where, as what */
        member: Membership;
    };
    /** Somebody left a room. */
    'room.left': {
        /** The room */
        room: number;
        /** Who left */
        account: number;
        /** Who put them out; 0: they left by themselves */
        by?: number;
    };
    /** A message was posted. */
    'room.posted': {
        /** The message */
        message: Message;
    };
    /** A room has another title or topic. */
    'room.changed': {
        /** As it is now */
        room: Room;
        /** Who changed it */
        by: number;
    };
    /** A room is gone with all that is in it. */
    'room.deleted': {
        /** The room */
        room: number;
        /** Who deleted it */
        by?: number;
    };
    /** A member may other things, or was muted. */
    'room.role_changed': {
        /** As it is now */
        member: Membership;
        /** Who said so */
        by?: number;
    };
    /** Somebody is asked into a room. */
    'room.invited': {
        /** Who, where, by whom */
        invitation: Invitation;
    };
    /** An invitation was turned down or taken back. */
    'room.uninvited': {
        /** The room */
        room: number;
        /** Who was asked */
        account: number;
        /** Who said so */
        by: number;
    };
    /** Somebody must stay out of a room. */
    'room.banned': {
        /** Who, where, why */
        ban: RoomBan;
    };
    /** They may come again. */
    'room.unbanned': {
        /** The room */
        room: number;
        /** Who */
        account: number;
        /** Who said so */
        by?: number;
    };
    /** Somebody is writing, or has stopped. */
    'room.typing': {
        /** The room */
        room: number;
        /** Who */
        account: number;
        /** Believe it until then; 0: they have stopped */
        until?: number;
    };
    /** A member has read on; told to the room if it is small, else to the member alone. */
    'room.read': {
        /** Who, how far */
        marker: ReadMarker;
    };
    /** A message says something else now. */
    'message.edited': {
        /** The room */
        room: number;
        /** The message */
        seq: number;
        /** What it says */
        text: string;
        /** Accounts that are mentioned now */
        mentions?: number[];
        /** All in the room are mentioned */
        everyone?: boolean;
    };
    /** A message was taken back. */
    'message.deleted': {
        /** The room */
        room: number;
        /** The message */
        seq: number;
        /** Its sender, or a moderator */
        by: number;
    };
    /** Somebody reacted to a message, or no longer does. */
    'message.reacted': {
        /** The room */
        room: number;
        /** The message */
        seq: number;
        /** Who */
        account: number;
        /** How */
        emoji: string;
        /** Reacted; else took it back */
        on?: boolean;
    };
    /** A message was pinned, or unpinned. */
    'message.pinned': {
        /** The room */
        room: number;
        /** The message */
        seq: number;
        /** Who did it */
        by: number;
        /** Pinned; else unpinned */
        on?: boolean;
    };
    /** Somebody opens a direct room to talk. */
    'room.requested': {
        /** Who is asked to talk */
        account: number;
        /** Who asks */
        by: number;
        /** Their direct room */
        room: number;
        /** Who of them asked for it first */
        first: number;
        /** The other one */
        second: number;
    };
    /** Somebody opened a room to listen, or closed it; of connections that tell so. */
    'room.presence': {
        /** The room */
        room: number;
        /** Who */
        account: number;
        /** Their shown name */
        username: string;
        /** Their public name */
        uuid?: string;
        /** Opened, or closed */
        here: boolean;
    };
    /** A person should know something; one of the same id takes the other's place. */
    'notified': {
        /** Of the notification; 0: it is told, and not kept */
        id?: number;
        /** Whose */
        account: number;
        /** What has happened */
        kind: 'message' | 'like' | 'unlike' | 'match' | 'visit' | 'connect' | 'note' | 'system' | 'report' | 'fake' | 'digest';
        /** Account that it comes from; 0: the server, or nobody shall know */
        from?: number;
        /** Its login */
        from_login?: string;
        /** Its shown name */
        from_username?: string;
        /** The room of the messages, or of a match */
        room?: number;
        /** Sequence of the last message */
        seq?: number;
        /** The beginning of the last message, or what the note says */
        text?: string;
        /** How many came since the last was read */
        count: number;
        /** One of the messages mentions the person, or answers them */
        mention?: boolean;
        /** When this one came */
        time: number;
        /** Its place in the inbox */
        place?: number;
        /** How many of the person's notifications are not read */
        unread?: number;
    };
    /** A person has read a notification, or all. */
    'notification.read': {
        /** Whose */
        account: number;
        /** Which; 0: all */
        id?: number;
        /** How many are not read now */
        unread: number;
    };
    /** A person has put a notification away, or all. */
    'notification.cleared': {
        /** Whose */
        account: number;
        /** Which; 0: all */
        id?: number;
        /** How many are not read now */
        unread: number;
    };
    /** A person wants to know of other things. */
    'notification.preferred': {
        /** Whose */
        account: number;
        /** Of what */
        kind: 'message' | 'like' | 'unlike' | 'match' | 'visit' | 'connect' | 'note' | 'system' | 'report' | 'fake' | 'digest';
        /** on, off, or of messages `mentions` */
        wish: 'on' | 'mentions' | 'off';
        /** The same for Web Push; missing: as it was */
        push?: 'on' | 'mentions' | 'off';
    };
    /** A person wants to know otherwise of a room's messages. */
    'notification.muted': {
        /** Who */
        account: number;
        /** The room */
        room: number;
        /** on, mentions or off; missing: as the preference for messages is */
        wish?: 'on' | 'mentions' | 'off';
        /** Until when; 0: for good */
        until?: number;
    };
    /** Somebody changed their profile; told to themselves. */
    'profile.updated': {
        /** As it is now */
        profile: Profile;
    };
    /** Somebody visited a profile. */
    'people.visited': {
        /** Whose */
        account: number;
        /** Who */
        by: number;
    };
    /** Somebody likes a person. */
    'people.liked': {
        /** Whom */
        account: number;
        /** Who */
        by: number;
    };
    /** Somebody likes a person no longer. */
    'people.unliked': {
        /** Whom */
        account: number;
        /** Who */
        by: number;
        /** It was mutual: that is over */
        matched?: boolean;
    };
    /** Somebody dislikes a person, or no longer does; told to themselves. */
    'people.disliked': {
        /** Whom */
        account: number;
        /** Who */
        by: number;
        /** Does; else no longer */
        on?: boolean;
    };
    /** Two like each other; their direct room opens. */
    'people.matched': {
        /** Who liked first, and is told */
        account: number;
        /** Whose like made it mutual */
        by: number;
    };
    /** Somebody opened a chat, or opened it again. */
    'people.connected': {
        /** With whom */
        account: number;
        /** Who */
        by: number;
    };
    /** Somebody closed a chat. */
    'people.disconnected': {
        /** With whom */
        account: number;
        /** Who */
        by: number;
    };
    /** Somebody blocks a person; told to themselves. */
    'people.blocked': {
        /** Whom */
        account: number;
        /** Who */
        by: number;
    };
    /** They no longer do. */
    'people.unblocked': {
        /** Whom */
        account: number;
        /** Who */
        by: number;
    };
    /** A report was decided; told to whoever made it. */
    'report.resolved': {
        /** Which */
        report: number;
        /** Whom it was about */
        account: number;
        /** Who had reported */
        by: number;
        /** What became of it */
        outcome: 'dismissed' | 'warned' | 'banned';
    };
    /** Somebody waits to be matched; told to themselves. */
    'ticket.opened': {
        /** The ticket */
        ticket: Ticket;
    };
    /** They wait no longer; told to themselves. */
    'ticket.closed': {
        /** Which */
        ticket: number;
        /** Whose */
        account: number;
        /** Why */
        reason: 'cancelled' | 'expired' | 'left' | 'removed';
    };
    /** The room of a match is open; told to each who is in it. */
    'ticket.matched': {
        /** Which was matched */
        ticket: number;
        /** Whose */
        account: number;
        /** For what */
        queue: string;
        /** The match */
        match: number;
        /** Its room */
        room: number;
        /** Who is in the match */
        accounts: number[];
    };
}

/** Every way to be refused, by the name in `error.name`. */
export type ErrorName =
    | 'malformed'
    | 'invalid'
    | 'unknown_field'
    | 'unknown_type'
    | 'unauthenticated'
    | 'bad_credentials'
    | 'session_ended'
    | 'forbidden'
    | 'not_found'
    | 'method_not_allowed'
    | 'timeout'
    | 'exists'
    | 'client_id_reused'
    | 'too_old'
    | 'length_required'
    | 'too_large'
    | 'too_many'
    | 'headers_too_large'
    | 'banned'
    | 'unsupported_type'
    | 'internal'
    | 'unavailable'
    | 'not_done'
    | 'unknown_outcome'
    | 'storage'
    | 'corrupt'
    | 'blocked'
    | 'closed'
    | 'waiting'
    | 'vetoed';
