/* json_read.c - a JSON document becomes a tree, as RFC 8259 has it.
 *
 *   text ── copied into the tree ── read once, from the left
 *             └─ texts are unescaped where they stand: what they become is never longer
 *
 * Every message of a client passes through here, hence no allocation for each value: what is
 * read waits on a stack until its array or object is closed, and then lies in one piece.  All is
 * UTF-8 before it is looked at, so whatever is above 0x7f can be passed over. */
#include <assert.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "schema/json_tree.h"
#include "schema/limits.h"
#include "schema/mem.h"
#include "schema/text.h"

enum {
    NODES_FIRST = 24, /* of the tree's own block */
    NODES_MORE = 256, /* of another block, at least */
    WAITING = 32,     /* that may be on the stack without an allocation */
    PAIRS_MAX = 12,   /* members that are compared each with each */
};

typedef struct block {
    struct block *older;
    json_node_t nodes[];
} block_t;

/* `root` comes first: who holds it holds the tree. */
typedef struct tree {
    json_node_t root;
    block_t *newest;
    json_node_t *free; /* the next of those that are left in a block */
    size_t left;
    json_node_t nodes[NODES_FIRST];
    char text[];
} tree_t;

typedef struct reader {
    tree_t *tree;
    char *at; /* the text ends with a NUL, and has none before */
    const char *end;
    json_node_t first[WAITING];
    json_node_t *waiting; /* read, and in nothing yet */
    size_t count;
    size_t size;
    unsigned depth;
} reader_t;

static bool s_value(reader_t *reader, json_node_t *node);

/* ---- memory ---- */

static tree_t *s_tree_new(slice_t text)
{
    tree_t *tree = mem_grow(NULL, sizeof *tree + text.len + 1);
    memcpy(tree->text, text.ptr, text.len);
    tree->text[text.len] = '\0';
    tree->newest = NULL;
    tree->free = tree->nodes;
    tree->left = NODES_FIRST;
    return tree;
}

static void s_tree_free(tree_t *tree)
{
    while (tree->newest != NULL) {
        block_t *block = tree->newest;
        tree->newest = block->older;
        mem_free(block);
    }
    mem_free(tree);
}

/* Room for so many nodes side by side. */
static json_node_t *s_nodes(tree_t *tree, size_t count)
{
    if (count > tree->left) {
        size_t size = count > NODES_MORE ? count : NODES_MORE;
        block_t *block = mem_grow(NULL, sizeof *block + size * sizeof *block->nodes);
        block->older = tree->newest;
        tree->newest = block;
        tree->free = block->nodes;
        tree->left = size;
    }
    json_node_t *nodes = tree->free;
    tree->free += count;
    tree->left -= count;
    return nodes;
}

static void s_push(reader_t *reader, const json_node_t *node)
{
    if (reader->count == reader->size) {
        bool first = reader->waiting == reader->first;
        reader->size *= 2;
        reader->waiting =
            mem_grow(first ? NULL : reader->waiting, reader->size * sizeof *reader->waiting);
        if (first)
            memcpy(reader->waiting, reader->first, sizeof reader->first);
    }
    reader->waiting[reader->count++] = *node;
}

/* What waits from `start` on are the items of that node. */
static void s_close(reader_t *reader, size_t start, json_node_t *node)
{
    size_t count = reader->count - start;
    json_node_t *items = s_nodes(reader->tree, count);
    memcpy(items, reader->waiting + start, count * sizeof *items);
    reader->count = start;
    node->items = items;
    node->count = (uint32_t)count;
}

/* ---- between values ---- */

static void s_skip_space(reader_t *reader)
{
    while (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\r' || *reader->at == '\t')
        reader->at++;
}

static bool s_take(reader_t *reader, char byte)
{
    s_skip_space(reader);
    if (*reader->at != byte)
        return false;
    reader->at++;
    return true;
}

/* ---- texts ---- */

static bool s_hex4(const char *at, uint32_t *ret_unit)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        char digit = at[i];
        uint32_t value = digit >= '0' && digit <= '9'   ? (uint32_t)(digit - '0')
                         : digit >= 'a' && digit <= 'f' ? (uint32_t)(digit - 'a' + 10)
                         : digit >= 'A' && digit <= 'F' ? (uint32_t)(digit - 'A' + 10)
                                                        : 16;
        if (value == 16)
            return false; /* the NUL at the end, too */
        unit = unit << 4 | value;
    }
    *ret_unit = unit;
    return true;
}

