#include "ws-edge/page.h"

static int s_health(const edge_t *edge, buf_t *body)
{
    (void)edge;
    buf_append_text(body, "{\"alive\":true}");
    return 200;
}

static int s_readiness(const edge_t *edge, buf_t *body)
{
    bool ready = edge->ready && edge_serves(edge);
    buf_append_text(body, ready ? "{\"ready\":true}" : "{\"ready\":false}");
    return ready ? 200 : err_info(ERR_UNAVAILABLE)->status;
}

static int s_front(const edge_t *edge, buf_t *body)
{
    (void)edge;
    buf_append_text(body, "{\"name\":\"kith\",\"version\":\"" KITH_VERSION "\",\"api\":\"/v1\","
                          "\"websocket\":\"/v1/ws\",\"documents\":\"ws-edge/NATIVE.md\"}");
    return 200;
}

static const struct {
    const char *path;
    int (*show)(const edge_t *edge, buf_t *body);
} s_pages[] = {
    {"/", s_front},
    {"/healthz", s_health},
    {"/readyz", s_readiness},
};

int page_show(const edge_t *edge, const request_t *request, buf_t *body)
{
    if (request->method != METHOD_GET && request->method != METHOD_HEAD)
        return 0;
    for (size_t i = 0; i < COUNT_OF(s_pages); i++)
        if (slice_is(request->path, s_pages[i].path))
            return s_pages[i].show(edge, body);
    return 0;
}
