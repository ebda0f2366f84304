/* SPDX-License-Identifier: BSD-3-Clause
 * inference.c: what of a trained model is left to compute, and who computes which images. */
#include "nn/inference.h"

#include "nn/elide.h"
#include "nn/model_link.h"

#include <string.h>

enum {
    NONE = -1,
    PART_FLOATS = 128 << 10, /* of activations: 512 KiB, half of a usual L2, beside the weights */
    PART_MOST = 64           /* images */
};

/* ---------------------------------------------------------------- what is left of the model */

static bool folds(const lw_model *trained, const lw_layer *l)
{
    if (l->type != &lw_layer_batchnorm || l->from[0] == LW_IMAGE) return false;
    const lw_layer *before = &trained->layer[l->from[0]];
    return before->readers == 1 && !before->relu && (before->type == &lw_layer_conv || before->type == &lw_layer_dense);
}

/* As the parser leaves a layer. */
static void unlink_layer(lw_layer *l)
{
    l->readers = 0;
    l->learns = l->frozen = l->in_place = l->passes_diff = false;
    l->masks_input = l->masked = l->pools = l->pooled = false;
}

static void keep(lw_inference *inf, const lw_layer *l, const int *now)
{
    const int at = inf->model.layers++;
    lw_layer *kept = &inf->model.layer[at];
    *kept = *l;
    kept->index = at;
    for (int j = 0; j < l->inputs; j++) kept->from[j] = l->from[j] == LW_IMAGE ? LW_IMAGE : now[l->from[j]];
    unlink_layer(kept);
    inf->layer_of[at] = l->index;
    inf->norm_of[at] = NONE;
}

/* The last layer stays whatever it is: its output is the answer. */
static void simplify(lw_inference *inf, const lw_model *trained)
{
    int now[LW_MODEL_LAYERS]; /* which layer gives what this one gave */
    inf->model = (lw_model){.input = trained->input, .classes = trained->classes};
    for (int i = 0; i < trained->layers; i++) {
        const lw_layer *l = &trained->layer[i];
        const bool last = i == trained->layers - 1, gone = l->type == &lw_layer_dropout, folded = folds(trained, l);
        now[i] = inf->model.layers;
        if (last || !(gone || folded)) {
            keep(inf, l, now);
            continue;
        }
        now[i] = l->from[0] == LW_IMAGE ? LW_IMAGE : now[l->from[0]];
        if (!folded) continue;
        inf->model.layer[now[i]].relu = l->relu;
        inf->norm_of[now[i]] = i;
    }
    lw_model_link(&inf->model);
    lw_model_elide(&inf->model);
}

static int part_of(const lw_model *model)
{
    ptrdiff_t floats = lw_dims_count(model->input);
    for (int i = 0; i < model->layers; i++)
        if (!model->layer[i].pools && !model->layer[i].in_place) floats += lw_dims_count(model->layer[i].used_out);
    const ptrdiff_t part = PART_FLOATS / floats;
    return part < 1 ? 1 : part > PART_MOST ? PART_MOST : (int)part;
}

/* ---------------------------------------------------------------- memory */

bool lw_inference_init(lw_inference *inf, const lw_model *trained, const lw_dispatch *kernels, int members, lw_error *err)
{
    *inf = (lw_inference){.members = members};
    simplify(inf, trained);
    inf->part = part_of(&inf->model);
    inf->net = lw_alloc((size_t)members * sizeof *inf->net);
    if (!inf->net) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the networks of %d threads", members);
    memset(inf->net, 0, (size_t)members * sizeof *inf->net);
    for (int i = 0; i < members; i++) {
        lw_net *net = &inf->net[i];
        if (!lw_net_init_answers(net, &inf->model, kernels, inf->part, i ? 1 : members, i ? inf->net : NULL, err)) {
            lw_inference_free(inf);
            return false;
        }
        memset(net->label, 0, (size_t)inf->part * sizeof *net->label);
    }
    return true;
}

void lw_inference_free(lw_inference *inf)
{
    for (int i = 0; inf->net && i < inf->members; i++) lw_net_free(&inf->net[i]);
    lw_free(inf->net);
    inf->net = NULL;
}

void lw_inference_load(lw_inference *inf, const lw_net *trained)
{
    const lw_model *model = &inf->model;
    inf->scale = trained->pixel_scale;
    inf->shift = trained->pixel_shift;
    for (int i = 0; i < inf->members; i++) inf->net[i].packed = false;
    for (int i = 0; i < model->layers; i++) {
        const lw_tensors *from = &trained->tensors[inf->layer_of[i]], *to = &inf->net[0].tensors[i];
        for (int j = 0; j < model->layer[i].params; j++)
            memcpy(to->param[j], from->param[j], (size_t)lw_param_count(&model->layer[i].param[j]) * sizeof(float));
        if (inf->norm_of[i] == NONE) continue;
        const int channels = model->layer[i].out.c;
        lw_batchnorm_fold(&trained->model->layer[inf->norm_of[i]], trained->tensors[inf->norm_of[i]].param,
                          lw_param_count(&model->layer[i].param[0]) / channels, to->param[0], to->param[1]);
    }
}

/* ---------------------------------------------------------------- a batch */

/* Images [first, first + count), by this member's share of `team`. */
static void run_part(const lw_inference *inf, lw_net *net, const lw_inference_batch *b, ptrdiff_t first, int count,
                     const lw_team *team)
{
    const ptrdiff_t size = lw_dims_count(inf->model.input), classes = inf->model.classes;
    const lw_normalize_u8_args input = {count * size, b->pixels + first * size, inf->scale, inf->shift, net->input};
    net->kernels->op[LW_OP_NORMALIZE_U8]->fn.normalize_u8(&input, NULL, team);
    for (int i = 0; b->labels && team->id == 0 && i < count; i++) net->label[i] = b->labels[first + i];
    lw_team_sync(team);
    const lw_pass pass = {.kernels = net->kernels, .team = team, .workspace = net->workspace, .packed = net->packed, .mb = count};
    lw_net_forward(net, &pass);
    if (team->id == 0) {
        net->packed = true;
        memcpy(b->prob + first * classes, net->prob, (size_t)(count * classes) * sizeof(float));
        if (b->loss) memcpy(b->loss + first, net->loss, (size_t)count * sizeof(float));
    }
    lw_team_sync(team); /* the next part overwrites what member 0 copies */
}

void lw_inference_run(const lw_inference *inf, const lw_inference_batch *b, const lw_team *team)
{
    const ptrdiff_t shared = b->count / inf->part / team->size * team->size * inf->part; /* a part for each, as often as it goes */
    for (ptrdiff_t first = team->id * (ptrdiff_t)inf->part; first < shared; first += team->size * (ptrdiff_t)inf->part)
        run_part(inf, &inf->net[team->id], b, first, inf->part, &lw_team_solo);
    lw_team_sync(team); /* the first network was member 0's own */
    for (ptrdiff_t first = shared; first < b->count; first += inf->part) {
        const ptrdiff_t left = b->count - first;
        const lw_team *who = left > 1 ? team : &lw_team_solo; /* meeting after each layer costs what half an image saves */
        if (left > 1 || team->id == 0) run_part(inf, &inf->net[0], b, first, left < inf->part ? (int)left : inf->part, who);
    }
    lw_team_sync(team);
}