/* The code point behind `\u`, of one unit of UTF-16 or a pair; bytes of it all, or 0. */
static size_t s_escaped_point(const char *at, uint32_t *ret_point)
{
    uint32_t high, low;
    if (!s_hex4(at, &high) || high == 0 || (high >= 0xdc00 && high <= 0xdfff))
        return 0;
    *ret_point = high;
    if (high < 0xd800 || high > 0xdbff)
        return 4;
    if (at[4] != '\\' || at[5] != 'u' || !s_hex4(at + 6, &low) || low < 0xdc00 || low > 0xdfff)
        return 0;
    *ret_point = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    return 10;
}

/* What stands behind a backslash, unescaped to *out, which moves on. */
static bool s_escape(reader_t *reader, char **out)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char letter = *reader->at++;
    if (letter == 'u') {
        uint32_t point;
        size_t len = s_escaped_point(reader->at, &point);
        if (len > 0)
            *out += text_encode(point, (uint8_t *)*out);
        reader->at += len;
        return len > 0;
    }
    const char *found = letter != '\0' ? strchr(letters, letter) : NULL;
    if (found == NULL)
        return false;
    *(*out)++ = meant[found - letters];
    return true;
}

static bool s_ordinary(char byte)
{
    return (unsigned char)byte >= 0x20 && byte != '"' && byte != '\\';
}

/* Behind the opening quote; gives where it begins and how many bytes it has. */
static bool s_text(reader_t *reader, const char **ret_text, uint32_t *ret_len)
{
    char *start = reader->at, *out;
    reader->at += json_ordinary(slice_new(start, (size_t)(reader->end - start)));
    for (out = reader->at; *reader->at != '"';) {
        if (s_ordinary(*reader->at))
            *out++ = *reader->at++;
        else if (*reader->at++ != '\\' || !s_escape(reader, &out))
            return false;
    }
    reader->at++;
    *out = '\0';
    *ret_text = start;
    *ret_len = (uint32_t)(out - start);
    return true;
}

/* ---- numbers ---- */

static bool s_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* At least one. */
static bool s_digits(reader_t *reader)
{
    if (!s_is_digit(*reader->at))
        return false;
    while (s_is_digit(*reader->at))
        reader->at++;
    return true;
}

/* The program's language may have another sign between a number and its fraction. */
static bool s_real(const char *start, const char *end, json_node_t *node)
{
    char *read_to;
    node->kind = JSON_REAL;
    node->real = strtod_l(start, &read_to, newlocale(LC_ALL_MASK, "C", NULL));
    return read_to == end && isfinite(node->real);
}

/* Of digits alone, with a sign or none; false beyond 64 bits. */
static bool s_integer(const char *start, const char *end, json_node_t *node)
{
    bool negative = *start == '-';
    uint64_t value = 0, most = negative ? UINT64_C(1) << 63 : INT64_MAX;
    for (const char *at = start + negative; at < end; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    node->kind = JSON_INTEGER;
    node->integer = (int64_t)(negative ? -value : value);
    return true;
}

static bool s_number(reader_t *reader, json_node_t *node)
{
    const char *start = reader->at;
    bool whole = true;
    reader->at += *reader->at == '-';
    if (*reader->at == '0')
        reader->at++;
    else if (!s_digits(reader))
        return false;
    if (*reader->at == '.') {
        whole = false;
        reader->at++;
        if (!s_digits(reader))
            return false;
    }
    if (*reader->at == 'e' || *reader->at == 'E') {
        whole = false;
        reader->at++;
        reader->at += *reader->at == '+' || *reader->at == '-';
        if (!s_digits(reader))
            return false;
    }
    return (whole && s_integer(start, reader->at, node)) || s_real(start, reader->at, node);
}

/* ---- arrays and objects ---- */

static int s_by_name(const void *a, const void *b)
{
    return strcmp((*(const json_node_t *const *)a)->name, (*(const json_node_t *const *)b)->name);
}

/* Of as many as a stranger likes. */
static bool s_sorted_names_differ(const json_node_t *members, size_t count)
{
    const json_node_t **sorted = mem_grow(NULL, count * sizeof(const json_node_t *));
    bool differ = true;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &members[i];
    qsort(sorted, count, sizeof *sorted, s_by_name);
    for (size_t i = 1; i < count && differ; i++)
        differ = s_by_name(&sorted[i - 1], &sorted[i]) != 0;
    mem_free(sorted);
    return differ;
}

static bool s_names_differ(const json_node_t *members, size_t count)
{
    if (count > PAIRS_MAX)
        return s_sorted_names_differ(members, count);
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(members[i].name, members[j].name) == 0)
                return false;
    return true;
}

