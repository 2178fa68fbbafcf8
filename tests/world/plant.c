/* plant.c - each is a table row: what the seam does otherwise. */
#include "tests/world/plant.h"

#include <stdio.h>
#include <string.h>

#include "schema/envelope.h"
#include "schema/mem.h"
#include "schema/type.h"
#include "tests/world/disk.h"
#include "tests/world/net.h"

/* ---- the disk ---- */

static void s_ack_before_sync(void)
{
    disk_lie(true);
}

static void s_error_ignored(void)
{
    disk_hush(true);
}

/* ---- messages ---- */

/* Each sending has a client id of its own: "cid-000012-0", "cid-000012-1" … */
static void s_forget_client_ids(bool up, buf_t *message)
{
    static uint8_t next;
    for (size_t i = 0; up && i + 12 <= message->len; i++)
        if (memcmp(message->data + i, "cid-", 4) == 0 && message->data[i + 10] == '-')
            message->data[i + 11] = (uint8_t)('0' + next++ % 10);
}

static void s_dedupe_off(void)
{
    net_tamper(s_forget_client_ids);
}

/* Two records of the same room, one behind the other, change places. */
static void s_swap(bool up, buf_t *message)
{
    slice_t in = buf_slice(message);
    record_t first, second;
    if (up || envelope_kind(in) != ENVELOPE_RECORD || record_read(&in, &first) != ERR_OK ||
        envelope_kind(in) != ENVELOPE_RECORD || record_read(&in, &second) != ERR_OK)
        return;
    if (first.room == 0 || first.room != second.room || first.seq == 0 || second.seq == 0)
        return;
    buf_t swapped = {0};
    buf_append(&swapped, second.bytes);
    buf_append(&swapped, first.bytes);
    buf_append(&swapped, in);
    buf_free(message);
    *message = swapped;
}

static void s_order_swapped(void)
{
    net_tamper(s_swap);
}

/* Records of one type do not arrive. */
static void s_leave_out(buf_t *message, uint16_t type)
{
    buf_t rest = {0};
    slice_t in = buf_slice(message);
    record_t record;
    while (in.len > 0 && envelope_kind(in) == ENVELOPE_RECORD &&
           record_read(&in, &record) == ERR_OK)
        if (record.type != type)
            buf_append(&rest, record.bytes);
    buf_append(&rest, in);
    buf_free(message);
    *message = rest;
}

static void s_leave_out_blocks(bool up, buf_t *message)
{
    if (!up)
        s_leave_out(message, EVENT_people_blocked);
}

static void s_block_ignored(void)
{
    net_tamper(s_leave_out_blocks);
}

/* Who comes and goes is not told. */
static void s_leave_out_presence(bool up, buf_t *message)
{
    buf_t rest = {0};
    slice_t in = buf_slice(message);
    call_t call;
    while (up && in.len > 0 && envelope_kind(in) == ENVELOPE_CALL &&
           call_read(&in, &call) == ERR_OK)
        if (call.type != CALL_presence_set)
            buf_append(&rest, call.bytes);
    buf_append(&rest, in);
    buf_free(message);
    *message = rest;
}

static void s_presence_lost(void)
{
    net_tamper(s_leave_out_presence);
}

static const struct {
    const char *name;
    void (*plant)(void);
} s_faults[] = {
    {"ack-before-sync", s_ack_before_sync}, {"error-ignored", s_error_ignored},
    {"dedupe-off", s_dedupe_off},           {"order-swapped", s_order_swapped},
    {"block-ignored", s_block_ignored},     {"presence-lost", s_presence_lost},
};

bool plant(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(s_faults); i++) {
        if (strcmp(s_faults[i].name, name) != 0)
            continue;
        s_faults[i].plant();
        return true;
    }
    return false;
}

int plant_list(void)
{
    for (size_t i = 0; i < COUNT_OF(s_faults); i++)
        puts(s_faults[i].name);
    return 0;
}
