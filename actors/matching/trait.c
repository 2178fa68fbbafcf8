#include "actors/matching/trait.h"

#include "schema/text.h"

slice_t trait_word(slice_t text, arena_t *arena)
{
    while (text.len > 0 && text.ptr[0] == ' ')
        text = slice_from(text, 1);
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    uint8_t *word = arena_alloc(arena, text.len + 1);
    text_lower(text, word);
    return slice_new(word, text.len);
}

uint64_t trait_of(slice_t word)
{
    uint32_t hash = UINT32_C(2166136261);
    for (size_t i = 0; i < word.len; i++)
        hash = (hash ^ word.ptr[i]) * UINT32_C(16777619);
    return word.len == 0 ? 0 : hash != 0 ? hash : 1;
}

ids_t traits_of(list_t tags, arena_t *arena)
{
    const tag_t *items = tags.items;
    uint64_t *traits = arena_alloc(arena, tags.count * sizeof *traits + 1);
    ids_t list = {traits, 0};
    for (size_t i = 0; i < tags.count; i++) {
        uint64_t trait = trait_of(items[i].name);
        if (!ids_have(list, trait))
            traits[list.count++] = trait;
    }
    return list;
}

err_t traits_read(slice_t text, arena_t *arena, ids_t *ret_traits)
{
    tag_t tags[LIMIT_TAGS];
    size_t count = 0;
    while (text.len > 0) {
        const uint8_t *comma = memchr(text.ptr, ',', text.len);
        size_t len = comma != NULL ? (size_t)(comma - text.ptr) : text.len;
        slice_t word = trait_word(slice_new(text.ptr, len), arena);
        if (word.len > 0 && count == LIMIT_TAGS)
            return ERR_INVALID;
        if (word.len > 0)
            tags[count++] = (tag_t){.name = word};
        text = slice_from(text, comma != NULL ? len + 1 : len);
    }
    *ret_traits = traits_of((list_t){tags, count}, arena);
    return ERR_OK;
}