static bool s_array(reader_t *reader, json_node_t *node)
{
    size_t start = reader->count;
    node->kind = JSON_ARRAY;
    if (!s_take(reader, ']')) {
        do {
            json_node_t item = {0};
            if (!s_value(reader, &item))
                return false;
            s_push(reader, &item);
        } while (s_take(reader, ','));
        if (!s_take(reader, ']'))
            return false;
    }
    s_close(reader, start, node);
    return true;
}

static bool s_member(reader_t *reader)
{
    json_node_t member = {0};
    uint32_t len;
    if (!s_take(reader, '"') || !s_text(reader, &member.name, &len) || !s_take(reader, ':') ||
        !s_value(reader, &member))
        return false;
    s_push(reader, &member);
    return true;
}

static bool s_object(reader_t *reader, json_node_t *node)
{
    size_t start = reader->count;
    node->kind = JSON_OBJECT;
    if (!s_take(reader, '}')) {
        do
            if (!s_member(reader))
                return false;
        while (s_take(reader, ','));
        if (!s_take(reader, '}'))
            return false;
    }
    s_close(reader, start, node);
    return s_names_differ(node->items, node->count);
}

static bool s_nested(reader_t *reader, json_node_t *node, bool (*read)(reader_t *, json_node_t *))
{
    reader->at++;
    bool good = ++reader->depth <= LIMIT_JSON_DEPTH && read(reader, node);
    reader->depth--;
    return good;
}

/* ---- values ---- */

static bool s_word(reader_t *reader, const char *word, json_kind_t kind, json_node_t *node)
{
    size_t len = strlen(word);
    if (strncmp(reader->at, word, len) != 0)
        return false;
    reader->at += len;
    node->kind = kind;
    return true;
}

static bool s_value(reader_t *reader, json_node_t *node)
{
    s_skip_space(reader);
    switch (*reader->at) {
    case '{':
        return s_nested(reader, node, s_object);
    case '[':
        return s_nested(reader, node, s_array);
    case '"':
        reader->at++;
        node->kind = JSON_TEXT;
        return s_text(reader, &node->text, &node->count);
    case 't':
        return s_word(reader, "true", JSON_TRUE, node);
    case 'f':
        return s_word(reader, "false", JSON_FALSE, node);
    case 'n':
        return s_word(reader, "null", JSON_NULL, node);
    default:
        return s_number(reader, node);
    }
}

/* Who refuses may have stepped over the NUL at the end: nothing is read after that. */
static bool s_document(reader_t *reader, json_node_t *root)
{
    if (!s_value(reader, root))
        return false;
    s_skip_space(reader);
    return true;
}

err_t json_parse(slice_t text, const json_node_t **ret_root)
{
    if (text.len == 0 || text.len > UINT32_MAX || !text_valid(text))
        return ERR_MALFORMED;
    reader_t reader;
    reader.tree = s_tree_new(text);
    reader.at = reader.tree->text;
    reader.end = reader.at + text.len;
    reader.waiting = reader.first;
    reader.size = WAITING;
    reader.count = reader.depth = 0;
    reader.tree->root = (json_node_t){0};
    bool good = s_document(&reader, &reader.tree->root) && reader.at == reader.end;
    if (reader.waiting != reader.first)
        mem_free(reader.waiting);
    if (good)
        *ret_root = &reader.tree->root;
    else
        s_tree_free(reader.tree);
    return good ? ERR_OK : ERR_MALFORMED;
}

void json_free(const json_node_t **root_p)
{
    if (*root_p != NULL)
        s_tree_free((tree_t *)(uintptr_t)*root_p);
    *root_p = NULL;
}
