#include "tools/kith/filter.h"

#include "schema/type.h"

static bool s_type_fits(const char *prefix, uint16_t number)
{
    const event_type_t *type = event_type(number);
    return type != NULL && slice_starts(slice_of(type->name), slice_of(prefix));
}

bool filter_fits(const options_t *options, const record_t *record)
{
    if (options->type != NULL && !s_type_fits(options->type, record->type))
        return false;
    if (options->room != 0 && record->room != options->room)
        return false;
    return options->account == 0 || record->account == options->account ||
           record->principal == options->account;
}

bool filter_any(const options_t *options)
{
    return options->type != NULL || options->room != 0 || options->account != 0;
}
