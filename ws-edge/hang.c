/* hang.c - pictures are on the shelf before a profile shows them. */
#include "ws-edge/hang.h"

#include "ws-edge/answer.h"

/* A call that waits for its pictures. */
typedef struct hanging {
    errand_t *errand;
    gallery_t *gallery;
    uint16_t call;
    buf_t args; /* packed */
} hanging_t;

static void s_free(hanging_t *hanging)
{
    gallery_destroy(&hanging->gallery);
    buf_free(&hanging->args);
    mem_free(hanging);
}

static void s_on_stored(void *ctx, err_t err)
{
    hanging_t *hanging = ctx;
    errand_t *errand = hanging->errand;
    const call_type_t *type = call_type(hanging->call);
    fault_t fault;
    arena_reset(errand->edge->arena);
    visit_t visit = errand_visit(errand);
    visit.call = hanging->call;
    if (err == ERR_OK)
        err = codec_unpack(buf_slice(&hanging->args), type->shape(), visit.arena, &fault,
                           &visit.args);
    if (err != ERR_OK) {
        answer_t refusal = answer_refuse(type, err, NULL);
        errand_refuse(errand, &visit, &refusal);
    }
    errand_go_on(errand, &visit);
    s_free(hanging);
}

answer_t hang_pictures(errand_t *errand, const visit_t *visit)
{
    edge_t *edge = errand->edge;
    const call_type_t *type = call_type(visit->call);
    answer_t refusal = answer_refuse(type, ERR_TOO_MANY, NULL);
    refusal.retry_after_s = toll_pay_upload(
        &edge->toll, &errand->payer, gallery_bytes(errand->gallery), loop_now_us(edge->loop));
    if (refusal.retry_after_s > 0)
        return refusal;
    hanging_t *hanging = mem_new(hanging_t);
    hanging->errand = errand;
    hanging->gallery = TAKE(errand->gallery);
    hanging->call = visit->call;
    codec_pack(&hanging->args, type->shape(), visit->args);
    gallery_store(hanging->gallery, edge, s_on_stored, hanging);
    return answer_refuse(type, ERR_OK, NULL);
}
