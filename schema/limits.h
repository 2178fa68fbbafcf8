/* limits.h - the numbers of limits.def as constants: LIMIT_TEXT and so on. */
#ifndef SCHEMA_LIMITS_H
#define SCHEMA_LIMITS_H

enum {
#define LIMIT(name, value, unit, doc) LIMIT_##name = value,
#include "schema/limits.def"
#undef LIMIT
};

#endif
