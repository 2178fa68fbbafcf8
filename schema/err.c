#include "schema/err.h"

static const err_info_t s_table[] = {
#define ERROR(id, name, status, close, retryable, sentence) \
    {name, status, close, retryable, sentence},
#include "schema/err.def"
#undef ERROR
};

const err_info_t *err_info(err_t err)
{
    bool known = (int)err >= 0 && err < ERR_COUNT_;
    return &s_table[known ? err : ERR_INTERNAL];
}
