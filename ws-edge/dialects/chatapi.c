#include "ws-edge/dialect.h"
const dialect_t chatapi_dialect = {.name = "chatapi"};
